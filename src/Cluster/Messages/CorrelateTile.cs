namespace GdmOptEtq.Cluster.Messages;

/// <summary>Match one tile of one pair.</summary>
public sealed record CorrelateTile(JobId Job, int Unit, int Attempt) : IWorkCommand;
