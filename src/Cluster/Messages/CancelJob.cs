namespace GdmOptEtq.Cluster.Messages;

/// <summary>From outside: stop the job; nothing of it that has not begun shall begin.</summary>
public sealed record CancelJob(JobId Job, string Reason) : IMessage;
