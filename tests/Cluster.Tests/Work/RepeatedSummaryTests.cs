using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Tests.Drills;
using GdmOptEtq.Cluster.Tests.Worker;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class RepeatedSummaryTests
{
    [Fact]
    public async Task A_summary_that_comes_again_after_the_end_leaves_the_products_alone()
    {
        using var local = new SmallJob();
        string output = local.Folder["result"];
        var work = new PipelineWork(local.Folder["work"], null, 1, TimeProvider.System);
        await using var cluster = await StubCluster.StartAsync(work, work);
        var job = local.NewJob(output);
        await cluster.Store.AcceptAsync(job, default);
        var ended = await cluster.UntilEndedAsync(job.Id);
        ended.Phase.ShouldBe(JobPhase.Succeeded, ended.Message);
        File.SetLastWriteTimeUtc(Path.Combine(output, "job.json"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        await work.DoAsync(new GdmOptEtq.Cluster.Messages.SummariseStack(job.Id, ended.Shape!.SummaryUnit(0), 1, []), default);
        File.GetLastWriteTimeUtc(Path.Combine(output, "job.json")).Year.ShouldBe(2020);

        // What a user deleted is made again.
        File.Delete(Path.Combine(output, "job.json"));
        await work.DoAsync(new GdmOptEtq.Cluster.Messages.SummariseStack(job.Id, ended.Shape.SummaryUnit(0), 2, []), default);
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
}
