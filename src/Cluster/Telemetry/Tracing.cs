using System.Diagnostics;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster;

/// <summary>Spans of the cluster: a job is one trace from <see cref="StartJob"/> to the last product, carried by the envelopes.</summary>
public static class Tracing
{
    public static readonly ActivitySource Source = new("GdmOptEtq.Cluster");

    /// <summary>A span for the work on <paramref name="command"/>, child of the span that sent it; null when nobody listens.</summary>
    public static Activity? Continue(Envelope envelope, IWorkCommand command)
    {
        var activity = Source.StartActivity(envelope.Type, ActivityKind.Consumer, envelope.TraceParent);
        activity?.SetTag("gdm.job", command.Job.Value).SetTag("gdm.unit", command.Unit).SetTag("gdm.attempt", command.Attempt);
        return activity;
    }
}
