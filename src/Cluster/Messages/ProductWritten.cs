namespace GdmOptEtq.Cluster.Messages;

/// <summary>The raster waits in the work store for its publication.</summary>
public sealed record ProductWritten(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
