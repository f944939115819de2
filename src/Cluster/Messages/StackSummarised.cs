namespace GdmOptEtq.Cluster.Messages;

/// <summary>Every product of the stack is on the disk under its final name.</summary>
public sealed record StackSummarised(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
