namespace GdmOptEtq.Cluster.Messages;

/// <summary>What a node is asked to do; sent to every node, each heeds what names it (or every job's cancellation).</summary>
public enum NodeOrder
{
    /// <summary>Take no new work, hand back what is in work.</summary>
    Drain,

    /// <summary>Take work again.</summary>
    Undrain,

    /// <summary>As Drain, and end the process.</summary>
    Evict,

    /// <summary>Drop everything of <see cref="NodeControl.Job"/>.</summary>
    DropJob,

    /// <summary>The job is wanted again: what comes of it from now on is to be done.</summary>
    KeepJob,
}

/// <summary>An order to one node (<paramref name="Node"/>), or about one job to all nodes (<paramref name="Job"/>).</summary>
public sealed record NodeControl(NodeOrder Order, string? Node, JobId? Job);
