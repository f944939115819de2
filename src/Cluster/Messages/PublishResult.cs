namespace GdmOptEtq.Cluster.Messages;

/// <summary>Give all files of a stack's result, or of the mosaic, their names; add previews, styles and documents.</summary>
/// <param name="FailedTiles">Units of the job's tiles that are flagged holes.</param>
public sealed record PublishResult(JobId Job, int Unit, int Attempt, IReadOnlyList<int> FailedTiles) : IWorkCommand;
