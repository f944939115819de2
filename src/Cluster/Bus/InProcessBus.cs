using System.Collections.Concurrent;
using System.Threading.Channels;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Bus;

/// <summary>The bus of one process: channels. Nothing outlives the process; at the next start the job store says what is still to be sent.</summary>
public sealed class InProcessBus : IBus
{
    /// <summary>Returns of one message before it counts as dead, as the broker's delivery limit.</summary>
    public const int DeliveryLimit = 20;

    private readonly ConcurrentDictionary<string, Channel<Item>> _queues = new();
    private readonly ConcurrentDictionary<string, int> _consumers = new();
    private readonly ConcurrentDictionary<Guid, Func<NodeControl, Task>> _listeners = new();

    public Task PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
            Queue(message.Queue).Writer.TryWrite(new Item(message.Queue, message.Body, 0));
        return Task.CompletedTask;
    }

    public async Task ConsumeAsync(string queue, int slots, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken cancellation)
    {
        _consumers.AddOrUpdate(queue, 1, (_, count) => count + 1);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, slots).Select(_ => Task.Run(() => ServeAsync(queue, handle, cancellation), CancellationToken.None)));
        }
        finally
        {
            _consumers.AddOrUpdate(queue, 0, (_, count) => count - 1);
        }
    }

    public async Task ConsumeBatchesAsync(string queue, int most, Func<IReadOnlyList<Delivery>, CancellationToken, Task> handle, CancellationToken cancellation)
    {
        var reader = Queue(queue).Reader;
        var items = new List<Item>();
        while (await WaitAsync(reader, cancellation))
        {
            while (items.Count < most && reader.TryRead(out var item))
                items.Add(item);
            var deliveries = items.ConvertAll(item => new Delivery(Envelope.Read(item.Body), item.Returns > 0));
            if (!await BatchRetry.UntilHandledAsync(deliveries, handle, cancellation))
            {
                foreach (var item in items)
                    Return(item);
                return;
            }

            items.Clear();
        }
    }

    public async Task BroadcastAsync(NodeControl control, CancellationToken cancellation)
    {
        foreach (var listener in _listeners.Values)
            await listener(control);
    }

    public async Task ListenAsync(Func<NodeControl, Task> handle, CancellationToken cancellation)
    {
        var id = Guid.NewGuid();
        _listeners[id] = handle;
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            _listeners.TryRemove(id, out _);
        }
    }

    public Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<QueueDepth>>(
        [.. Queues.Durable.Append(Queues.Dead).Select(queue => new QueueDepth(queue, Queue(queue).Reader.Count, _consumers.GetValueOrDefault(queue)))]);

    public Task<IReadOnlyList<Envelope>> PeekAsync(string queue, int most, CancellationToken cancellation)
    {
        // A channel cannot be looked into: take everything out and put it back.
        var channel = Queue(queue);
        var items = new List<Item>();
        while (channel.Reader.TryRead(out var item))
            items.Add(item);
        foreach (var item in items)
            channel.Writer.TryWrite(item);
        return Task.FromResult<IReadOnlyList<Envelope>>([.. items.Take(most).Select(item => Envelope.Read(item.Body))]);
    }

    public Task<int> RequeueDeadAsync(CancellationToken cancellation)
    {
        int moved = 0;
        while (Queue(Queues.Dead).Reader.TryRead(out var item))
        {
            Queue(item.Queue).Writer.TryWrite(item with { Returns = 0 });
            moved++;
        }

        return Task.FromResult(moved);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var queue in _queues.Values)
            queue.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private async Task ServeAsync(string queue, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken cancellation)
    {
        var reader = Queue(queue).Reader;
        while (await WaitAsync(reader, cancellation))
        {
            if (!reader.TryRead(out var item))
                continue;
            var settlement = Settlement.Return;
            try
            {
                settlement = await handle(new Delivery(Envelope.Read(item.Body), item.Returns > 0), cancellation);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                await Task.Delay(200, CancellationToken.None);
            }
            catch (Exception)
            {
                // Stopping: the message goes back below.
            }

            if (settlement == Settlement.Return)
                Return(item);
            else if (settlement == Settlement.Reject)
                Queue(Queues.Dead).Writer.TryWrite(item);
        }
    }

    private static async Task<bool> WaitAsync(ChannelReader<Item> reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.WaitToReadAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Return(Item item)
    {
        bool dead = item.Returns + 1 >= DeliveryLimit;
        Queue(dead ? Queues.Dead : item.Queue).Writer.TryWrite(item with { Returns = item.Returns + 1 });
    }

    private Channel<Item> Queue(string name) => _queues.GetOrAdd(name, _ => Channel.CreateUnbounded<Item>());

    private readonly record struct Item(string Queue, byte[] Body, int Returns);
}
