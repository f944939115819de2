namespace GdmOptEtq.Cluster.Messages;

/// <summary>
/// Filter and statistics of one stack of pairs. In a job whose products are not units of their own, their products as well; there the unit after the last
/// summary is the mosaic.
/// </summary>
/// <param name="FailedTiles">Units of the job's tiles that are flagged holes.</param>
public sealed record SummariseStack(JobId Job, int Unit, int Attempt, IReadOnlyList<int> FailedTiles) : IWorkCommand
{
    /// <summary>Products are units of their own; false from coordinators, and for jobs, of a version that knew none.</summary>
    public bool ProductsFollow { get; init; }
}
