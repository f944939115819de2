using System.ComponentModel;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Diagnosis;
using GdmOptEtq.Cluster.Jobs;

namespace GdmOptEtq.Service.Operations;

/// <summary>Result of "cluster show".</summary>
public sealed record ClusterAnswer(
    [property: Description("The process that decides; null when none does.")] string? Coordinator,
    [property: Description("Nodes that answer.")] int Reachable,
    IReadOnlyList<NodeAnswer> Nodes);

/// <summary>One process.</summary>
public sealed record NodeAnswer(
    string Node,
    IReadOnlyList<string> Roles,
    [property: Description("working, idle, draining, coordinating, standby, serving or unreachable.")] string State,
    [property: Description("Units it may do at once; 0 for roles that do none.")] int Slots,
    IReadOnlyList<RunningAnswer> Running,
    string Version,
    DateTimeOffset Started,
    DateTimeOffset Seen,
    [property: Description("Seconds since it was last heard of.")] double SilentSeconds);

/// <summary>One unit in work.</summary>
public sealed record RunningAnswer(string Job, int Unit);

/// <summary>Result of what was asked of a node or a job.</summary>
public sealed record AskedAnswer(
    [property: Description("The node or job.")] string Of,
    [property: Description("What was asked.")] string Asked,
    [property: Description("It has taken effect already.")] bool Done,
    string Message);

/// <summary>Result of "job list".</summary>
public sealed record JobListAnswer(IReadOnlyList<JobLine> Jobs);

/// <summary>One job in a list.</summary>
public sealed record JobLine(
    string Job, string Title, string Owner, JobPhase Phase, string Message, int Priority, int UnitsDone, int UnitsTotal, int TilesFailed,
    DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Finished)
{
    public static JobLine Of(StoredJob job) => new(
        job.Id.Value, job.Title, job.Owner, job.Phase, job.Message, job.Priority, job.UnitsDone, job.UnitsTotal, job.TilesFailed, job.Created, job.Started, job.Finished);
}

/// <summary>Result of "job tree".</summary>
public sealed record JobTreeAnswer(
    string Job, JobPhase Phase, string Message, IReadOnlyList<UnitAnswer> Acquisitions, IReadOnlyList<PairAnswer> Pairs,
    [property: Description("Summaries of the stacks and, of several, their mosaic.")] IReadOnlyList<UnitAnswer> Summaries);

/// <summary>One pair and its tiles.</summary>
public sealed record PairAnswer(
    [property: Description("From 1.")] int Pair, int TilesWaiting, int TilesInWork, int TilesDone, int TilesFailed,
    [property: Description("Tiles that are in work or failed.")] IReadOnlyList<UnitAnswer> Tiles, UnitAnswer Aggregation);

/// <summary>One unit of work.</summary>
public sealed record UnitAnswer(
    int Unit, string What, UnitStatus Status, int Attempt, int Failures,
    [property: Description("Who did it or does it; null when nobody has taken it.")] string? Worker,
    [property: Description("Why its last attempt ended badly.")] string? Reason,
    [property: Description("Time of its last good attempt; 0 before.")] double Seconds);

/// <summary>Result of "job times"; 'gdm bench cluster-model --times' reads it.</summary>
public sealed record JobTimesAnswer(
    string Job, [property: Description("Where and when they were measured.")] string Source,
    IReadOnlyList<double> PrepareSeconds, IReadOnlyList<double> CorrelateSeconds, IReadOnlyList<double> AggregateSeconds, IReadOnlyList<double> SummariseSeconds,
    IReadOnlyList<double> WriteSeconds, IReadOnlyList<double> PublishSeconds,
    [property: Description("Of each raster of the mosaic, over the number of Sentinel-2 tiles; empty for a job of one tile.")] IReadOnlyList<double> MosaicSecondsPerTile);

/// <summary>Result of "job explain".</summary>
public sealed record JobExplanationAnswer(
    string Job, JobPhase Phase,
    [property: Description("The whole story in order, one sentence each.")] IReadOnlyList<string> Sentences,
    [property: Description("Every attempt that ended badly.")] IReadOnlyList<FailureAnswer> Failures);

/// <summary>One attempt that ended badly.</summary>
public sealed record FailureAnswer(int Unit, string What, int Attempt, string? Worker, DateTimeOffset At, string Reason);

/// <summary>Result of "job logs" and "log tail".</summary>
public sealed record LogAnswer(IReadOnlyList<LogAnswerLine> Lines);

/// <summary>One line.</summary>
public sealed record LogAnswerLine(DateTimeOffset At, [property: Description("The node or 'store'.")] string Source, string Level, string Text);

/// <summary>Result of "queue show".</summary>
public sealed record QueueListAnswer(IReadOnlyList<QueueAnswer> Queues);

/// <summary>One queue.</summary>
public sealed record QueueAnswer(string Queue, long Waiting, int Consumers);

/// <summary>Result of "queue peek".</summary>
public sealed record QueuePeekAnswer(string Queue, IReadOnlyList<PeekedMessage> Messages);

/// <summary>One message in a queue.</summary>
public sealed record PeekedMessage(string Type, int Version, string? Job, int? Unit, int? Attempt);

/// <summary>Result of "queue requeue".</summary>
public sealed record RequeueAnswer([property: Description("Messages moved back to their queues.")] int Moved);

/// <summary>Result of "health check" and "doctor".</summary>
public sealed record HealthAnswer([property: Description("No finding is a fault.")] bool Healthy, IReadOnlyList<Finding> Findings);

/// <summary>Result of "cache gc".</summary>
public sealed record SweepAnswer(
    [property: Description("Files removed, or that would be.")] int Files, long Bytes,
    [property: Description("Planned, but used meanwhile or not removable.")] int Spared, int KeptEntries, long KeptBytes, bool DryRun);

/// <summary>Result of "config show".</summary>
public sealed record ConfigAnswer(IReadOnlyList<SettingAnswer> Settings);

/// <summary>One setting; passwords are masked.</summary>
public sealed record SettingAnswer(string Name, string Value, [property: Description("Where the value comes from.")] string Origin);

/// <summary>Result of "support-bundle".</summary>
public sealed record BundleAnswer(string File, IReadOnlyList<string> Contents);
