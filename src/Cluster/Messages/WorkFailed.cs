namespace GdmOptEtq.Cluster.Messages;

/// <summary>The unit could not be done; <paramref name="Reason"/> is one sentence for the operator.</summary>
/// <param name="Final">Trying again cannot help (the input is at fault).</param>
public sealed record WorkFailed(JobId Job, int Unit, int Attempt, string Worker, string Reason, bool Final) : IWorkEvent;
