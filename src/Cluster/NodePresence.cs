using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Messages;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Cluster;

/// <summary>What makes a process without units of work (coordinator, service) visible and evictable: the same heartbeats and orders as a worker's.</summary>
public sealed partial class NodePresence(
    string name, IReadOnlyList<string> roles, string version, IBus bus, TimeSpan period, RecentLog log, TimeProvider time, ILogger<NodePresence> logger)
{
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>An operator asked the process to end.</summary>
    public event Action? Evicted;

    /// <summary>Beats and listens until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(BeatAsync(cancellation), bus.ListenAsync(Obey, cancellation));

    private Task Obey(NodeControl control)
    {
        if (control.Node == name && control.Order == NodeOrder.Evict)
            Evicted?.Invoke();
        return Task.CompletedTask;
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var beat = new NodeHeartbeat(name, roles, version, 0, false, [], _started) { Sent = time.GetUtcNow(), Log = log.Lines };
                await bus.PublishAsync([new OutgoingMessage(Queues.Heartbeats, Envelope.Write(beat, "", null))], cancellation);
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                LogNoHeartbeat(error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.WhenAny(Task.Delay(period, time, cancellation));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No heartbeat could be sent: {Reason}")]
    private partial void LogNoHeartbeat(string reason);
}
