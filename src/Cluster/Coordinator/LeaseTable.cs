using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>
/// Who works on what, as far as heartbeats tell: kept in memory only, because after a restart of the coordinator the heartbeats tell it again.
/// </summary>
public sealed class LeaseTable
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly Dictionary<(JobId Job, int Unit), Lease> _leases = [];
    private readonly Dictionary<string, (NodeHeartbeat Beat, DateTimeOffset Seen)> _nodes = [];

    /// <summary>The unit's command went out.</summary>
    public void Sent(JobId job, int unit, int attempt, DateTimeOffset now) => _leases[(job, unit)] = new Lease(attempt, null, now);

    /// <summary>The unit is out no longer.</summary>
    public void Settled(JobId job, int unit) => _leases.Remove((job, unit));

    public void Forget(JobId job)
    {
        foreach (var key in _leases.Keys.Where(key => key.Job == job).ToList())
            _leases.Remove(key);
    }

    public void Heard(NodeHeartbeat beat, DateTimeOffset now)
    {
        // Restarted processes come under new names: the old ones must not pile up.
        foreach (string gone in _nodes.Where(node => now - node.Value.Seen > Forgotten).Select(node => node.Key).ToList())
            _nodes.Remove(gone);
        _nodes[beat.Node] = (beat, now);
        foreach (var running in beat.Running)
        {
            if (_leases.TryGetValue((running.Job, running.Unit), out var lease))
                _leases[(running.Job, running.Unit)] = lease with { Worker = beat.Node, Seen = now };
        }
    }

    /// <summary>Nobody could be heard for a while (this process or the broker stood still): silence before <paramref name="now"/> is held against nobody.</summary>
    public void Excuse(DateTimeOffset now)
    {
        foreach (var (key, lease) in _leases.ToList())
            _leases[key] = lease with { Seen = now };
    }

    /// <summary>Slots of the correlation workers heard of within <paramref name="within"/> that take work.</summary>
    public int Slots(DateTimeOffset now, TimeSpan within) => _nodes.Values
        .Where(node => now - node.Seen <= within && !node.Beat.Draining && node.Beat.Roles.Contains(NodeRoles.CorrelationWorker))
        .Sum(node => node.Beat.Slots);

    /// <summary>Units to be taken back: their worker fell silent, or no worker ever named them.</summary>
    public IReadOnlyList<ExpiredUnit> Expired(DateTimeOffset now, JobPolicy policy)
    {
        var expired = new List<ExpiredUnit>();
        foreach (var ((job, unit), lease) in _leases)
        {
            var silence = now - lease.Seen;
            if (lease.Worker is { } worker && silence > policy.Lease)
                expired.Add(new ExpiredUnit(job, unit, lease.Attempt, worker, $"{worker} has not answered for {silence.TotalSeconds:0} s"));
            else if (lease.Worker is null && silence > policy.QueuePatience)
                expired.Add(new ExpiredUnit(job, unit, lease.Attempt, null, $"no worker took it up in {silence.TotalMinutes:0} min"));
        }

        return expired;
    }

    private sealed record Lease(int Attempt, string? Worker, DateTimeOffset Seen);
}

/// <summary>A unit whose lease ran out; <paramref name="Worker"/> is null when it was only waiting in the queue.</summary>
public sealed record ExpiredUnit(JobId Job, int Unit, int Attempt, string? Worker, string Reason);
