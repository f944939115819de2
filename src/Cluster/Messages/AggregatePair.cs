namespace GdmOptEtq.Cluster.Messages;

/// <summary>Stitch and correct one pair.</summary>
/// <param name="FailedTiles">Units of the job's tiles that failed after all their attempts and become flagged holes.</param>
public sealed record AggregatePair(JobId Job, int Unit, int Attempt, IReadOnlyList<int> FailedTiles) : IWorkCommand;
