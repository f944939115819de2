namespace GdmOptEtq.Cluster.Messages;

/// <summary>Make one raster of a stack's result, or of the mosaic.</summary>
/// <param name="FailedTiles">Units of the job's tiles that are flagged holes.</param>
public sealed record WriteProduct(JobId Job, int Unit, int Attempt, IReadOnlyList<int> FailedTiles) : IWorkCommand;
