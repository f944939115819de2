namespace GdmOptEtq.Cluster.Messages;

/// <summary>A node says every few seconds that it is alive and what it is doing; not stored on the way, the next one replaces it.</summary>
/// <param name="Node">Name of the process, unique in the cluster.</param>
/// <param name="Roles">coordinator, correlation-worker, aggregator, service.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Slots">Units it may do at once.</param>
/// <param name="Draining">It takes no new work.</param>
/// <param name="Running">Units in work now.</param>
/// <param name="Started">Start of the process.</param>
public sealed record NodeHeartbeat(
    string Node, IReadOnlyList<string> Roles, string Version, int Slots, bool Draining, IReadOnlyList<RunningUnit> Running, DateTimeOffset Started)
{
    /// <summary>When it was sent by the node's own clock; null from versions that did not say.</summary>
    public DateTimeOffset? Sent { get; init; }

    /// <summary>The last lines of the node's log, oldest first; also what a node that is gone said last.</summary>
    public IReadOnlyList<LogLine> Log { get; init; } = [];
}

/// <summary>One line of a node's log.</summary>
/// <param name="At">By the node's own clock.</param>
/// <param name="Level">information, warning, error or critical.</param>
/// <param name="Text">One line without control characters, 300 characters at most.</param>
public sealed record LogLine(DateTimeOffset At, string Level, string Text);

/// <summary>One unit that a node is working on.</summary>
public sealed record RunningUnit(JobId Job, int Unit, int Attempt);
