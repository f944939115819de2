namespace GdmOptEtq.Cluster.Messages;

/// <summary>Filter, statistics and products of one stack of pairs; or, as the last unit of a job of several stacks, their mosaic.</summary>
/// <param name="FailedTiles">Units of the job's tiles that are flagged holes.</param>
public sealed record SummariseStack(JobId Job, int Unit, int Attempt, IReadOnlyList<int> FailedTiles) : IWorkCommand;
