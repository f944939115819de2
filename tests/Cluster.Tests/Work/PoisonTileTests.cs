using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Drills;
using GdmOptEtq.Cluster.Tests.Worker;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Cluster.Worker;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class PoisonTileTests
{
    [Fact]
    public async Task A_tile_whose_input_is_gone_becomes_a_flagged_hole_and_a_retry_closes_it_once_the_input_is_back()
    {
        using var local = new SmallJob();
        string workFolder = local.Folder["work"], output = local.Folder["result"];
        var work = new PipelineWork(workFolder, null, 1, TimeProvider.System);
        var poisoned = new PoisonedWork(work, [Path.Combine(workFolder, "prepare-acquisition"), local.Products[0]]);
        await using var cluster = await StubCluster.StartAsync(work, poisoned);
        var job = local.NewJob(output);
        await cluster.Store.AcceptAsync(job, default);
        var ended = await cluster.UntilEndedAsync(job.Id);

        ended.Phase.ShouldBe(JobPhase.SucceededWithGaps, ended.Message);
        ended.TilesFailed.ShouldBe(1);
        var units = await cluster.Store.UnitsAsync(job.Id, default);
        var failed = units.Single(unit => unit.Status == UnitStatus.Failed);
        failed.Unit.ShouldBe(poisoned.Tile);
        failed.Failures.ShouldBe(new JobPolicy().MaximumAttempts);
        failed.Reason.ShouldNotBeNull();
        failed.Reason.ShouldContain(Path.GetFileNameWithoutExtension(local.Products[0]), Case.Sensitive, "the reason names what is missing");
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(output, "job.json")))!;
        record["state"]!.GetValue<string>().ShouldBe("succeededWithGaps");
        record["holes"]!.AsArray().Count.ShouldBe(1);
        // The other pair is the local run's, byte for byte.
        var digests = LocalResult.DigestsOf(output);
        var untouched = local.Digests.Where(entry => entry.Key.StartsWith("Displacements", StringComparison.Ordinal) && entry.Key.Contains("20190713", StringComparison.Ordinal)).ToList();
        untouched.Count.ShouldBeGreaterThan(3);
        foreach (var (name, digest) in untouched)
            digests[name].ShouldBe(digest, name);

        poisoned.Cured = true;
        await cluster.Store.RequestAsync(new RetryJob(job.Id), "operator", default);
        ended = await cluster.UntilAsync(job.Id, found => found.Phase is JobPhase.Succeeded or JobPhase.Failed);
        ended.Phase.ShouldBe(JobPhase.Succeeded, ended.Message);
        ended.TilesFailed.ShouldBe(0);
        ended.UnitsDone.ShouldBe(ended.UnitsTotal);
        LocalResult.DigestsOf(output).OrderBy(entry => entry.Key).ShouldBe(local.Digests.OrderBy(entry => entry.Key));
    }

    /// <summary>Real work, but while the third tile is tried, its inputs are elsewhere.</summary>
    private sealed class PoisonedWork(IUnitOfWork real, IReadOnlyList<string> inputs) : IUnitOfWork
    {
        public int Tile { get; } = 3 + 2;

        public bool Cured { get; set; }

        public async Task DoAsync(IWorkCommand command, CancellationToken cancellation)
        {
            bool away = command is CorrelateTile && command.Unit == Tile && !Cured;
            foreach (string input in inputs.Where(_ => away))
                Directory.Move(input, input + ".away");
            try
            {
                await real.DoAsync(command, cancellation);
            }
            finally
            {
                foreach (string input in inputs.Where(_ => away))
                {
                    if (Directory.Exists(input))
                        Directory.Delete(input, recursive: true);
                    Directory.Move(input + ".away", input);
                }
            }
        }
    }
}
