namespace GdmOptEtq.Cluster.Messages;

/// <summary>The worker hands the unit back undone (drain, shutdown): no attempt is used up.</summary>
public sealed record WorkReturned(JobId Job, int Unit, int Attempt, string Worker) : IWorkEvent;
