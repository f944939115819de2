namespace GdmOptEtq.Cluster.Messages;

/// <summary>
/// One thing that one process tells another about one job. Messages carry references (job, unit number), never pixels.
/// Commands are imperative (<see cref="CorrelateTile"/>), events past tense (<see cref="TileCorrelated"/>).
/// </summary>
public interface IMessage
{
    JobId Job { get; }
}

/// <summary>A command to do one unit of work. The same command may arrive twice: the unit's output key makes the second time free.</summary>
public interface IWorkCommand : IMessage
{
    /// <summary>Number of the unit in the job's <see cref="Coordinator.JobShape"/>.</summary>
    int Unit { get; }

    /// <summary>1 for the first try.</summary>
    int Attempt { get; }
}

/// <summary>What became of one unit of work.</summary>
public interface IWorkEvent : IMessage
{
    int Unit { get; }

    int Attempt { get; }

    /// <summary>Node that did it.</summary>
    string Worker { get; }
}
