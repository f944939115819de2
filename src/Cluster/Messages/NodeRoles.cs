namespace GdmOptEtq.Cluster.Messages;

/// <summary>Names of the roles a process can play.</summary>
public static class NodeRoles
{
    public const string Coordinator = "coordinator";

    public const string CorrelationWorker = "correlation-worker";

    public const string Aggregator = "aggregator";

    public const string Service = "service";
}
