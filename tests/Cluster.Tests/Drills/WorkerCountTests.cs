using System.Globalization;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;
using GdmOptEtq.Cluster.Tests.Work;
using Xunit.Abstractions;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>The same job by one process and by processes of one role each, few or many: the bytes are those of a local run; how long each took is printed.</summary>
[Collection(DrillCollection.Name)]
public sealed class WorkerCountTests(RealServers servers, ITestOutputHelper output) : IClassFixture<RealServers>, IDisposable
{
    private readonly SmallJob _local = new(matchingRangePixels: 4);
    private readonly List<GdmNode> _nodes = [];

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        _local.Dispose();
    }

    [Fact]
    public async Task A_process_with_all_roles_gives_the_bytes_of_a_local_run()
    {
        string data = _local.Folder["all"];
        await StartAsync("all", "all-1", new() { ["data"] = data, ["threads"] = "1" });
        await using var store = new SqliteJobStore(Path.Combine(data, "jobs.db"), TimeProvider.System);
        await RunAsync(store, "one process");
    }

    [Drill]
    [InlineData(1, 2, 4)]
    public async Task One_two_and_four_worker_processes_over_RabbitMQ_give_the_bytes_of_a_local_run(params int[] counts)
    {
        await using var store = new PostgresJobStore(servers.Postgres!.ConnectionString, TimeProvider.System);
        await StartAsync(NodeRoles.Coordinator, "c", Settings());
        await StartAsync(NodeRoles.Aggregator, "a", Settings());
        int workers = 0;
        foreach (int count in counts)
        {
            // A work store of its own each time, or the second job would find what the first has made.
            foreach (string folder in Directory.Exists(_local.Folder["work"]) ? Directory.GetDirectories(_local.Folder["work"]).Where(folder => Path.GetFileName(folder) != "jobs") : [])
                Directory.Delete(folder, recursive: true);
            while (workers < count)
                await StartAsync(NodeRoles.CorrelationWorker, $"w{++workers}", Settings());
            await Eventually.TrueAsync(async () => (await store.NodesAsync(default)).Count(node => node.Heartbeat.Node.StartsWith('w')) == count);
            var units = await RunAsync(store, $"{count} correlation workers");
            units.Where(unit => unit.Worker!.StartsWith('w')).Select(unit => unit.Worker).Distinct().Count().ShouldBe(count, "each has done its part");
        }
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["bus"] = servers.RabbitMq!.Uri.ToString(), ["store"] = servers.Postgres!.ConnectionString, ["data"] = _local.Folder["cluster"], ["work"] = _local.Folder["work"], ["threads"] = "1",
    };

    private async Task StartAsync(string role, string name, Dictionary<string, string> settings)
    {
        var node = new GdmNode(role, name, settings);
        _nodes.Add(node);
        await node.UntilListeningAsync();
    }

    private async Task<IReadOnlyList<StoredUnit>> RunAsync(IJobStore store, string what)
    {
        string folder = _local.Folder[$"results/{Guid.NewGuid():N}"];
        var job = _local.NewJob(folder);
        (await store.AcceptAsync(job, default)).ShouldBeTrue();
        StoredJob? found = null;
        await Eventually.TrueAsync(async () => (found = await store.FindAsync(job.Id, default))!.Phase >= JobPhase.Succeeded);
        found!.Phase.ShouldBe(JobPhase.Succeeded, found.Message);
        LocalResult.DigestsOf(folder).OrderBy(entry => entry.Key).ShouldBe(_local.Digests.OrderBy(entry => entry.Key));
        var units = await store.UnitsAsync(job.Id, default);
        double Of(UnitStage first, UnitStage last) => units.Where(unit => found.Shape!.StageOf(unit.Unit) is var stage && stage >= first && stage <= last).Sum(unit => unit.Seconds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {(found.Finished - found.Started)!.Value.TotalSeconds:0.0} s; sum of prepare and correlate {Of(UnitStage.Prepare, UnitStage.Correlate):0.0} s, of aggregate and summarise {Of(UnitStage.Aggregate, UnitStage.Summarise):0.0} s, of the products {Of(UnitStage.Write, UnitStage.Publish):0.0} s"));
        return units;
    }
}
