namespace GdmOptEtq.Cluster.Messages;

/// <summary>The filtered field of the pair lies in the work store, its products under their final names.</summary>
public sealed record PairAggregated(JobId Job, int Unit, int Attempt, string Worker, double Seconds) : IWorkEvent;
