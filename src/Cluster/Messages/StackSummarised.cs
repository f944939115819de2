namespace GdmOptEtq.Cluster.Messages;

/// <summary>The statistics of the stack lie in the work store; in a job whose products are not units of their own, every product has its final name.</summary>
public sealed record StackSummarised(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
