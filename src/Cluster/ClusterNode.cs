using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Worker;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Work;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Cluster;

/// <summary>
/// One process of the cluster, composed of the roles it plays: store and bus by the settings, then coordinator, workers, or all of them in one.
/// </summary>
public sealed partial class ClusterNode : IAsyncDisposable
{
    private readonly List<WorkerNode> _workers = [];
    private readonly CoordinatorNode? _coordinator;
    private readonly NodePresence? _presence;
    private readonly ComputeThreads? _compute;
    private readonly IReadOnlyCollection<string> _roles;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly ILogger _log;

    public ClusterNode(NodeSettings settings, IReadOnlyCollection<string> roles, string version, TimeProvider time, ILoggerFactory logs)
        : this(settings, roles, version, time, logs, OpenStore(settings, time), OpenBus(settings), settings.Policy)
    {
    }

    /// <summary>With a store and a bus of the caller's own; they are disposed with the node.</summary>
    public ClusterNode(
        NodeSettings settings, IReadOnlyCollection<string> roles, string version, TimeProvider time, ILoggerFactory logs, IJobStore store, IBus bus, JobPolicy policy)
    {
        Settings = settings;
        _roles = roles;
        Store = store;
        Bus = bus;
        _time = time;
        _patience = policy.Lease;
        _log = logs.CreateLogger<ClusterNode>();
        var recent = new RecentLog(time);
        logs.AddProvider(recent);
        string[] silent = [.. roles.Intersect([NodeRoles.Coordinator, NodeRoles.Service])];
        if (silent.Length > 0)
        {
            _presence = new NodePresence(settings.NodeName, silent, version, Bus, policy.Heartbeat, recent, time, logs.CreateLogger<NodePresence>());
            _presence.Evicted += () => Evicted?.Invoke();
        }

        int unitsAtOnce = (roles.Contains(NodeRoles.CorrelationWorker) ? settings.Slots : 0) + (roles.Contains(NodeRoles.Aggregator) ? 1 : 0);
        if (unitsAtOnce > 0)
            _compute = new ComputeThreads(unitsAtOnce * settings.ThreadsPerUnit);
        var work = new PipelineWork(settings.WorkFolder, settings.DemRoot.Length > 0 ? settings.DemRoot : null, settings.ThreadsPerUnit, time, _compute);
        if (roles.Contains(NodeRoles.Coordinator))
            _coordinator = new CoordinatorNode(settings.NodeName, Store, Bus, work, policy, time, logs.CreateLogger<CoordinatorNode>());
        AddWorker(NodeRoles.CorrelationWorker, settings.Slots);
        AddWorker(NodeRoles.Aggregator, 1);

        void AddWorker(string role, int slots)
        {
            if (!roles.Contains(role))
                return;
            // In one process every role has a name of its own, so that each has its own heartbeat.
            string name = roles.Count > 1 ? $"{settings.NodeName}/{role}" : settings.NodeName;
            var worker = new WorkerNode(name, [role], Queues.OfRole(role), slots, version, Bus, work, policy, recent, time, logs.CreateLogger<WorkerNode>());
            worker.Evicted += () => Evicted?.Invoke();
            _workers.Add(worker);
        }
    }

    public NodeSettings Settings { get; }

    public IJobStore Store { get; }

    public IBus Bus { get; }

    /// <summary>False for a worker of a cluster: it never touches the job store, and is not told where it is.</summary>
    public bool KnowsStore => Settings.Store.Length > 0 || Settings.Bus.Length == 0 || _coordinator is not null || _roles.Contains(NodeRoles.Service);

    /// <summary>An operator asked the process to end.</summary>
    public event Action? Evicted;

    /// <summary>Ready to do its part: the worker is not draining; a coordinator that waits for the lease is ready, too.</summary>
    public bool IsReady => _workers.All(worker => !worker.IsDraining);

    public int RunningUnits => _workers.Sum(worker => worker.Running);

    /// <summary>Plays its roles until cancelled; returns when what ran has been handed back.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (_coordinator is not null || _roles.Contains(NodeRoles.Service))
            await PrepareStoreAsync(cancellation);
        var tasks = _workers.ConvertAll(worker => worker.RunAsync(cancellation));
        if (_coordinator is not null)
            tasks.Add(_coordinator.RunAsync(cancellation));
        if (_presence is not null)
            tasks.Add(_presence.RunAsync(cancellation));
        await Task.WhenAll(tasks);
    }

    /// <summary>Brings the job store to this version; a database that does not answer yet, because it starts or is overloaded, is waited for.</summary>
    /// <exception cref="JobStoreException">It cannot be used, or did not answer for four leases.</exception>
    public async Task PrepareStoreAsync(CancellationToken cancellation)
    {
        var since = _time.GetUtcNow();
        while (true)
        {
            try
            {
                await Store.MigrateAsync(cancellation);
                return;
            }
            catch (Exception error) when (error is JobStoreException { MayPass: true } or System.Data.Common.DbException { IsTransient: true }
                && _time.GetUtcNow() - since < 4 * _patience)
            {
                LogStoreAwaited(_log, error.Message);
                await Task.Delay(_patience / 30, _time, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            worker.Dispose();
        _coordinator?.Dispose();
        _compute?.Dispose();
        await Bus.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>The job store that the settings name.</summary>
    public static IJobStore OpenStore(NodeSettings settings, TimeProvider time)
    {
        if (settings.Store.Length > 0)
            return new PostgresJobStore(settings.Store, time);
        Directory.CreateDirectory(settings.Data);
        return new SqliteJobStore(Path.Combine(settings.Data, "jobs.db"), time);
    }

    /// <summary>The bus that the settings name.</summary>
    public static IBus OpenBus(NodeSettings settings) =>
        settings.Bus.Length > 0 ? new RabbitMqBus(new Uri(settings.Bus), settings.NodeName) : new InProcessBus();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the job store: {Reason}")]
    private static partial void LogStoreAwaited(ILogger log, string reason);
}
