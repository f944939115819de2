using System.Diagnostics;
using System.Globalization;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;
using Xunit.Abstractions;

namespace GdmOptEtq.Cluster.Tests.Worker;

public sealed class CancelTests(ITestOutputHelper output)
{
    private static readonly JobShape Big = new(1, [new PairShape(0, 0, 5000, 0)], 1);

    [Fact]
    public async Task Cancelling_a_job_with_5000_tiles_to_go_frees_the_workers_and_none_of_the_tiles_runs_later()
    {
        // Every tile would take for ever: only the order to drop the job frees a worker.
        var work = new StubWork((command, cancellation) => command is CorrelateTile ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask);
        await using var cluster = await StubCluster.StartAsync(new StubPlanner(Big), work, workers: 2, slots: 2, new JobPolicy());
        var job = StubCluster.NewJob();
        await cluster.Store.AcceptAsync(job, default);
        await Eventually.TrueAsync(() => cluster.RunningUnits == 4);

        var watch = Stopwatch.StartNew();
        await cluster.Store.RequestAsync(new CancelJob(job.Id, "by its owner"), "anna", default);
        await Eventually.TrueAsync(() => cluster.RunningUnits == 0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The workers were free {watch.Elapsed.TotalSeconds:0.00} s after a job with {Big.Tiles} tiles was cancelled."));
        (await cluster.UntilEndedAsync(job.Id)).Phase.ShouldBe(JobPhase.Cancelled);
        await Eventually.TrueAsync(async () => (await cluster.Bus.DepthsAsync(default)).All(depth => depth.Waiting == 0));
        int begun = work.Begun.Count;
        begun.ShouldBeLessThanOrEqualTo(1 + 4, "one acquisition and a tile per slot");

        // Another job passes through the same queues: had a tile been left in them, it would have begun before.
        var next = StubCluster.NewJob();
        await cluster.Store.AcceptAsync(next, default);
        await Eventually.TrueAsync(() => cluster.RunningUnits == 4);
        work.Begun.Skip(begun).ShouldAllBe(command => command.Job == next.Id);
    }

    [Fact]
    public async Task A_cancelled_job_that_is_retried_is_done_by_the_workers_that_dropped_it()
    {
        bool blocked = true;
        var work = new StubWork((command, cancellation) => command is CorrelateTile && Volatile.Read(ref blocked) ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask);
        await using var cluster = await StubCluster.StartAsync(new StubPlanner(new JobShape(2, [new PairShape(0, 1, 30, 0)], 1)), work, workers: 1, slots: 2);
        var job = StubCluster.NewJob();
        await cluster.Store.AcceptAsync(job, default);
        await Eventually.TrueAsync(() => cluster.RunningUnits == 2);
        await cluster.Store.RequestAsync(new CancelJob(job.Id, "by mistake"), "anna", default);
        await cluster.UntilEndedAsync(job.Id);
        await Eventually.TrueAsync(() => cluster.RunningUnits == 0);

        Volatile.Write(ref blocked, false);
        await cluster.Store.RequestAsync(new RetryJob(job.Id), "anna", default);
        var ended = await cluster.UntilAsync(job.Id, found => found.Phase == JobPhase.Succeeded);
        ended.UnitsDone.ShouldBe(ended.UnitsTotal);
    }
}
