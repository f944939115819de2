namespace GdmOptEtq.Cluster.Messages;

/// <summary>From outside: a job was accepted and stored; plan it and run it.</summary>
public sealed record StartJob(JobId Job) : IMessage;
