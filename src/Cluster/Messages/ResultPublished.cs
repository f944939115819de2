namespace GdmOptEtq.Cluster.Messages;

/// <summary>Every product of the stack, or of the mosaic, is on the disk under its final name.</summary>
public sealed record ResultPublished(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
