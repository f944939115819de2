using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Bus;

/// <summary>
/// How messages travel: in-process channels in one process, RabbitMQ in a cluster. At least once, in no promised order; whoever receives must bear
/// a repetition. Both pass the same contract tests.
/// </summary>
public interface IBus : IAsyncDisposable
{
    /// <summary>Returns when every message is safe with the bus (confirmed), throws <see cref="BusException"/> when that is not certain.</summary>
    Task PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellation);

    /// <summary>
    /// Hands deliveries to <paramref name="handle"/>, at most <paramref name="slots"/> at once, until cancelled; reconnects by itself.
    /// A handler that throws returns its message to the queue.
    /// </summary>
    Task ConsumeAsync(string queue, int slots, Func<Delivery, CancellationToken, Task<Settlement>> handle, CancellationToken cancellation);

    /// <summary>As <see cref="ConsumeAsync"/>, but with whatever has arrived, up to <paramref name="most"/> messages, in one call: for whoever writes them in one transaction.
    /// A handler that throws is called again with the same batch, after a pause, until it succeeds or the consumer stops.</summary>
    Task ConsumeBatchesAsync(string queue, int most, Func<IReadOnlyList<Delivery>, CancellationToken, Task> handle, CancellationToken cancellation);

    /// <summary>Sends to every node that listens now; lost for those that do not.</summary>
    Task BroadcastAsync(NodeControl control, CancellationToken cancellation);

    /// <summary>Calls <paramref name="handle"/> for every broadcast until cancelled.</summary>
    Task ListenAsync(Func<NodeControl, Task> handle, CancellationToken cancellation);

    /// <summary>How many messages wait in each queue, and who consumes them.</summary>
    Task<IReadOnlyList<QueueDepth>> DepthsAsync(CancellationToken cancellation);

    /// <summary>Looks at the first messages of a queue and leaves them where they are.</summary>
    Task<IReadOnlyList<Envelope>> PeekAsync(string queue, int most, CancellationToken cancellation);

    /// <summary>Moves dead letters back to the queues they came from; answers how many.</summary>
    Task<int> RequeueDeadAsync(CancellationToken cancellation);
}

/// <summary>One message on its way to a queue.</summary>
public sealed record OutgoingMessage(string Queue, byte[] Body);

/// <summary>One message as it arrives. <paramref name="Redelivered"/>: it may have been seen before.</summary>
public sealed record Delivery(Envelope Envelope, bool Redelivered);

/// <summary>What becomes of a delivery.</summary>
public enum Settlement
{
    /// <summary>Dealt with, also when it was a repetition.</summary>
    Done,

    /// <summary>Back to the queue, for another consumer.</summary>
    Return,

    /// <summary>To the dead letters: no consumer will ever understand it.</summary>
    Reject,
}

/// <summary>How full a queue is.</summary>
public sealed record QueueDepth(string Queue, long Waiting, int Consumers);

/// <summary>The bus cannot be used; the message is one sentence for the operator.</summary>
public sealed class BusException : Exception
{
    public BusException(string sentence)
        : base(sentence)
    {
    }

    public BusException(string sentence, Exception cause)
        : base(sentence, cause)
    {
    }
}
