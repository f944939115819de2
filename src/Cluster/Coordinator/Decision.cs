using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>
/// What follows from one message: changes of units, perhaps a new phase with its reason, and messages to send. The store writes all of it in one
/// transaction, so nothing is sent that is not true and nothing is true that is not sent.
/// </summary>
public sealed record Decision(JobId Job, IReadOnlyList<UnitChange> Units, JobPhase? Phase, string? Reason, IReadOnlyList<object> Send)
{
    public static Decision Nothing(JobId job) => new(job, [], null, null, []);

    public bool IsEmpty => Units.Count == 0 && Phase is null && Send.Count == 0;
}

/// <summary>How patient the coordinator is.</summary>
public sealed record JobPolicy
{
    /// <summary>Attempts per unit that may end badly before it counts as failed.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>A running unit whose worker has not named it for so long is given to another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A command that no worker has taken up for so long is sent again (the broker may have been wiped).</summary>
    public TimeSpan QueuePatience { get; init; } = TimeSpan.FromMinutes(10);
}
