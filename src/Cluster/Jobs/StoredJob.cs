using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>A job as the store keeps it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Owner">Who submitted it; empty where nobody signs in.</param>
/// <param name="Title">The user's own words.</param>
/// <param name="Request">Inputs and completed parameters, JSON, as the pipeline reads them.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Message">What is being done, or why it ended: one sentence.</param>
/// <param name="Priority">Higher is served first; 0 by default.</param>
/// <param name="Created">Accepted.</param>
/// <param name="Started">Planned, first unit dispatched.</param>
/// <param name="Finished">Ended, whichever way.</param>
/// <param name="Updated">Last change.</param>
/// <param name="Shape">Null until it is planned.</param>
/// <param name="UnitsDone">Units done or failed for good.</param>
/// <param name="UnitsTotal">All units; 0 until it is planned.</param>
/// <param name="TilesFailed">Tiles that ended as flagged holes.</param>
public sealed record StoredJob(
    JobId Id,
    string Owner,
    string Title,
    string Request,
    JobPhase Phase,
    string Message,
    int Priority,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Finished,
    DateTimeOffset Updated,
    JobShape? Shape,
    int UnitsDone,
    int UnitsTotal,
    int TilesFailed)
{
    /// <summary>The process of most jobs: the displacement of the ground.</summary>
    public const string DisplacementProcess = "gdm-opt-etq";

    /// <summary>Which process of the service the job runs.</summary>
    public string Process { get; init; } = DisplacementProcess;
}

/// <summary>One unit of a job as the store keeps it.</summary>
public sealed record StoredUnit(int Unit, UnitStatus Status, int Attempt, int Failures, string? Worker, string? Reason, double Seconds, DateTimeOffset Changed);

/// <summary>One line of a job's history: what changed when, and why.</summary>
public sealed record HistoryLine(DateTimeOffset At, int? Unit, string What, int Attempt, string? Worker, string? Reason);

/// <summary>A message waiting to leave: written with the change that caused it, deleted once the bus has confirmed it.</summary>
public sealed record OutboxMessage(long Number, byte[] Body);

/// <summary>A node as it last described itself.</summary>
public sealed record StoredNode(NodeHeartbeat Heartbeat, DateTimeOffset Seen);

/// <summary>Which jobs to list; what is null does not restrict.</summary>
public sealed record JobQuery
{
    public string? Owner { get; init; }

    public IReadOnlyList<JobPhase>? Phases { get; init; }

    public string? Process { get; init; }

    /// <summary>Run time so far (or in all) of at least so many seconds; jobs that have not started do not count.</summary>
    public double? MinimumSeconds { get; init; }

    /// <summary>Run time so far (or in all) of at most so many seconds; jobs that have not started do not count.</summary>
    public double? MaximumSeconds { get; init; }

    public DateTimeOffset? CreatedFrom { get; init; }

    public DateTimeOffset? CreatedTo { get; init; }

    public int Offset { get; init; }

    public int Limit { get; init; } = 100;
}
