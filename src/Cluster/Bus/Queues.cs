using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Bus;

/// <summary>The queues, and which message goes into which.</summary>
public static class Queues
{
    /// <summary>Requests and events, for the coordinator.</summary>
    public const string Coordinator = "gdm.coordinator";

    /// <summary>Heartbeats, for the coordinator; not durable, an old one is worth nothing.</summary>
    public const string Heartbeats = "gdm.heartbeats";

    public const string Prepare = "gdm.prepare";

    public const string Correlate = "gdm.correlate";

    public const string Aggregate = "gdm.aggregate";

    public const string Summarise = "gdm.summarise";

    /// <summary>Products, one raster each, and the publication of results.</summary>
    public const string Write = "gdm.write";

    /// <summary>What was rejected, or returned too often.</summary>
    public const string Dead = "gdm.dead";

    /// <summary>Exchange whose messages reach every node.</summary>
    public const string Control = "gdm.control";

    /// <summary>The queues that must survive a restart of the broker.</summary>
    public static IReadOnlyList<string> Durable { get; } = [Coordinator, Prepare, Correlate, Aggregate, Summarise, Write];

    /// <summary>
    /// The queues that a role takes its work from; none for a role that does no units. Units of seconds and units of minutes go to different roles, since a
    /// node takes a message from each of its queues, and a short unit would wait there behind a long one.
    /// </summary>
    public static IReadOnlyList<string> OfRole(string role) => role switch
    {
        NodeRoles.CorrelationWorker => [Prepare, Correlate, Write],
        NodeRoles.Aggregator => [Aggregate, Summarise],
        _ => [],
    };

    /// <summary>The queue of a message type by its name; null for a broadcast.</summary>
    public static string? Of(string messageType) => messageType switch
    {
        nameof(PrepareAcquisition) => Prepare,
        nameof(CorrelateTile) => Correlate,
        nameof(AggregatePair) => Aggregate,
        nameof(SummariseStack) => Summarise,
        nameof(WriteProduct) or nameof(PublishResult) => Write,
        nameof(NodeHeartbeat) => Heartbeats,
        nameof(NodeControl) => null,
        _ => Coordinator,
    };
}
