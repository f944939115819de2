using System.Diagnostics.Metrics;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster;

/// <summary>What a node counts; names follow Prometheus' habit, labels in braces.</summary>
public static class ClusterMetrics
{
    public const string MeterName = "GdmOptEtq.Cluster";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> UnitSeconds = Meter.CreateHistogram<double>("gdm_unit_seconds", "s", "Time of one unit of work, by stage.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("gdm_failures_total", null, "Units of work that failed, by reason.");

    public static void UnitDone(IWorkCommand command, double seconds) =>
        UnitSeconds.Record(seconds, new KeyValuePair<string, object?>("stage", command.GetType().Name));

    public static void UnitFailed(string reason) => Failures.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
