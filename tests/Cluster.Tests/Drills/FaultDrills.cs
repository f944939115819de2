using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Tests.Drills;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DrillCollection
{
    public const string Name = "drills";
}

/// <summary>A drill; needs a real broker and a real database.</summary>
public sealed class DrillAttribute : TheoryAttribute
{
    public DrillAttribute() => Skip = DrillCluster.Missing;
}

/// <summary>A drill that fills a disk: it mounts a small one.</summary>
public sealed class DiskDrillAttribute : TheoryAttribute
{
    public DiskDrillAttribute() => Skip = DrillCluster.Missing ?? SmallDisk.WhyNot;
}

/// <summary>
/// Any process may die at any moment and nothing is lost or done wrongly: twenty runs of a small real job over separate processes, a real RabbitMQ and a
/// real PostgreSQL, each with one fault at a moment that its seed chooses. Every job must end Succeeded with the bytes of a local run.
/// </summary>
[Collection(DrillCollection.Name)]
public sealed class FaultDrills(DrillCluster cluster) : IClassFixture<DrillCluster>, IAsyncLifetime
{
    public Task InitializeAsync() => cluster.RenewIfBrokenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Drill]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task A_worker_is_killed(int seed) => DrillAsync(seed, 0.05, 0.7, async (_, random) =>
        await cluster.ReplaceAsync(await cluster.UntilBusyAsync(NodeRoles.CorrelationWorker), Pause(random)));

    [Drill]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public Task The_coordinator_is_killed(int seed) => DrillAsync(seed, 0, 0.9, (_, random) => cluster.ReplaceAsync(cluster.The(NodeRoles.Coordinator), Pause(random)));

    [Drill]
    [InlineData(7)]
    [InlineData(8)]
    public Task An_aggregator_is_killed(int seed) => DrillAsync(seed, 0, 0.1, async (job, random) =>
    {
        var shape = (await cluster.Store.FindAsync(job, default))!.Shape!;
        int unit = random.Next(shape.FirstAggregate, shape.FirstProduct);
        await cluster.UntilAsync(async () => (await cluster.Store.UnitsAsync(job, default))[unit].Status != UnitStatus.Waiting, $"unit {unit} never had its turn");
        await cluster.ReplaceAsync(cluster.The(NodeRoles.Aggregator), Pause(random));
    });

    [Drill]
    [InlineData(9)]
    [InlineData(10)]
    public Task The_broker_is_killed(int seed) => DrillAsync(seed, 0.05, 0.8, async (_, random) =>
    {
        await cluster.Broker.KillAsync();
        await Task.Delay(Pause(random));
        await cluster.Broker.StartAsync();
    });

    [Drill]
    [InlineData(11)]
    [InlineData(12)]
    public Task The_database_is_killed(int seed) => DrillAsync(seed, 0.05, 0.8, async (_, random) =>
    {
        await cluster.Database.KillAsync();
        await Task.Delay(Pause(random));
        await cluster.Database.StartAsync();
    });

    [Drill]
    [InlineData(13)]
    [InlineData(14)]
    public async Task Every_message_is_delivered_twice(int seed)
    {
        await using var echo = await Echo.StartAsync(cluster.Broker, seed);
        var (job, output) = await cluster.SubmitAsync($"drill-{seed}");
        await cluster.ShouldEndWholeAsync(job, output);
        int units = (await cluster.Store.UnitsAsync(job.Id, default)).Count;
        await cluster.UntilAsync(() => Task.FromResult(echo.Repeated >= 2 * units), "a command and an event of every unit were never all repeated");
        // The copies that came after the end change nothing either.
        await cluster.ShouldEndWholeAsync(job, output);
    }

    [Drill]
    [InlineData(15)]
    [InlineData(16)]
    public async Task A_worker_hangs_until_its_lease_expires(int seed)
    {
        GdmNode? hung = null;
        await DrillAsync(seed, 0.05, 0.5, async (job, _) =>
        {
            hung = await cluster.UntilBusyAsync(NodeRoles.CorrelationWorker);
            hung.Freeze();
            try
            {
                await cluster.UntilAsync(async () => (await cluster.Store.FindAsync(job, default))!.Phase >= JobPhase.Succeeded, "the job waited for the hung worker");
            }
            finally
            {
                hung.Thaw();
            }
        });
    }

    [DiskDrill]
    [InlineData(17)]
    public async Task The_disk_of_the_work_store_is_full(int seed)
    {
        await DrillAsync(seed, 0.1, 0.5, async (_, _) =>
        {
            string ballast = Path.Combine(cluster.WorkFolder, "ballast");
            await Task.Run(() => FillDisk(ballast));
            try
            {
                await cluster.UntilAsync(
                    () => Task.FromResult(cluster.Nodes.Any(node => node.Log.Any(line => line.Contains("cannot be written", StringComparison.Ordinal)))), "nobody noticed that the disk is full");
                await Task.Delay(2000);
            }
            finally
            {
                File.Delete(ballast);
            }
        });
    }

    [Drill]
    [InlineData(18)]
    public async Task The_network_of_the_only_worker_is_cut_for_30_seconds(int seed)
    {
        await using var cable = new Cable(cluster.Broker.Port);
        var others = cluster.Nodes.Where(node => node.Role == NodeRoles.CorrelationWorker).ToList();
        foreach (var other in others)
        {
            (await other.StopAsync()).ShouldBe(0);
            cluster.Forget(other);
        }

        var alone = (await cluster.StartAsync([NodeRoles.CorrelationWorker], cable.Port))[0];
        await DrillAsync(seed, 0.1, 0.5, async (job, _) =>
        {
            await cluster.UntilBusyAsync(NodeRoles.CorrelationWorker);
            cable.Cut();
            await Task.Delay(TimeSpan.FromSeconds(30));
            (await cluster.Store.FindAsync(job, default))!.Phase.ShouldBe(JobPhase.Running);
            cable.Mend();
        });
        (await alone.StopAsync()).ShouldBe(0);
        cluster.Forget(alone);
        await cluster.StartAsync(others.Select(other => other.Role));
    }

    [Drill]
    [InlineData(19)]
    [InlineData(20)]
    public async Task The_node_that_publishes_is_killed_between_products_on_disk_and_Succeeded(int seed)
    {
        var (job, output) = await cluster.SubmitAsync($"between-{seed}");
        int process = await PublisherAsync(output);
        // With the broker stopped in its tracks the products get their names, and nobody hears of it.
        cluster.Broker.Freeze();
        var publisher = cluster.Nodes.Single(node => node.ProcessId == process);
        try
        {
            await cluster.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(output, "job.json"))), "the products never appeared");
            (await cluster.Store.FindAsync(job.Id, default))!.Phase.ShouldBe(JobPhase.Running);
            await publisher.KillAsync();
            cluster.Forget(publisher);
        }
        finally
        {
            cluster.Broker.Thaw();
        }

        await cluster.StartAsync([publisher.Role]);
        await cluster.ShouldEndWholeAsync(job, output);
    }

    // The folder in which a result is put together carries the number of the process that does it. It is there for tenths of a second.
    private static async Task<int> PublisherAsync(string output)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(5);)
        {
            string? staging = Directory.Exists(output) ? Directory.GetDirectories(output, ".gdm-part-*").FirstOrDefault() : null;
            if (staging is not null)
                return int.Parse(Path.GetFileName(staging)[".gdm-part-".Length..].Split('-')[1]);
            await Task.Delay(2);
        }

        throw new ShouldAssertException("nobody ever began to publish");
    }

    [Drill]
    [InlineData(0)]
    public async Task Nodes_that_are_stopped_leave_no_message_behind(int messages)
    {
        await cluster.UntilAsync(cluster.IsIdleAsync, "the cluster did not come to rest");
        var roles = cluster.Nodes.Select(node => node.Role).ToList();
        foreach (var node in cluster.Nodes.OrderBy(node => node.Role == NodeRoles.Coordinator).ToList())
        {
            (await node.StopAsync()).ShouldBe(0, string.Join('\n', node.Log.TakeLast(5)));
            cluster.Forget(node);
        }

        // With every node gone nobody takes messages any more, but the broker's figures are a few seconds old.
        IReadOnlyDictionary<string, int> left = new Dictionary<string, int>();
        for (int second = 0; second < 20 && (left.Count == 0 || Total() != messages); second++)
        {
            await Task.Delay(1000);
            left = await cluster.MessagesAsync();
        }

        left.Count.ShouldBeGreaterThan(5);
        Total().ShouldBe(messages, string.Join(", ", left.Where(queue => queue.Value > 0)));
        await cluster.StartAsync(roles);

        int Total() => left.Where(queue => queue.Key != "gdm.heartbeats").Sum(queue => queue.Value);
    }

    private static TimeSpan Pause(Random random) => TimeSpan.FromMilliseconds(random.Next(1500));

    private static void FillDisk(string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var block = new byte[1 << 16];
        try
        {
            while (true)
                stream.Write(block);
        }
        catch (IOException)
        {
            // Full, as intended.
        }
    }

    /// <summary>Runs the job and calls <paramref name="fault"/> once a random share of its units between the two is done.</summary>
    private async Task DrillAsync(int seed, double earliest, double latest, Func<JobId, Random, Task> fault)
    {
        var random = new Random(seed);
        var (job, output) = await cluster.SubmitAsync($"drill-{seed}");
        double share = earliest + (latest - earliest) * random.NextDouble();
        await cluster.UntilUnitsDoneAsync(job.Id, found => found.UnitsDone >= share * found.UnitsTotal);
        await Task.Delay(random.Next(200));
        await fault(job.Id, random);
        await cluster.ShouldEndWholeAsync(job, output);
    }
}
