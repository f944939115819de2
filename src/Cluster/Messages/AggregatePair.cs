namespace GdmOptEtq.Cluster.Messages;

/// <summary>Stitch, correct and filter one pair; the tiles numbered in <paramref name="Gaps"/> have failed and become flagged holes.</summary>
public sealed record AggregatePair(JobId Job, int Unit, int Attempt, IReadOnlyList<int> Gaps) : IWorkCommand;
