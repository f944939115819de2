using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;
using GdmOptEtq.EndToEnd.Tests.Run;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.EndToEnd.Tests.Operator;

/// <summary>
/// A cluster of real processes (coordinator, worker, aggregator, and the service that operators talk to) over a real RabbitMQ and PostgreSQL, all on loopback
/// and free ports, with a small scene to work on.
/// </summary>
public sealed partial class LiveCluster : IAsyncLifetime
{
    private readonly Dictionary<string, Process> _processes = [];
    private readonly ScratchFolder _folder = new();
    private readonly Dictionary<string, List<string>> _output = [];

    public PostgresServer Postgres { get; } = new();

    public RabbitMqServer RabbitMq { get; } = new();

    /// <summary>Address of the service.</summary>
    public string Url { get; private set; } = "";

    public string Data => _folder["data"];

    public string[] Products { get; private set; } = [];

    public PostgresJobStore Store { get; private set; } = null!;

    public static string? Missing => PostgresServer.Missing ?? RabbitMqServer.Missing;

    public static JobParameters Parameters { get; } = new()
    {
        Pairing = new PairingParameters { SplitDate = DateOnly.Parse(TinyScene.SplitDate) },
        Terrain = new TerrainParameters { Dem = ["none"] },
        Tiling = new TilingParameters { TileSize = 128 },
    };

    public string Scratch(string name) => _folder[name];

    public async Task InitializeAsync()
    {
        if (Missing is not null)
            return;
        await Task.WhenAll(Postgres.StartAsync(), RabbitMq.StartAsync());
        Products = TinyScene.WriteAll(_folder["scene"]);
        Store = new PostgresJobStore(Postgres.ConnectionString, TimeProvider.System);
        await Store.MigrateAsync(default);
        Start("c1", "coordinator");
        Start("w1", "correlation-worker");
        Start("a1", "aggregator");
        Start("s1", "service");
        await UntilAsync(() => Task.FromResult((Url = Address("s1")).Length > 0), "the service listens");
        await UntilAsync(async () => (await Store.NodesAsync(default)).Count == 4, "four nodes are heard of");
    }

    public async Task DisposeAsync()
    {
        foreach (string name in _processes.Keys.ToList())
            await KillAsync(name);
        if (Missing is null)
            await Store.DisposeAsync();
        await Postgres.DisposeAsync();
        await RabbitMq.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Settings of a process as options.</summary>
    public string[] Settings(string node) => ["--node", node, "--bus", RabbitMq.Uri.ToString(), "--store", Postgres.ConnectionString, "--data", Data, "--threads", "1"];

    public void Start(string node, string role)
    {
        var process = GdmProcess.Start(["host", role, "--listen", "http://127.0.0.1:0", .. Settings(node)]);
        var lines = _output[node] = [];
        void Keep(object _, DataReceivedEventArgs line)
        {
            lock (lines)
                lines.Add(line.Data ?? "");
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes[node] = process;
    }

    /// <summary>Ends a process as a crash would.</summary>
    public async Task KillAsync(string node)
    {
        if (!_processes.Remove(node, out var process))
            return;
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    public async Task EndedAsync(string node)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _processes[node].WaitForExitAsync(patience.Token);
        await KillAsync(node);
    }

    /// <summary>gdm ops with the given words against this cluster.</summary>
    public (int Code, string Output, string Error) Ops(params string[] words)
    {
        var (code, output, error) = GdmProcess.Run(["ops", .. words, "--url", Url]);
        return (code, output, error);
    }

    public async Task<JobId> SubmitAsync(string output, JobParameters? parameters = null, string title = "tiny")
    {
        var job = NewJob(output, parameters, title);
        (await Store.AcceptAsync(job, default)).ShouldBeTrue();
        return job.Id;
    }

    public async Task<StoredJob> FinishedAsync(JobId job)
    {
        StoredJob? found = null;
        await UntilAsync(async () => (found = await Store.FindAsync(job, default))!.Phase >= JobPhase.Succeeded, $"job {job} ends");
        return found!;
    }

    /// <summary>Digests of the rasters that a run in this process makes of the same scene.</summary>
    public IReadOnlyDictionary<string, string> LocalDigests()
    {
        var places = new RunPlaces(_folder["local"], _folder["local-work"], null);
        LocalRunner.Run(Planner.Plan(Parameters, Products, places, 1).Plan!, places, 1, new StageJournal(TimeProvider.System), TimeProvider.System, default);
        return Digests(_folder["local"]);
    }

    public static IReadOnlyDictionary<string, string> Digests(string folder) => Directory
        .GetFiles(folder, "*.tif", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    public async Task UntilAsync(Func<Task<bool>> condition, string what, double minutes = 5)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(minutes))
                throw new TimeoutException($"It never came true that {what}.\n{Words()}");
            await Task.Delay(200);
        }
    }

    private StoredJob NewJob(string output, JobParameters? parameters, string title)
    {
        var now = DateTimeOffset.UtcNow;
        string request = new JobRequest(Products, parameters ?? Parameters, output).ToJson();
        return new StoredJob(JobId.New(TimeProvider.System), "", title, request, JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0);
    }

    private string Address(string node)
    {
        var lines = _output[node];
        lock (lines)
            return lines.Select(line => ListensOn().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value ?? "";
    }

    private string Words() => string.Join('\n', _output.SelectMany(node =>
    {
        lock (node.Value)
            return node.Value.TakeLast(10).Select(line => $"{node.Key}: {line}").ToList();
    }));

    [GeneratedRegex(@"listens on (http://\S+)")]
    private static partial Regex ListensOn();
}

/// <summary>A test that needs RabbitMQ and PostgreSQL.</summary>
public sealed class LiveClusterFactAttribute : FactAttribute
{
    public LiveClusterFactAttribute() => Skip = LiveCluster.Missing;
}

/// <summary>Tests that share one live cluster, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class LiveClusterCollection : ICollectionFixture<LiveCluster>
{
    public const string Name = "live cluster";
}
