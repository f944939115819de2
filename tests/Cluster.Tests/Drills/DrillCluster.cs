using System.Diagnostics;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;
using GdmOptEtq.Cluster.Tests.Work;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>
/// A cluster of separate processes over a real broker and a real database: a coordinator, two correlation workers, an aggregator. Shared by all drills;
/// each mends what it broke, and what a failed one left broken is replaced before the next.
/// </summary>
public sealed class DrillCluster : IAsyncLifetime
{
    private static readonly string[] s_whole = [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.CorrelationWorker, NodeRoles.Aggregator];

    private readonly SmallJob _local = new();
    private readonly List<GdmNode> _nodes = [];
    private int _named;
    private TimeSpan _patience = TimeSpan.FromMinutes(5);
    private bool _broken;
    private SmallDisk? _disk;
    private PostgresJobStore? _store;
    private RabbitMqBus? _bus;

    public static string? Missing => PostgresServer.Missing ?? RabbitMqServer.Missing;

    public RabbitMqServer Broker { get; private set; } = null!;

    public PostgresServer Database { get; private set; } = null!;

    public IJobStore Store => _store!;

    public string WorkFolder => _disk?.Folder ?? _local.Folder["shared-work"];

    internal IReadOnlyList<GdmNode> Nodes => _nodes;

    public async Task InitializeAsync()
    {
        if (Missing is not null)
            return;
        _disk = SmallDisk.WhyNot is null ? new SmallDisk(_local.Folder["shared-work"], 500 * 1024) : null;
        Directory.CreateDirectory(WorkFolder);
        Broker = new RabbitMqServer();
        Database = new PostgresServer();
        await Task.WhenAll(Broker.StartAsync(), Database.StartAsync());
        _store = new PostgresJobStore(Database.ConnectionString, TimeProvider.System);
        await _store.MigrateAsync(default);
        _bus = new RabbitMqBus(Broker.Uri, "drills");
        await StartAsync(s_whole);
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            node.Dispose();
        if (Missing is null)
        {
            await _bus!.DisposeAsync();
            await _store!.DisposeAsync();
            await Broker.DisposeAsync();
            await Database.DisposeAsync();
            _disk?.Dispose();
        }

        _local.Dispose();
    }

    /// <summary>Starts nodes, each under a new name, as Kubernetes does.</summary>
    /// <param name="brokerPort">Where they find the broker, when not at its own port.</param>
    internal async Task<IReadOnlyList<GdmNode>> StartAsync(IEnumerable<string> roles, int? brokerPort = null)
    {
        var settings = new Dictionary<string, string>
        {
            ["bus"] = $"amqp://guest:guest@127.0.0.1:{brokerPort ?? Broker.Port}/", ["store"] = Database.ConnectionString, ["data"] = _local.Folder["drills"],
            ["work"] = WorkFolder, ["threads"] = "1", ["lease"] = "6",
        };
        var started = roles.Select(role => new GdmNode(role, $"{role}-{++_named}", settings)).ToList();
        _nodes.AddRange(started);
        foreach (var node in started)
            await node.UntilListeningAsync();
        return started;
    }

    /// <summary>Replaces all nodes if a failed drill left some missing, hung or in work, and ends the jobs that it left.</summary>
    internal async Task RenewIfBrokenAsync()
    {
        if (Missing is not null || (!_broken && _nodes.Select(node => node.Role).Order().SequenceEqual(s_whole.Order())))
            return;
        foreach (var node in _nodes.ToList())
        {
            await node.KillAsync();
            Forget(node);
        }

        foreach (var job in (await Store.ListAsync(new JobQuery(), default)).Where(job => job.Phase < JobPhase.Succeeded))
            await Store.RequestAsync(new CancelJob(job.Id, "its drill failed"), "drills", default);
        await StartAsync(s_whole);
        _broken = false;
    }

    /// <summary>kill -9 of a node, and after a while another in its place.</summary>
    internal async Task ReplaceAsync(GdmNode node, TimeSpan pause)
    {
        await node.KillAsync();
        await Task.Delay(pause);
        Forget(node);
        await StartAsync([node.Role]);
    }

    internal void Forget(GdmNode node)
    {
        _nodes.Remove(node);
        node.Dispose();
    }

    internal GdmNode The(string role) => _nodes.First(node => node.Role == role);

    /// <summary>Submits the tiny job; nothing of earlier jobs helps it.</summary>
    internal async Task<(StoredJob Job, string Output)> SubmitAsync(string name)
    {
        foreach (string folder in Directory.GetDirectories(WorkFolder).Where(folder => Path.GetFileName(folder) != "jobs"))
            Directory.Delete(folder, recursive: true);
        string output = _local.Folder[$"drills/results/{name}-{Guid.NewGuid():N}"];
        var job = _local.NewJob(output);
        await Store.AcceptAsync(job, default);
        return (job, output);
    }

    public Task UntilUnitsDoneAsync(JobId job, Func<StoredJob, bool> enough) =>
        UntilAsync(async () => await Store.FindAsync(job, default) is { } found && found.UnitsTotal > 0 && enough(found), $"job {job} never came so far");

    /// <summary>A node of the role that says it has a unit in work now.</summary>
    internal async Task<GdmNode> UntilBusyAsync(string role)
    {
        GdmNode? busy = null;
        await UntilAsync(
            async () =>
            {
                var running = (await Store.NodesAsync(default)).Where(node => node.Heartbeat.Running.Count > 0).Select(node => node.Heartbeat.Node).ToHashSet();
                return (busy = _nodes.FirstOrDefault(node => node.Role == role && running.Contains(node.Name))) is not null;
            },
            $"no {role} was ever busy");
        return busy!;
    }

    /// <summary>What every drill must end with: the job succeeded with the bytes of a local run, nothing lost, nothing counted twice, nothing stuck.</summary>
    public async Task ShouldEndWholeAsync(StoredJob job, string output)
    {
        await UntilAsync(async () => (await Store.FindAsync(job.Id, default))!.Phase >= JobPhase.Succeeded, $"job {job.Id} never ended");
        var found = (await Store.FindAsync(job.Id, default))!;
        found.Phase.ShouldBe(JobPhase.Succeeded, found.Message);
        var digests = LocalResult.DigestsOf(output);
        digests.OrderBy(entry => entry.Key).ShouldBe(_local.Digests.OrderBy(entry => entry.Key));
        var units = await Store.UnitsAsync(job.Id, default);
        units.ShouldAllBe(unit => unit.Status == UnitStatus.Done);
        found.UnitsTotal.ShouldBe(units.Count);
        found.UnitsDone.ShouldBe(found.UnitsTotal, "each unit is counted once");
        found.TilesFailed.ShouldBe(0);
        (await Store.HistoryAsync(job.Id, default)).Count(line => line.What == "succeeded").ShouldBe(1);
        await UntilAsync(IsIdleAsync, "messages are stuck or a node is still busy");
        // What came late must not have touched the result.
        LocalResult.DigestsOf(output).OrderBy(entry => entry.Key).ShouldBe(_local.Digests.OrderBy(entry => entry.Key));
    }

    /// <summary>Messages in all queues, unacknowledged ones too, as the broker's own tool counts them.</summary>
    public async Task<IReadOnlyDictionary<string, int>> MessagesAsync()
    {
        string table = await Broker.ControlAsync("list_queues", "--no-table-headers", "name", "messages");
        return table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).Where(cells => cells.Length == 2)
            .ToDictionary(cells => cells[0], cells => int.Parse(cells[1]));
    }

    public async Task<bool> IsIdleAsync()
    {
        if ((await Store.OutboxAsync(1, default)).Count > 0 || (await _bus!.DepthsAsync(default)).Any(depth => depth.Waiting > 0))
            return false;
        var alive = _nodes.Select(node => node.Name).ToHashSet();
        var beats = (await Store.NodesAsync(default)).Where(node => alive.Contains(node.Heartbeat.Node)).ToList();
        return beats.Count == _nodes.Count
            && beats.TrueForAll(node => node.Heartbeat.Running.Count == 0 && DateTimeOffset.UtcNow - node.Seen < TimeSpan.FromSeconds(4));
    }

    /// <summary>Waits; broker and database may be away meanwhile.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        var watch = Stopwatch.StartNew();
        string last = "";
        while (true)
        {
            try
            {
                if (await condition())
                    return;
            }
            catch (Exception error) when (error is JobStoreException or BusException or System.Data.Common.DbException or RabbitMQ.Client.Exceptions.RabbitMQClientException)
            {
                last = error.Message;
            }

            if (watch.Elapsed > _patience)
            {
                // It is not slow but broken: the drills after this one need not wait as long.
                _broken = true;
                _patience = TimeSpan.FromMinutes(1);
                throw new TimeoutException($"{otherwise}. {last}\n{string.Join('\n', _nodes.SelectMany(node => node.Log.TakeLast(15).Select(line => $"{node.Name}: {line}")))}");
            }

            await Task.Delay(50);
        }
    }
}
