namespace GdmOptEtq.Cluster.Messages;

/// <summary>The acquisition lies in the work store.</summary>
public sealed record AcquisitionPrepared(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
