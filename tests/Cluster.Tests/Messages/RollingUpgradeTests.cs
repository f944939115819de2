using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;
using GdmOptEtq.Cluster.Tests.Worker;
using GdmOptEtq.Cluster.Worker;
using Microsoft.Extensions.Logging.Abstractions;

namespace GdmOptEtq.Cluster.Tests.Messages;

/// <summary>
/// Old and new nodes side by side over a real broker. The new program is this one behind a bus that speaks the next version: its commands for tiles are of
/// version 2, which no old worker understands, and all its messages have members that the old ones do not know.
/// </summary>
[Collection(RealServersCollection.Name)]
public sealed class RollingUpgradeTests(RealServers servers)
{
    [RabbitMqFact]
    public async Task Old_and_new_workers_side_by_side_finish_the_jobs_and_every_tile_is_done_by_one_that_understands_it()
    {
        using var folder = new ScratchFolder();
        await using var store = new SqliteJobStore(folder["jobs.db"], TimeProvider.System);
        await store.MigrateAsync(default);
        await using IBus oldBus = new RabbitMqBus(servers.RabbitMq!.Uri, "old"), newBus = new NextVersion(new RabbitMqBus(servers.RabbitMq.Uri, "new"));
        var planner = new StubPlanner(new JobShape(4, [new PairShape(0, 2, 8, 0), new PairShape(1, 3, 8, 0)], 1));
        var work = new StubWork((_, cancellation) => Task.Delay(30, cancellation));
        var policy = JobPolicy.Of(TimeSpan.FromSeconds(6));
        using var stop = new CancellationTokenSource();
        using var upgraded = new CancellationTokenSource();

        // As before the upgrade: everything is old.
        using var oldCoordinator = Coordinator("c-old", oldBus);
        using var oldWorker = Worker("w-old", oldBus);
        var oldCoordination = oldCoordinator.RunAsync(upgraded.Token);
        var nodes = new List<Task> { oldWorker.RunAsync(stop.Token) };
        var first = StubCluster.NewJob();
        await store.AcceptAsync(first, default);
        await Eventually.TrueAsync(async () => (await store.FindAsync(first.Id, default))!.UnitsDone >= 6);

        // A new worker joins, then the coordinator is replaced: what it sends now, only the new worker understands.
        using var newWorker = Worker("w-new", newBus);
        nodes.Add(newWorker.RunAsync(stop.Token));
        await upgraded.CancelAsync();
        await oldCoordination;
        using var newCoordinator = Coordinator("c-new", newBus);
        nodes.Add(newCoordinator.RunAsync(stop.Token));
        var second = StubCluster.NewJob();
        await store.AcceptAsync(second, default);
        foreach (var job in new[] { first, second })
        {
            StoredJob? found = null;
            await Eventually.TrueAsync(async () => (found = await store.FindAsync(job.Id, default))!.Phase >= JobPhase.Succeeded);
            found!.Phase.ShouldBe(JobPhase.Succeeded, found.Message);
            found.UnitsDone.ShouldBe(found.UnitsTotal);
        }

        var tiles = (await store.UnitsAsync(second.Id, default)).Where(unit => unit.Unit is >= 4 and < 20).ToList();
        tiles.Count.ShouldBe(16);
        tiles.ShouldAllBe(tile => tile.Worker == "w-new" && tile.Failures == 0);
        (await store.UnitsAsync(first.Id, default)).ShouldContain(unit => unit.Worker == "w-old");
        (await oldBus.PeekAsync(Queues.Dead, 10, default)).ShouldBeEmpty("handing back is no reason to bury a message");
        await stop.CancelAsync();
        await Task.WhenAll(nodes);

        CoordinatorNode Coordinator(string name, IBus bus) => new(name, store, bus, planner, policy, TimeProvider.System, NullLogger<CoordinatorNode>.Instance);

        WorkerNode Worker(string name, IBus bus) => new(
            name, [NodeRoles.CorrelationWorker, NodeRoles.Aggregator], [.. Queues.OfRole(NodeRoles.CorrelationWorker), .. Queues.OfRole(NodeRoles.Aggregator)], 2, name, bus, work, policy,
            new RecentLog(TimeProvider.System), TimeProvider.System, NullLogger<WorkerNode>.Instance);
    }

    /// <summary>Speaks the next version of the protocol, and understands this one.</summary>
    private sealed class NextVersion(IBus bus) : IBus
    {
        public Task PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellation) =>
            bus.PublishAsync([.. messages.Select(message => message with { Body = Raised(message.Body) })], cancellation);

        public Task ConsumeAsync(string queue, int slots, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken cancellation) =>
            bus.ConsumeAsync(queue, slots, (delivery, stop) => handle(Understood(delivery), stop), cancellation);

        public Task ConsumeBatchesAsync(string queue, int most, Func<IReadOnlyList<Delivery>, CancellationToken, Task> handle, CancellationToken cancellation) =>
            bus.ConsumeBatchesAsync(queue, most, (batch, stop) => handle([.. batch.Select(Understood)], stop), cancellation);

        public Task BroadcastAsync(NodeControl control, CancellationToken cancellation) => bus.BroadcastAsync(control, cancellation);

        public Task ListenAsync(Func<NodeControl, Task> handle, CancellationToken cancellation) => bus.ListenAsync(handle, cancellation);

        public Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation) => bus.DepthsAsync(cancellation);

        public Task<IReadOnlyList<Envelope>> PeekAsync(string queue, int most, CancellationToken cancellation) => bus.PeekAsync(queue, most, cancellation);

        public Task<int> RequeueDeadAsync(CancellationToken cancellation) => bus.RequeueDeadAsync(cancellation);

        public ValueTask DisposeAsync() => bus.DisposeAsync();

        private static byte[] Raised(byte[] body)
        {
            var message = JsonNode.Parse(body)!;
            message["body"]!["hurry"] = 7;
            if (message["type"]!.GetValue<string>() == nameof(CorrelateTile))
                message["version"] = Envelope.CurrentVersion + 1;
            return JsonSerializer.SerializeToUtf8Bytes(message);
        }

        private static Delivery Understood(Delivery delivery) =>
            delivery.Envelope.Version == Envelope.CurrentVersion + 1 ? delivery with { Envelope = delivery.Envelope with { Version = Envelope.CurrentVersion } } : delivery;
    }
}
