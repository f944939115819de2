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

/// <summary>How patient a cluster is. All its periods follow from <see cref="Lease"/>, so that one setting makes it quicker or calmer as a whole.</summary>
public sealed record JobPolicy
{
    /// <summary>The policy whose lease is <paramref name="lease"/>, everything else in proportion.</summary>
    public static JobPolicy Of(TimeSpan lease) => new() { Lease = lease, QueuePatience = lease * 20 };

    /// <summary>Attempts per unit that may end badly before it counts as failed.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>A running unit whose worker has not named it for so long is given to another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A command that no worker has taken up for so long is sent again (the broker may have been wiped).</summary>
    public TimeSpan QueuePatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a node says that it is alive.</summary>
    public TimeSpan Heartbeat => Lease / 10;

    /// <summary>After so long without a heartbeat a node's slots no longer count.</summary>
    public TimeSpan NodeSilence => Lease / 2;

    /// <summary>After so long without a heartbeat (four are missing) a node is shown as unreachable.</summary>
    public TimeSpan Unreachable => Heartbeat * 4;

    /// <summary>A coordinator that has not renewed its right for so long may be replaced.</summary>
    public TimeSpan CoordinatorLease => Lease / 3;

    /// <summary>How often the coordinator renews its right and looks for expired leases.</summary>
    public TimeSpan Tick => Lease / 30;

    /// <summary>How long a worker pauses when the work store is full or away.</summary>
    public TimeSpan StorePause => Lease / 6;
}
