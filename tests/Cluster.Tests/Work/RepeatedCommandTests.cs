using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Drills;
using GdmOptEtq.Cluster.Tests.Worker;
using GdmOptEtq.Cluster.Work;
using WriteProducts = GdmOptEtq.Pipeline.Stages.WriteProducts;
using ResultStaging = GdmOptEtq.Pipeline.Stages.ResultStaging;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class RepeatedCommandTests
{
    [Fact]
    public async Task Commands_that_come_again_after_the_end_leave_the_products_alone()
    {
        using var local = new SmallJob();
        string output = local.Folder["result"];
        var work = new PipelineWork(local.Folder["work"], null, 1, TimeProvider.System);
        await using var cluster = await StubCluster.StartAsync(work, work);
        var job = local.NewJob(output);
        await cluster.Store.AcceptAsync(job, default);
        var ended = await cluster.UntilEndedAsync(job.Id);
        ended.Phase.ShouldBe(JobPhase.Succeeded, ended.Message);
        LocalResult.DigestsOf(output).OrderBy(entry => entry.Key).ShouldBe(local.Digests.OrderBy(entry => entry.Key));
        Waiting(local).ShouldBeEmpty("what is published waits no longer");
        File.SetLastWriteTimeUtc(Path.Combine(output, "job.json"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var shape = ended.Shape!;
        await work.DoAsync(new SummariseStack(job.Id, shape.SummaryUnit(0), 2, []) { ProductsFollow = true }, default);
        await work.DoAsync(new WriteProduct(job.Id, shape.ProductUnit(0, 3), 2, []), default);
        await work.DoAsync(new PublishResult(job.Id, shape.PublicationUnit(0), 2, []), default);
        File.GetLastWriteTimeUtc(Path.Combine(output, "job.json")).Year.ShouldBe(2020);
        Waiting(local).ShouldBeEmpty("nobody would fetch it");

        // What a user deleted is made again.
        File.Delete(Path.Combine(output, "job.json"));
        await work.DoAsync(new PublishResult(job.Id, shape.PublicationUnit(0), 3, []), default);
        LocalResult.DigestsOf(output).OrderBy(entry => entry.Key).ShouldBe(local.Digests.OrderBy(entry => entry.Key));
    }

    [Fact]
    public async Task A_summary_from_a_coordinator_that_knows_no_products_writes_and_publishes_them()
    {
        using var local = new SmallJob();
        string output = local.Folder["result"];
        var work = new PipelineWork(local.Folder["work"], null, 1, TimeProvider.System);
        var job = local.NewJob(output);
        var shape = await work.PlanAsync(job, default);
        await work.DoAsync(new SummariseStack(job.Id, shape.SummaryUnit(0), 1, []), default);
        LocalResult.DigestsOf(output).OrderBy(entry => entry.Key).ShouldBe(local.Digests.OrderBy(entry => entry.Key));
        var written = File.GetLastWriteTimeUtc(Path.Combine(output, "job.json"));

        // In an upgrade an old aggregator may have done so for a coordinator that has the products done one by one: nothing is left for them to do.
        await work.DoAsync(new WriteProduct(job.Id, shape.ProductUnit(0, 0), 1, []), default);
        await work.DoAsync(new PublishResult(job.Id, shape.PublicationUnit(0), 1, []), default);
        File.GetLastWriteTimeUtc(Path.Combine(output, "job.json")).ShouldBe(written);
        Waiting(local).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_nodes_that_publish_the_same_result_at_once_leave_it_whole()
    {
        using var local = new SmallJob();
        string output = local.Folder["result"];
        var work = new PipelineWork(local.Folder["work"], null, 1, TimeProvider.System);
        var job = local.NewJob(output);
        var shape = await work.PlanAsync(job, default);
        await work.DoAsync(new SummariseStack(job.Id, shape.SummaryUnit(0), 1, []) { ProductsFollow = true }, default);
        for (int product = 0; product < shape.Products[0]; product += 2)
            await work.DoAsync(new WriteProduct(job.Id, shape.ProductUnit(0, product), 1, []), default);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => work.DoAsync(new PublishResult(job.Id, shape.PublicationUnit(0), 1, []), default)));
        LocalResult.DigestsOf(output).OrderBy(entry => entry.Key).ShouldBe(local.Digests.OrderBy(entry => entry.Key));
    }

    [Fact]
    public async Task Processes_that_finish_the_same_result_at_once_leave_one_whole_result_and_nothing_else()
    {
        using var folder = new ScratchFolder();
        string result = folder["result"];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (int round = 0; round < 10; round++)
            {
                using var staging = new ResultStaging(result);
                Directory.CreateDirectory(Path.Combine(staging.Folder, "Analysis"));
                File.WriteAllText(Path.Combine(staging.Folder, "Analysis", "a.tif"), $"{writer} {round}");
                File.WriteAllText(Path.Combine(staging.Folder, "job.json"), $"{writer} {round}");
                staging.Publish();
            }
        })));
        File.ReadAllText(Path.Combine(result, "job.json")).ShouldBe(File.ReadAllText(Path.Combine(result, "Analysis", "a.tif")));
        Directory.EnumerateFileSystemEntries(result).Select(Path.GetFileName).Order().ShouldBe(["Analysis", "job.json"]);
    }

    private static string[] Waiting(SmallJob local)
    {
        string folder = Path.Combine(local.Folder["work"], WriteProducts.Stage);
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }
}
