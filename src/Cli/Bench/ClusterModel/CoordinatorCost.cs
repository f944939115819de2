using System.Diagnostics;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cli.Bench.ClusterModel;

/// <summary>Processor time of the coordinator per tile result, measured by letting its code handle some thousands.</summary>
/// <param name="Results">Tile results handled.</param>
/// <param name="DecisionMicroseconds">Deciding and handing out the next unit (JobMachine, Dispatcher, LeaseTable).</param>
/// <param name="WholeMicroseconds">The same with messages read and written and every decision committed to a job store and its outbox emptied.</param>
internal sealed record CoordinatorCost(int Results, double DecisionMicroseconds, double WholeMicroseconds)
{
    private const int Tiles = 6000;
    private const int Slots = 400;
    private static readonly JobPolicy Policy = new();

    /// <summary>Tile results per second on one core.</summary>
    public double ResultsPerSecond => 1e6 / WholeMicroseconds;

    /// <param name="folder">Where the job store (SQLite) is made; removed afterwards.</param>
    /// <param name="cancellation">Stops measuring.</param>
    public static async Task<CoordinatorCost> MeasureAsync(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        try
        {
            // Once for the compiler, once for the figure.
            await HandleAsync(null, cancellation);
            double decision = await HandleAsync(null, cancellation);
            await using var store = new SqliteJobStore(Path.Combine(folder, "model.db"), TimeProvider.System);
            await store.MigrateAsync(cancellation);
            await HandleAsync(store, cancellation);
            double whole = await HandleAsync(store, cancellation);
            return new CoordinatorCost(Tiles, decision, whole);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> HandleAsync(SqliteJobStore? store, CancellationToken cancellation)
    {
        var shape = new JobShape(2, [new PairShape(0, 1, Tiles, 0)], 1);
        var id = JobId.New(TimeProvider.System);
        var job = new JobState(id, JobPhase.Running, 0, shape);
        var leases = new LeaseTable();
        if (store is not null)
        {
            var now = DateTimeOffset.UtcNow;
            await store.AcceptAsync(new StoredJob(id, "", "model", "{}", JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0), cancellation);
            await store.PlanAsync(id, shape, cancellation);
        }

        var begin = new Decision(id, [new UnitChange(0, UnitStatus.Done, 1, 0), new UnitChange(1, UnitStatus.Done, 1, 0)], JobPhase.Running, "model", []);
        foreach (var change in begin.Units)
            job.Evolve(change);
        leases.Heard(new NodeHeartbeat("model", [NodeRoles.CorrelationWorker], "model", Slots, false, [], DateTimeOffset.UtcNow), DateTimeOffset.UtcNow);
        var sent = new Queue<IWorkCommand>();
        var clock = Process.GetCurrentProcess();
        var before = clock.TotalProcessorTime;
        int handled = 0;
        List<byte[]> results = [];
        long[] left = [];
        var decisions = new List<Decision> { begin };
        while (handled < Tiles)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (byte[] body in results)
            {
                var decision = JobMachine.Decide(job, (IMessage)Envelope.Read(body).Open()!, Policy);
                foreach (var change in decision.Units)
                {
                    job.Evolve(change);
                    leases.Settled(id, change.Unit);
                }

                decisions.Add(decision);
                handled++;
            }

            var now = DateTimeOffset.UtcNow;
            var dispatched = Dispatcher.Fill([job], leases.Slots(now, TimeSpan.FromHours(1)));
            foreach (var decision in dispatched)
            {
                leases.Sent(id, decision.Units[0].Unit, decision.Units[0].Attempt, now);
                sent.Enqueue((IWorkCommand)decision.Send[0]);
            }

            decisions.AddRange(dispatched);
            if (store is not null)
            {
                await store.CommitAsync(decisions, null, left, cancellation);
                var waiting = await store.OutboxAsync(500, cancellation);
                foreach (var message in waiting)
                    Envelope.Read(message.Body);
                left = [.. waiting.Select(message => message.Number)];
            }

            decisions.Clear();
            results.Clear();
            // About what arrives while the batch before is written.
            while (results.Count < 64 && sent.TryDequeue(out var command) && command is CorrelateTile)
                results.Add(Envelope.Write(new TileCorrelated(id, command.Unit, command.Attempt, "model", 1), "", null));
            if (results.Count == 0)
                break;
        }

        clock.Refresh();
        return (clock.TotalProcessorTime - before).TotalMicroseconds / handled;
    }
}
