using System.Collections.Concurrent;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Worker;
using Microsoft.Extensions.Logging.Abstractions;

namespace GdmOptEtq.Cluster.Tests.Worker;

/// <summary>A real coordinator and real worker nodes in this process whose plan and units of work are the test's own.</summary>
internal sealed class StubCluster : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WorkerNode> _workers = [];
    private readonly List<Task> _running = [];
    private readonly CoordinatorNode _coordinator;

    private StubCluster(IJobPlanner planner, IUnitOfWork work, int workers, int slots, JobPolicy policy)
    {
        Store = new SqliteJobStore(_folder["jobs.db"], TimeProvider.System);
        _coordinator = new CoordinatorNode("c", Store, Bus, planner, policy, TimeProvider.System, NullLogger<CoordinatorNode>.Instance);
        for (int number = 0; number < workers; number++)
        {
            _workers.Add(new WorkerNode(
                $"w{number}", [NodeRoles.CorrelationWorker, NodeRoles.Aggregator], [.. Queues.OfRole(NodeRoles.CorrelationWorker), .. Queues.OfRole(NodeRoles.Aggregator)], slots, "test", Bus, work, policy,
                new RecentLog(TimeProvider.System), TimeProvider.System, NullLogger<WorkerNode>.Instance));
        }
    }

    public IJobStore Store { get; }

    public IBus Bus { get; } = new InProcessBus();

    public int OpenJobs => _coordinator.OpenJobs;

    public int RunningUnits => _workers.Sum(worker => worker.Running);

    public static async Task<StubCluster> StartAsync(IJobPlanner planner, IUnitOfWork work, int workers = 1, int slots = 1, JobPolicy? policy = null)
    {
        var cluster = new StubCluster(planner, work, workers, slots, policy ?? JobPolicy.Of(TimeSpan.FromSeconds(6)));
        await cluster.Store.MigrateAsync(default);
        cluster._running.Add(cluster._coordinator.RunAsync(cluster._stop.Token));
        cluster._running.AddRange(cluster._workers.Select(worker => worker.RunAsync(cluster._stop.Token)));
        return cluster;
    }

    public static StoredJob NewJob()
    {
        var now = DateTimeOffset.UtcNow;
        return new StoredJob(JobId.New(TimeProvider.System), "", "", "{}", JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0);
    }

    public Task<StoredJob> UntilEndedAsync(JobId job) => UntilAsync(job, found => found.Phase >= JobPhase.Succeeded);

    public async Task<StoredJob> UntilAsync(JobId job, Func<StoredJob, bool> condition)
    {
        StoredJob? found = null;
        await Eventually.TrueAsync(async () => condition(found = (await Store.FindAsync(job, default))!));
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _workers.ForEach(worker => worker.Dispose());
        _coordinator.Dispose();
        _stop.Dispose();
        await Bus.DisposeAsync();
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A planner that answers one shape.</summary>
internal sealed class StubPlanner(JobShape shape) : IJobPlanner
{
    public Task<JobShape> PlanAsync(StoredJob job, CancellationToken cancellation) => Task.FromResult(shape);
}

/// <summary>Work that notes which units were begun, and does whatever the test says.</summary>
internal sealed class StubWork(Func<IWorkCommand, CancellationToken, Task> unit) : IUnitOfWork
{
    public ConcurrentQueue<IWorkCommand> Begun { get; } = new();

    public Task DoAsync(IWorkCommand command, CancellationToken cancellation)
    {
        Begun.Enqueue(command);
        return unit(command, cancellation);
    }
}
