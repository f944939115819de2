using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster;

/// <summary>
/// Spans of the cluster: a job is one trace from <see cref="StartJob"/> to the last product, carried by the envelopes across the bus. The trace is found by
/// the job's id: an id of 32 hexadecimal digits is the trace id itself, any other is hashed to one.
/// </summary>
public static class Tracing
{
    public const string SourceName = "GdmOptEtq.Cluster";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A span for what <paramref name="node"/> does about <paramref name="message"/>, child of the span that sent it; null when nobody listens.</summary>
    public static Activity? Begin(Envelope envelope, IMessage message, string node)
    {
        if (!Source.HasListeners())
            return null;
        var activity = Source.StartActivity(envelope.Type, ActivityKind.Consumer, envelope.TraceParent ?? RootOf(message.Job));
        activity?.SetTag("gdm.job", message.Job.Value).SetTag("gdm.node", node);
        if (message is IWorkCommand command)
            activity?.SetTag("gdm.unit", command.Unit).SetTag("gdm.attempt", command.Attempt);
        else if (message is IWorkEvent news)
            activity?.SetTag("gdm.unit", news.Unit).SetTag("gdm.attempt", news.Attempt);
        return activity;
    }

    /// <summary>What a message about <paramref name="job"/> carries (W3C traceparent): the span at work if it is the job's, else the root of the job's trace.</summary>
    public static string ParentFor(JobId job)
    {
        string root = RootOf(job);
        return Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } && id.AsSpan(0, 36).SequenceEqual(root.AsSpan(0, 36)) ? id : root;
    }

    private static string RootOf(JobId job)
    {
        bool isTrace = job.Value.Length == 32 && job.Value.All(char.IsAsciiHexDigitLower) && job.Value.AsSpan(16).ContainsAnyExcept('0');
        string trace = isTrace ? job.Value : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(job.Value)))[..32];
        return $"00-{trace}-{trace[16..]}-01";
    }
}
