namespace GdmOptEtq.Cluster.Messages;

/// <summary>From outside: give the failed units of the job, and all that follows from them, another round of attempts.</summary>
public sealed record RetryJob(JobId Job) : IMessage;
