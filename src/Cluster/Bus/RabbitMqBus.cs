using System.Threading.Channels;
using GdmOptEtq.Cluster.Messages;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GdmOptEtq.Cluster.Bus;

/// <summary>
/// The bus of a cluster: quorum queues (they survive the broker's death), publisher confirms awaited a batch at a time, prefetch equal to the slots
/// of the consumer, a delivery limit and a queue for dead letters. Every process declares the queues, so that none depends on another's start.
/// </summary>
public sealed partial class RabbitMqBus : IBus
{
    /// <summary>Returns of one message before the broker moves it to the dead letters. Scale-downs use it up, too: not too small.</summary>
    public const int DeliveryLimit = 20;

    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    private readonly ConnectionFactory _factory;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private IConnection? _connection;
    private IChannel? _publisher;

    /// <param name="uri">amqp://user:password@host:port/vhost</param>
    /// <param name="name">Name of this process, shown by the broker's own tools.</param>
    public RabbitMqBus(Uri uri, string name)
    {
        _factory = new ConnectionFactory
        {
            Uri = uri,
            ClientProvidedName = name,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            ContinuationTimeout = TimeSpan.FromSeconds(15),
        };
    }

    public async Task PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellation)
    {
        if (messages.Count == 0)
            return;
        IChannel? channel = null;
        try
        {
            var confirmations = new Task[messages.Count];
            await _publishing.WaitAsync(cancellation);
            try
            {
                channel = await PublisherAsync(cancellation);
                for (int i = 0; i < messages.Count; i++)
                    confirmations[i] = PublishOneAsync(channel, messages[i], cancellation);
            }
            finally
            {
                _publishing.Release();
            }

            // The next ones may be sent while these are confirmed: the broker confirms many at once.
            await Task.WhenAll(confirmations);
        }
        catch (Exception error) when (error is not OperationCanceledException and not BusException)
        {
            await ForgetPublisherAsync(channel);
            throw new BusException($"RabbitMQ did not confirm {messages.Count} messages ({error.Message}): they are sent again once it answers.", error);
        }
    }

    public Task ConsumeAsync(string queue, int slots, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken cancellation) =>
        WithChannelsAsync(queue, slots, (channel, deliveries, stop) => ServeAsync(channel, deliveries, handle, stop, cancellation), cancellation);

    public Task ConsumeBatchesAsync(string queue, int most, Func<IReadOnlyList<Delivery>, CancellationToken, Task> handle, CancellationToken cancellation) =>
        WithChannelsAsync(queue, most, (channel, deliveries, stop) => ServeBatchesAsync(channel, deliveries, most, handle, stop), cancellation);

    public async Task BroadcastAsync(NodeControl control, CancellationToken cancellation)
    {
        await _publishing.WaitAsync(cancellation);
        IChannel? channel = null;
        try
        {
            channel = await PublisherAsync(cancellation);
            await channel.BasicPublishAsync(Queues.Control, "", mandatory: false, Envelope.Write(control, Guid.NewGuid().ToString("N"), null), cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException and not BusException)
        {
            await ForgetAsync(channel);
            throw new BusException($"RabbitMQ did not take the order to the nodes ({error.Message}): try again.", error);
        }
        finally
        {
            _publishing.Release();
        }
    }

    public async Task ListenAsync(Func<NodeControl, Task> handle, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await using var channel = await ChannelAsync(confirms: false, cancellation);
                var queue = await channel.QueueDeclareAsync(cancellationToken: cancellation);
                await channel.QueueBindAsync(queue.QueueName, Queues.Control, "", cancellationToken: cancellation);
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += async (_, message) =>
                {
                    if (Envelope.Read(message.Body.Span).Open() is NodeControl control)
                        await handle(control);
                };
                await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, cancellation);
                await ClosedAsync(channel, cancellation);
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested && error is not BusException { InnerException: AuthenticationFailureException })
            {
                await PauseAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public async Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation)
    {
        await using var channel = await ChannelAsync(confirms: false, cancellation);
        var depths = new List<QueueDepth>();
        foreach (string queue in Queues.Durable.Append(Queues.Dead))
        {
            var state = await channel.QueueDeclarePassiveAsync(queue, cancellation);
            depths.Add(new QueueDepth(queue, state.MessageCount, (int)state.ConsumerCount));
        }

        return depths;
    }

    public async Task<IReadOnlyList<Envelope>> PeekAsync(string queue, int most, CancellationToken cancellation)
    {
        // Taken and never acknowledged: closing the channel puts them back.
        await using var channel = await ChannelAsync(confirms: false, cancellation);
        var seen = new List<Envelope>();
        while (seen.Count < most && await channel.BasicGetAsync(queue, autoAck: false, cancellation) is { } message)
            seen.Add(Envelope.ReadAnything(message.Body.Span));
        return seen;
    }

    public async Task<int> RequeueDeadAsync(CancellationToken cancellation)
    {
        await using var channel = await ChannelAsync(confirms: true, cancellation);
        int moved = 0;
        while (await channel.BasicGetAsync(Queues.Dead, autoAck: false, cancellation) is { } message)
        {
            byte[] body = message.Body.ToArray();
            if (HomeOf(body) is { } home)
                await PublishOneAsync(channel, new OutgoingMessage(home, body), cancellation);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellation);
            moved++;
        }

        return moved;
    }

    // What is no message of ours has no home, and is gone once an operator asks for the dead to be sent again.
    private static string? HomeOf(byte[] body)
    {
        try
        {
            return Queues.Of(Envelope.Read(body).Type);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync(_publisher);
        if (_connection is not null)
        {
            try
            {
                await _connection.CloseAsync(TimeSpan.FromSeconds(5));
            }
            catch (Exception)
            {
                // Already gone: nothing is left to close.
            }

            await _connection.DisposeAsync();
        }

        _gate.Dispose();
        _publishing.Dispose();
    }

    private static async Task PublishOneAsync(IChannel channel, OutgoingMessage message, CancellationToken cancellation)
    {
        bool durable = message.Queue != Queues.Heartbeats;
        var properties = new BasicProperties { DeliveryMode = durable ? DeliveryModes.Persistent : DeliveryModes.Transient, ContentType = "application/json" };
        await channel.BasicPublishAsync("", message.Queue, mandatory: durable, properties, message.Body, cancellation);
    }

    private async Task WithChannelsAsync(
        string queue, int prefetch, Func<IChannel, ChannelReader<Arrived>, CancellationToken, Task> serve, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await using var channel = await ChannelAsync(confirms: false, cancellation);
                await channel.BasicQosAsync(0, (ushort)prefetch, global: false, cancellation);
                var arrived = System.Threading.Channels.Channel.CreateUnbounded<Arrived>();
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += (_, message) =>
                {
                    arrived.Writer.TryWrite(new Arrived(message.DeliveryTag, message.Redelivered, message.Body.ToArray()));
                    return Task.CompletedTask;
                };
                channel.ChannelShutdownAsync += (_, _) =>
                {
                    arrived.Writer.TryComplete();
                    return stop.CancelAsync();
                };
                string tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellation);
                var serving = serve(channel, arrived.Reader, stop.Token);
                await serving;
                if (channel.IsOpen)
                    await channel.BasicCancelAsync(tag, noWait: false, CancellationToken.None);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                await PauseAsync(cancellation);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private static async Task ServeAsync(
        IChannel channel, ChannelReader<Arrived> arrived, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken closed, CancellationToken stop)
    {
        var running = new List<Task>();
        try
        {
            await foreach (var message in arrived.ReadAllAsync(closed))
            {
                running.RemoveAll(task => task.IsCompleted);
                running.Add(Task.Run(() => SettleAsync(channel, message, handle, stop), CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping, or the channel is gone: what runs is awaited below.
        }

        await Task.WhenAll(running);
    }

    private static async Task SettleAsync(
        IChannel channel, Arrived message, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken stop)
    {
        var settlement = Settlement.Return;
        try
        {
            settlement = await handle(new Delivery(Envelope.Read(message.Body), message.Redelivered), stop);
        }
        catch (System.Text.Json.JsonException)
        {
            settlement = Settlement.Reject;
        }
        catch (Exception)
        {
            if (!stop.IsCancellationRequested)
                await Task.Delay(ReconnectPause, CancellationToken.None);
        }

        try
        {
            if (settlement == Settlement.Done)
                await channel.BasicAckAsync(message.Tag, multiple: false, CancellationToken.None);
            else
                await channel.BasicNackAsync(message.Tag, multiple: false, requeue: settlement == Settlement.Return, CancellationToken.None);
        }
        catch (Exception)
        {
            // The channel is gone, so the broker delivers the message again: the unit's key makes that free.
        }
    }

    private static async Task ServeBatchesAsync(
        IChannel channel, ChannelReader<Arrived> arrived, int most, Func<IReadOnlyList<Delivery>, CancellationToken, Task> handle, CancellationToken stop)
    {
        var batch = new List<Arrived>();
        while (!stop.IsCancellationRequested && await arrived.WaitToReadAsync(stop))
        {
            while (batch.Count < most && arrived.TryRead(out var message))
                batch.Add(message);
            var deliveries = new List<Delivery>();
            ulong lastTag = 0;
            foreach (var message in batch)
            {
                try
                {
                    deliveries.Add(new Delivery(Envelope.Read(message.Body), message.Redelivered));
                    lastTag = message.Tag;
                }
                catch (System.Text.Json.JsonException)
                {
                    // No message of ours: to the dead letters, alone, so that it does not drag the others of its batch along.
                    await channel.BasicNackAsync(message.Tag, multiple: false, requeue: false, CancellationToken.None);
                }
            }

            batch.Clear();
            if (deliveries.Count == 0)
                continue;
            if (!await BatchRetry.UntilHandledAsync(deliveries, handle, stop))
                return;
            await channel.BasicAckAsync(lastTag, multiple: true, CancellationToken.None);
        }
    }

    private readonly record struct Arrived(ulong Tag, bool Redelivered, byte[] Body);
}
