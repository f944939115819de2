using System.Diagnostics;
using System.Security.Cryptography;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Tiling;
using Microsoft.Extensions.Logging.Abstractions;

namespace GdmOptEtq.Cluster.Tests.Work;

/// <summary>The tiny scene, and what a local run makes of it: what every form of the cluster must make, byte for byte.</summary>
public class LocalResult : IDisposable
{
    public LocalResult()
        : this(DefaultParameters, TinyScene.WriteAll)
    {
    }

    protected LocalResult(JobParameters parameters, Func<string, string[]> write)
    {
        Parameters = parameters;
        Products = write(Folder["scene"]);
        var places = new RunPlaces(Folder["local"], Folder["local-work"], null);
        var plan = Planner.Plan(Parameters, Products, places, 1).Plan!;
        LocalRunner.Run(plan, places, 1, new StageJournal(TimeProvider.System), TimeProvider.System, default);
        Digests = DigestsOf(Folder["local"]);
    }

    private static JobParameters DefaultParameters { get; } = new()
    {
        Pairing = new PairingParameters { SplitDate = DateOnly.Parse(TinyScene.SplitDate) },
        Terrain = new TerrainParameters { Dem = ["none"] },
        Tiling = new TilingParameters { TileSize = 128 },
    };

    public JobParameters Parameters { get; }

    public ScratchFolder Folder { get; } = new();

    public string[] Products { get; }

    public IReadOnlyDictionary<string, string> Digests { get; }

    // The record of the job alone carries times.
    public static IReadOnlyDictionary<string, string> DigestsOf(string folder) => Directory
        .GetFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/.gdm-", StringComparison.Ordinal) && Path.GetFileName(file) != ProductNames.JobFile)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    public StoredJob NewJob(string output, params string[] products)
    {
        var request = new JobRequest(products.Length > 0 ? products : Products, Parameters, output);
        var now = DateTimeOffset.UtcNow;
        return new StoredJob(JobId.New(TimeProvider.System), "", "tiny", request.ToJson(), JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0);
    }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

[Collection(RealServersCollection.Name)]
public sealed class ClusterJobTests(LocalResult local, RealServers servers) : IClassFixture<LocalResult>
{
    [Fact]
    public async Task One_process_with_all_roles_gives_the_bytes_of_a_local_run()
    {
        string data = local.Folder["embedded"];
        var job = local.NewJob(Path.Combine(data, "results", "a"));
        await using var node = Node(new NodeSettings { Data = data, Slots = 2 }, [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator]);
        var finished = await RunAsync([node], node.Store, job);
        finished.Phase.ShouldBe(JobPhase.Succeeded, finished.Message);
        ShouldBeAsLocal(Path.Combine(data, "results", "a"));
        finished.UnitsDone.ShouldBe(finished.UnitsTotal);
    }

    [RabbitMqFact]
    public async Task Several_nodes_over_RabbitMQ_and_PostgreSQL_give_the_bytes_of_a_local_run()
    {
        string data = local.Folder["rabbit"];
        var settings = new NodeSettings { Data = data, Bus = servers.RabbitMq!.Uri.ToString(), Store = servers.Postgres!.ConnectionString };
        await using var coordinator = Node(settings with { Node = "c" }, [NodeRoles.Coordinator]);
        await using var first = Node(settings with { Node = "w1", Slots = 2 }, [NodeRoles.CorrelationWorker]);
        await using var second = Node(settings with { Node = "w2" }, [NodeRoles.CorrelationWorker]);
        await using var aggregator = Node(settings with { Node = "a" }, [NodeRoles.Aggregator]);
        var job = local.NewJob(Path.Combine(data, "results", "r"));
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Tracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var finished = await RunAsync([coordinator, first, second, aggregator], coordinator.Store, job);
        finished.Phase.ShouldBe(JobPhase.Succeeded, finished.Message);
        ShouldBeAsLocal(Path.Combine(data, "results", "r"));
        var workers = (await coordinator.Store.UnitsAsync(job.Id, default)).Select(unit => unit.Worker).Distinct().ToList();
        workers.ShouldContain("a");

        // One trace, found by the job's id, from its start to the last product, over all nodes.
        var trace = spans.Where(span => (string?)span.GetTagItem("gdm.job") == job.Id.Value).ToList();
        trace.ShouldAllBe(span => span.TraceId.ToHexString() == job.Id.Value);
        string[] kinds =
        [
            "StartJob", "PrepareAcquisition", "AcquisitionPrepared", "CorrelateTile", "TileCorrelated", "AggregatePair", "PairAggregated", "SummariseStack", "StackSummarised",
            "WriteProduct", "ProductWritten", "PublishResult", "ResultPublished",
        ];
        trace.Select(span => span.OperationName).Distinct().Order().ShouldBe(kinds.Order());
        trace.Select(span => (string?)span.GetTagItem("gdm.node")).Distinct().Order().ShouldBe(["a", "c", "w1", "w2"]);
        // Each report is the child of the work that it reports.
        var tiles = trace.Where(span => span.OperationName == "CorrelateTile").Select(span => span.SpanId.ToHexString()).ToHashSet();
        trace.Where(span => span.OperationName == "TileCorrelated").ShouldAllBe(span => tiles.Contains(span.ParentSpanId.ToHexString()));
    }

    [Fact]
    public async Task A_job_that_cannot_be_planned_fails_with_the_sentence_and_leaves_nothing()
    {
        string data = local.Folder["refused"];
        string output = Path.Combine(data, "results", "x");
        await using var node = Node(new NodeSettings { Data = data }, [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator]);
        var finished = await RunAsync([node], node.Store, local.NewJob(output, local.Products[0]));
        finished.Phase.ShouldBe(JobPhase.Failed);
        finished.Message.ShouldNotBeEmpty();
        Directory.Exists(output).ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_stopped_in_the_middle_hands_back_and_the_next_one_finishes()
    {
        string data = local.Folder["restart"];
        string output = Path.Combine(data, "results", "a");
        string[] roles = [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator];
        var job = local.NewJob(output);
        await using (var node = Node(new NodeSettings { Data = data, Node = "first" }, roles))
        {
            await node.Store.MigrateAsync(default);
            await node.Store.AcceptAsync(job, default);
            using var stop = new CancellationTokenSource();
            var running = node.RunAsync(stop.Token);
            await Eventually.TrueAsync(async () => (await node.Store.FindAsync(job.Id, default))!.UnitsDone >= 5);
            await stop.CancelAsync();
            await running;
            (await node.Store.FindAsync(job.Id, default))!.Phase.ShouldBe(JobPhase.Running);
        }

        await using var next = Node(new NodeSettings { Data = data, Node = "second" }, roles, new JobPolicy { QueuePatience = TimeSpan.FromSeconds(2), Lease = TimeSpan.FromSeconds(8) });
        var finished = await RunAsync([next], next.Store, job);
        finished.Phase.ShouldBe(JobPhase.Succeeded, finished.Message);
        ShouldBeAsLocal(output);
    }

    private void ShouldBeAsLocal(string output)
    {
        var digests = LocalResult.DigestsOf(output);
        digests.Keys.Order().ShouldBe(local.Digests.Keys.Order());
        foreach (var (name, digest) in local.Digests)
            digests[name].ShouldBe(digest, name);
    }

    private static ClusterNode Node(NodeSettings settings, string[] roles, JobPolicy? policy = null)
    {
        if (policy is null)
            return new ClusterNode(settings, roles, "test", TimeProvider.System, NullLoggerFactory.Instance);
        Directory.CreateDirectory(settings.Data);
        var store = new SqliteJobStore(Path.Combine(settings.Data, "jobs.db"), TimeProvider.System);
        return new ClusterNode(settings, roles, "test", TimeProvider.System, NullLoggerFactory.Instance, store, new InProcessBus(), policy);
    }

    private static async Task<StoredJob> RunAsync(ClusterNode[] nodes, IJobStore store, StoredJob job)
    {
        foreach (var node in nodes)
            Directory.CreateDirectory(node.Settings.WorkFolder);
        await store.MigrateAsync(default);
        await store.AcceptAsync(job, default);
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(nodes.Select(node => node.RunAsync(stop.Token)));
        StoredJob? found = null;
        await Eventually.TrueAsync(async () => (found = await store.FindAsync(job.Id, default))!.Phase >= JobPhase.Succeeded);
        await stop.CancelAsync();
        await running;
        return found!;
    }
}
