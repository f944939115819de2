namespace GdmOptEtq.Cluster.Messages;

/// <summary>Read one acquisition: band and validity into the work store.</summary>
public sealed record PrepareAcquisition(JobId Job, int Unit, int Attempt) : IWorkCommand;
