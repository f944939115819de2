namespace GdmOptEtq.Cluster.Messages;

/// <summary>The displacement tile lies in the work store.</summary>
public sealed record TileCorrelated(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
