using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>
/// The truth about jobs: everything else (broker, memory of the coordinator) may be lost and is rebuilt from here. SQLite for one process,
/// PostgreSQL for a cluster; both pass the same contract tests.
/// </summary>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>Brings the tables to the version of this program; those of a newer one are left as they are, since versions only add.</summary>
    Task MigrateAsync(CancellationToken cancellation);

    /// <summary>Version of the tables as found, and the version this program needs; (0, n) for an empty store.</summary>
    Task<(int Found, int Needed)> VersionAsync(CancellationToken cancellation);

    /// <summary>Stores an accepted job together with the message that starts it. False when the id exists.</summary>
    Task<bool> AcceptAsync(StoredJob job, CancellationToken cancellation);

    /// <summary>
    /// Stores a job that something else than the cluster works on first (its inputs are being fetched) or alone: no message starts it. False when the id exists.
    /// </summary>
    Task<bool> EnterAsync(StoredJob job, CancellationToken cancellation);

    /// <summary>An entered job is ready: its completed request, and the message that starts it. False when it is no longer waiting.</summary>
    Task<bool> StartAsync(JobId job, string request, CancellationToken cancellation);

    /// <summary>Adds a line to a job's history.</summary>
    Task NoteAsync(JobId job, string what, string? reason, CancellationToken cancellation);

    /// <summary>Sends a message about a job by way of the outbox, with a line of history that says who asked for it.</summary>
    Task RequestAsync(IMessage message, string by, CancellationToken cancellation);

    /// <summary>The plan of a job and its units, all waiting. Does nothing if the job is planned already.</summary>
    Task PlanAsync(JobId job, JobShape shape, CancellationToken cancellation);

    /// <summary>
    /// Writes decisions in one transaction: units (each only if its stored attempt is not newer and it is not done), phase, history, outbox.
    /// With a <paramref name="lease"/>, only while it is held; false, and nothing written, when it is lost.
    /// </summary>
    /// <param name="sent">Messages of the outbox that have left meanwhile: forgotten in the same transaction, which saves one of their own.</param>
    Task<bool> CommitAsync(IReadOnlyList<Decision> decisions, CoordinatorLease? lease, IReadOnlyCollection<long> sent, CancellationToken cancellation);

    /// <summary>The same where nothing was sent.</summary>
    Task<bool> CommitAsync(IReadOnlyList<Decision> decisions, CoordinatorLease? lease, CancellationToken cancellation);

    Task<StoredJob?> FindAsync(JobId job, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<StoredJob>> ListAsync(JobQuery query, CancellationToken cancellation);

    Task<IReadOnlyList<StoredUnit>> UnitsAsync(JobId job, CancellationToken cancellation);

    Task<IReadOnlyList<HistoryLine>> HistoryAsync(JobId job, CancellationToken cancellation);

    Task SetPriorityAsync(JobId job, int priority, string by, CancellationToken cancellation);

    /// <summary>Removes a finished job and all that belongs to it; false if it is not finished or not there.</summary>
    Task<bool> DeleteAsync(JobId job, CancellationToken cancellation);

    Task<IReadOnlyList<OutboxMessage>> OutboxAsync(int limit, CancellationToken cancellation);

    Task SentAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellation);

    Task SeenAsync(IReadOnlyList<NodeHeartbeat> nodes, CancellationToken cancellation);

    Task<IReadOnlyList<StoredNode>> NodesAsync(CancellationToken cancellation);

    Task ForgetNodeAsync(string node, CancellationToken cancellation);

    /// <summary>Takes or renews the coordinator's lease; null while somebody else holds it.</summary>
    Task<CoordinatorLease?> LeaseAsync(string holder, TimeSpan duration, CancellationToken cancellation);

    Task ReleaseAsync(CoordinatorLease lease, CancellationToken cancellation);

    /// <summary>Who holds the coordinator's lease, and until when; null when nobody does.</summary>
    Task<CoordinatorStanding?> CoordinatorAsync(CancellationToken cancellation);

    /// <summary>What the clock of the store's machine says.</summary>
    Task<DateTimeOffset> ClockAsync(CancellationToken cancellation);
}

/// <summary>The right to decide: one coordinator at a time. The term grows with every change of holder, so a stale holder's writes are refused.</summary>
public sealed record CoordinatorLease(string Holder, long Term);

/// <summary>The lease as anybody sees it; past <paramref name="Until"/> it may be taken.</summary>
public sealed record CoordinatorStanding(string Holder, long Term, DateTimeOffset Until);
