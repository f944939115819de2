using System.Collections.Concurrent;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;

namespace GdmOptEtq.Cluster.Tests.Bus;

/// <summary>What every bus must do; run against each engine.</summary>
public abstract class BusContract
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected abstract IBus Open();

    protected static OutgoingMessage Tile(string queue, int unit) =>
        new(queue, Envelope.Write(new CorrelateTile(new JobId("j"), unit, 1), Guid.NewGuid().ToString("N"), null));

    protected async Task Every_message_arrives_once_when_all_goes_well()
    {
        await using var bus = Open();
        await bus.PublishAsync([.. Enumerable.Range(0, 500).Select(unit => Tile(Queues.Correlate, unit))], default);
        var seen = new ConcurrentBag<int>();
        await ConsumeUntilAsync(
            bus, Queues.Correlate, 4,
            delivery =>
            {
                seen.Add(((CorrelateTile)delivery.Envelope.Open()!).Unit);
                return Settlement.Done;
            },
            () => seen.Count >= 500);
        seen.Order().ShouldBe(Enumerable.Range(0, 500));
    }

    protected async Task A_returned_message_and_one_whose_handler_threw_come_again()
    {
        await using var bus = Open();
        await bus.PublishAsync([Tile(Queues.Prepare, 1), Tile(Queues.Prepare, 2)], default);
        var seen = new ConcurrentQueue<(int Unit, bool Again)>();
        await ConsumeUntilAsync(
            bus, Queues.Prepare, 1,
            delivery =>
            {
                int unit = ((CorrelateTile)delivery.Envelope.Open()!).Unit;
                seen.Enqueue((unit, delivery.Redelivered));
                return delivery.Redelivered ? Settlement.Done : unit == 1 ? Settlement.Return : throw new InvalidOperationException("on purpose");
            },
            () => seen.Count >= 4);
        seen.Count(item => item.Again).ShouldBe(2);
    }

    protected async Task A_message_that_is_always_returned_ends_among_the_dead_and_can_be_requeued()
    {
        await using var bus = Open();
        await bus.PublishAsync([Tile(Queues.Correlate, 77)], default);
        async Task<long> Dead() => (await bus.DepthsAsync(default)).Single(depth => depth.Queue == Queues.Dead).Waiting;
        using (var stop = new CancellationTokenSource())
        {
            var consuming = bus.ConsumeAsync(Queues.Correlate, 1, (_, _) => Task.FromResult(Settlement.Return), stop.Token);
            await Eventually.TrueAsync(async () => await Dead() == 1);
            await stop.CancelAsync();
            await consuming;
        }

        (await bus.PeekAsync(Queues.Dead, 10, default)).Single().Type.ShouldBe(nameof(CorrelateTile));
        await Eventually.TrueAsync(async () => await Dead() == 1);
        (await bus.RequeueDeadAsync(default)).ShouldBe(1);
        bool arrived = false;
        await ConsumeUntilAsync(
            bus, Queues.Correlate, 1,
            _ =>
            {
                arrived = true;
                return Settlement.Done;
            },
            () => arrived);
    }

    protected async Task A_batch_is_offered_again_until_it_is_handled()
    {
        await using var bus = Open();
        await bus.PublishAsync([.. Enumerable.Range(0, 100).Select(unit => Tile(Queues.Coordinator, unit))], default);
        var handled = new ConcurrentBag<int>();
        int calls = 0;
        using var stop = new CancellationTokenSource(Patience);
        var consuming = bus.ConsumeBatchesAsync(
            Queues.Coordinator,
            32,
            (batch, _) =>
            {
                batch.Count.ShouldBeLessThanOrEqualTo(32);
                if (Interlocked.Increment(ref calls) == 2)
                    throw new InvalidOperationException("the store is away");
                foreach (var delivery in batch)
                    handled.Add(((CorrelateTile)delivery.Envelope.Open()!).Unit);
                return Task.CompletedTask;
            },
            stop.Token);
        await Eventually.TrueAsync(() => handled.Count >= 100);
        await stop.CancelAsync();
        await consuming;
        handled.Order().ShouldBe(Enumerable.Range(0, 100));
    }

    protected async Task A_broadcast_reaches_everybody_who_listens()
    {
        await using var bus = Open();
        using var stop = new CancellationTokenSource(Patience);
        var heard = new ConcurrentBag<string>();
        Task Listen(string name) => bus.ListenAsync(
            control =>
            {
                heard.Add($"{name} {control.Order} {control.Node}");
                return Task.CompletedTask;
            },
            stop.Token);
        var listening = Task.WhenAll(Listen("a"), Listen("b"));
        await Eventually.TrueAsync(async () =>
        {
            await bus.BroadcastAsync(new NodeControl(NodeOrder.Drain, "w1", null), default);
            await Task.Delay(100);
            return heard.Contains("a Drain w1") && heard.Contains("b Drain w1");
        });
        await stop.CancelAsync();
        await listening;
    }

    protected static async Task ConsumeUntilAsync(IBus bus, string queue, int slots, Func<Delivery, Settlement> handle, Func<bool> enough)
    {
        using var stop = new CancellationTokenSource();
        var consuming = bus.ConsumeAsync(queue, slots, (delivery, _) => Task.FromResult(handle(delivery)), stop.Token);
        await Eventually.TrueAsync(() => enough());
        await Task.Delay(200);
        await stop.CancelAsync();
        await consuming;
    }
}

public sealed class InProcessBusTests : BusContract
{
    protected override IBus Open() => new InProcessBus();

    [Fact]
    public Task Delivers() => Every_message_arrives_once_when_all_goes_well();

    [Fact]
    public Task Redelivers() => A_returned_message_and_one_whose_handler_threw_come_again();

    [Fact]
    public Task Buries() => A_message_that_is_always_returned_ends_among_the_dead_and_can_be_requeued();

    [Fact]
    public Task Batches() => A_batch_is_offered_again_until_it_is_handled();

    [Fact]
    public Task Broadcasts() => A_broadcast_reaches_everybody_who_listens();
}

[Collection(RealServersCollection.Name)]
public sealed class RabbitMqBusTests(RealServers servers) : BusContract
{
    protected override IBus Open() => new RabbitMqBus(servers.RabbitMq!.Uri, "test");

    [RabbitMqFact]
    public Task Delivers() => Every_message_arrives_once_when_all_goes_well();

    [RabbitMqFact]
    public Task Redelivers() => A_returned_message_and_one_whose_handler_threw_come_again();

    [RabbitMqFact]
    public Task Buries() => A_message_that_is_always_returned_ends_among_the_dead_and_can_be_requeued();

    [RabbitMqFact]
    public Task Batches() => A_batch_is_offered_again_until_it_is_handled();

    [RabbitMqFact]
    public Task Broadcasts() => A_broadcast_reaches_everybody_who_listens();

    [RabbitMqFact]
    public async Task Bytes_that_are_no_message_go_to_the_dead_letters_alone()
    {
        await using var bus = Open();
        await bus.PublishAsync([Tile(Queues.Summarise, 1), new OutgoingMessage(Queues.Summarise, "rubbish"u8.ToArray()), Tile(Queues.Summarise, 2)], default);
        var seen = new ConcurrentBag<int>();
        using var stop = new CancellationTokenSource();
        var consuming = bus.ConsumeBatchesAsync(
            Queues.Summarise,
            32,
            (batch, _) =>
            {
                foreach (var delivery in batch)
                    seen.Add(((CorrelateTile)delivery.Envelope.Open()!).Unit);
                return Task.CompletedTask;
            },
            stop.Token);
        async Task<long> Dead() => (await bus.DepthsAsync(default)).Single(depth => depth.Queue == Queues.Dead).Waiting;
        await Eventually.TrueAsync(async () => seen.Count >= 2 && await Dead() == 1);
        await stop.CancelAsync();
        await consuming;
        seen.Order().ShouldBe([1, 2]);
        // Leave nothing for the other tests of this broker; rubbish has no queue to go back to.
        (await bus.RequeueDeadAsync(default)).ShouldBe(1);
        (await Dead()).ShouldBe(0);
    }

    [RabbitMqFact]
    public async Task A_wrong_password_and_a_dead_port_are_told_apart()
    {
        await using var wrong = new RabbitMqBus(new Uri($"amqp://guest:guess@127.0.0.1:{servers.RabbitMq!.Port}/"), "test");
        (await Should.ThrowAsync<BusException>(() => wrong.DepthsAsync(default))).Message.ShouldContain("password");
        await using var dead = new RabbitMqBus(new Uri($"amqp://guest:guest@127.0.0.1:{ServerProcess.FreePort()}/"), "test");
        (await Should.ThrowAsync<BusException>(() => dead.DepthsAsync(default))).Message.ShouldContain("cannot be reached");
    }
}
