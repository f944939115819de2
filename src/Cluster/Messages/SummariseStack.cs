namespace GdmOptEtq.Cluster.Messages;

/// <summary>Statistics and products of one stack of pairs.</summary>
public sealed record SummariseStack(JobId Job, int Unit, int Attempt) : IWorkCommand;
