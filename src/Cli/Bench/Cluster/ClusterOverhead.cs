using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Worker;
using Microsoft.Extensions.Logging.Abstractions;

namespace GdmOptEtq.Cli.Bench.Cluster;

/// <summary>What one job of empty tiles cost.</summary>
/// <param name="Job">1 for the first.</param>
/// <param name="CpuMillisecondsPerTile">CPU time of this process (coordinator, worker, client side of bus and store), milliseconds.</param>
/// <param name="WallMillisecondsPerTile">Time on the clock, milliseconds.</param>
/// <param name="HeapMebibytes">Managed memory in use after the job and a collection.</param>
internal sealed record OverheadRow(int Job, double CpuMillisecondsPerTile, double WallMillisecondsPerTile, double HeapMebibytes);

/// <summary>Jobs whose units do nothing, through a real coordinator, bus and store: what remains is the overhead.</summary>
internal static class ClusterOverhead
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static async Task<List<OverheadRow>> MeasureAsync(IJobStore store, IBus bus, int jobs, int tiles, int slots, CancellationToken cancellation)
    {
        await store.MigrateAsync(cancellation);
        var (time, policy, nothing) = (TimeProvider.System, new JobPolicy(), new Nothing(tiles));
        string[] queues = [.. Queues.OfRole(NodeRoles.CorrelationWorker), .. Queues.OfRole(NodeRoles.Aggregator)];
        using var coordinator = new CoordinatorNode("bench", store, bus, nothing, policy, time, NullLogger<CoordinatorNode>.Instance);
        using var recent = new RecentLog(time);
        using var worker = new WorkerNode(
            "bench-worker", [NodeRoles.CorrelationWorker, NodeRoles.Aggregator], queues, slots, "bench", bus, nothing, policy, recent, time, NullLogger<WorkerNode>.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var nodes = Task.WhenAll(coordinator.RunAsync(stop.Token), worker.RunAsync(stop.Token));
        var rows = new List<OverheadRow>();
        try
        {
            for (int number = 1; number <= jobs; number++)
            {
                var (_, cost) = Cost.Of(() =>
                {
                    RunJob(store, cancellation).GetAwaiter().GetResult();
                    return true;
                });
                rows.Add(new OverheadRow(number, cost.CpuSeconds * 1000 / tiles, cost.WallSeconds * 1000 / tiles, GC.GetTotalMemory(forceFullCollection: true) / 1048576.0));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await nodes;
        }

        return rows;
    }

    private static async Task RunJob(IJobStore store, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        var job = new StoredJob(JobId.New(TimeProvider.System), "bench", "empty tiles", "{}", JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0);
        await store.AcceptAsync(job, cancellation);
        while ((await store.FindAsync(job.Id, cancellation))!.Phase < JobPhase.Succeeded)
            await Task.Delay(Poll, cancellation);
        await store.DeleteAsync(job.Id, cancellation);
    }

    private sealed class Nothing(int tiles) : IJobPlanner, IUnitOfWork
    {
        public Task<JobShape> PlanAsync(StoredJob job, CancellationToken cancellation) => Task.FromResult(new JobShape(2, [new PairShape(0, 1, tiles, 0)], 1));

        public Task DoAsync(IWorkCommand command, CancellationToken cancellation) => Task.CompletedTask;
    }
}
