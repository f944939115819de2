using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>Turns an accepted job into its shape; reads metadata only. Throws an exception whose message is a sentence for the user when it cannot.</summary>
public interface IJobPlanner
{
    Task<JobShape> PlanAsync(StoredJob job, CancellationToken cancellation);
}

/// <summary>
/// The thin handler round <see cref="JobMachine"/>: takes the lease, reads the open jobs, feeds messages to the machine, writes its decisions in one
/// transaction, sends what the outbox holds. Any fault ends the term; the next term starts from the store, so memory and store never disagree for long.
/// </summary>
public sealed partial class CoordinatorNode(
    string name, IJobStore store, IBus bus, IJobPlanner planner, JobPolicy policy, TimeProvider time, ILogger<CoordinatorNode> log)
    : IDisposable
{
    private const int BatchSize = 256;
    private const int OutboxSize = 500;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<JobId, JobState> _jobs = [];
    private readonly Dictionary<string, NodeHeartbeat> _heard = [];
    // Sent, and still in the outbox until the next transaction: should the process die before it, they are sent again, which every receiver bears.
    private readonly HashSet<long> _sent = [];
    private LeaseTable _leases = new();

    /// <summary>True while this process holds the lease and has read the store.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Jobs in memory: the open ones, never the finished.</summary>
    public int OpenJobs => _jobs.Count;

    /// <summary>Coordinates whenever the lease is to be had, until cancelled; then gives the lease back.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (await store.LeaseAsync(name, policy.CoordinatorLease, cancellation) is { } lease)
                    await RunTermAsync(lease, cancellation);
                else
                    await Task.Delay(policy.Tick, time, cancellation);
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                LogTermEnded(error.Message);
                await Task.WhenAny(Task.Delay(policy.Tick, time, cancellation));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task RunTermAsync(CoordinatorLease lease, CancellationToken cancellation)
    {
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await ReadOpenJobsAsync(term.Token);
        IsActive = true;
        LogTermBegun(name, lease.Term, _jobs.Count);
        Task[] tasks =
        [
            bus.ConsumeBatchesAsync(Queues.Coordinator, BatchSize, (batch, _) => HandleAsync(batch, lease, term.Token), term.Token),
            bus.ConsumeBatchesAsync(Queues.Heartbeats, BatchSize, (batch, _) => HearAsync(batch), term.Token),
            TickAsync(lease, term.Token),
        ];
        try
        {
            await await Task.WhenAny(tasks);
        }
        finally
        {
            IsActive = false;
            await term.CancelAsync();
            await Task.WhenAll(tasks.Select(task => task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));
            if (cancellation.IsCancellationRequested)
                await store.ReleaseAsync(lease, CancellationToken.None);
        }
    }

    private async Task ReadOpenJobsAsync(CancellationToken cancellation)
    {
        _jobs.Clear();
        _heard.Clear();
        _sent.Clear();
        _leases = new LeaseTable();
        var open = await store.ListAsync(new JobQuery { Phases = [JobPhase.Accepted, JobPhase.Running], Limit = int.MaxValue }, cancellation);
        foreach (var job in open)
            await ReadJobAsync(job, cancellation);
    }

    private async Task<JobState> ReadJobAsync(StoredJob job, CancellationToken cancellation)
    {
        var state = new JobState(job.Id, job.Phase, job.Priority, job.Shape);
        foreach (var unit in await store.UnitsAsync(job.Id, cancellation))
        {
            state.Evolve(new UnitChange(unit.Unit, unit.Status, unit.Attempt, unit.Failures));
            if (unit.Status == UnitStatus.Dispatched)
                _leases.Sent(job.Id, unit.Unit, unit.Attempt, time.GetUtcNow());
        }

        return _jobs[job.Id] = state;
    }

    private async Task HandleAsync(IReadOnlyList<Delivery> batch, CoordinatorLease lease, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var decisions = new List<Decision>();
            var dead = new List<OutgoingMessage>();
            foreach (var delivery in batch)
            {
                if (!delivery.Envelope.TryOpen(out var message))
                {
                    string reason = delivery.Envelope.WhyNotUnderstood(name);
                    LogNotUnderstood(reason);
                    dead.Add(new OutgoingMessage(Queues.Dead, (delivery.Envelope with { Reason = reason }).ToBytes()));
                    continue;
                }

                using var activity = Tracing.Begin(delivery.Envelope, message, name);
                if (message is StartJob start)
                    await StartAsync(start, decisions, cancellation);
                else if (await FindAsync(message, cancellation) is { } job)
                    Apply(job, JobMachine.Decide(job, message, policy), decisions);
            }

            await CommitAsync(decisions, lease, cancellation);
            await bus.PublishAsync(dead, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    // Planning reads files, so it is written before anything else of the batch: a repeated StartJob finds the plan and goes on from there.
    private async Task StartAsync(StartJob start, List<Decision> decisions, CancellationToken cancellation)
    {
        if (await store.FindAsync(start.Job, cancellation) is not { Phase: JobPhase.Accepted } stored)
            return;
        try
        {
            var shape = stored.Shape ?? await planner.PlanAsync(stored, cancellation);
            await store.PlanAsync(start.Job, shape, cancellation);
            var job = await ReadJobAsync(stored with { Shape = shape }, cancellation);
            Apply(job, JobMachine.Begin(start.Job, shape), decisions);
        }
        catch (Exception error) when (error is not OperationCanceledException and not JobStoreException and not System.Data.Common.DbException)
        {
            LogRefused(start.Job, error.Message);
            decisions.Add(JobMachine.Refuse(start.Job, error.Message));
        }
    }

    private async Task<JobState?> FindAsync(IMessage message, CancellationToken cancellation)
    {
        if (_jobs.TryGetValue(message.Job, out var job))
            return job;
        // A finished job is only of interest to those who want it retried or cancelled.
        return message is RetryJob or CancelJob && await store.FindAsync(message.Job, cancellation) is { } stored
            ? await ReadJobAsync(stored, cancellation)
            : null;
    }

    private void Apply(JobState job, Decision decision, List<Decision> decisions)
    {
        if (decision.IsEmpty)
            return;
        decisions.Add(decision);
        foreach (var change in decision.Units)
        {
            job.Evolve(change);
            if (change.Status != UnitStatus.Dispatched)
                _leases.Settled(job.Id, change.Unit);
        }

        if (decision.Phase is { } phase)
        {
            job.Evolve(phase);
            LogPhase(job.Id, phase, decision.Reason);
        }
    }

    private async Task CommitAsync(List<Decision> decisions, CoordinatorLease lease, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var dispatched = Dispatcher.Fill(_jobs.Values, _leases.Slots(now, policy.NodeSilence));
        foreach (var decision in dispatched)
            _leases.Sent(decision.Job, decision.Units[0].Unit, decision.Units[0].Attempt, now);
        decisions.AddRange(dispatched);
        if (decisions.Count > 0)
        {
            if (!await store.CommitAsync(decisions, lease, _sent, cancellation))
                throw new JobStoreException("Another coordinator has taken over.");
            _sent.Clear();
        }

        foreach (var finished in _jobs.Values.Where(job => job.IsFinal).ToList())
        {
            _jobs.Remove(finished.Id);
            _leases.Forget(finished.Id);
        }

        await SendOutboxAsync(cancellation);
    }

    private async Task SendOutboxAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var waiting = await store.OutboxAsync(OutboxSize, cancellation);
            var messages = new List<OutgoingMessage>();
            foreach (var message in waiting.Where(message => !_sent.Contains(message.Number)))
            {
                var envelope = Envelope.Read(message.Body);
                if (Queues.Of(envelope.Type) is { } queue)
                    messages.Add(new OutgoingMessage(queue, message.Body));
                else if (envelope.Open() is NodeControl control)
                    await bus.BroadcastAsync(control, cancellation);
            }

            await bus.PublishAsync(messages, cancellation);
            _sent.UnionWith(waiting.Select(message => message.Number));
            // While a job runs the next transaction is never far.
            if (_sent.Count == 0 || (waiting.Count < OutboxSize && _jobs.Count > 0))
                return;
            await store.SentAsync(_sent, cancellation);
            _sent.Clear();
        }
    }

    private async Task HearAsync(IReadOnlyList<Delivery> batch)
    {
        await _turn.WaitAsync();
        try
        {
            foreach (var delivery in batch)
            {
                if (delivery.Envelope.OpenOrNull() is not NodeHeartbeat beat)
                    continue;
                _leases.Heard(beat, time.GetUtcNow());
                _heard[beat.Node] = beat;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TickAsync(CoordinatorLease lease, CancellationToken cancellation)
    {
        var lastTick = time.GetUtcNow();
        while (!cancellation.IsCancellationRequested)
        {
            if (await store.LeaseAsync(name, policy.CoordinatorLease, cancellation) != lease)
                throw new JobStoreException("Another coordinator has taken over.");
            await _turn.WaitAsync(cancellation);
            try
            {
                await store.SeenAsync([.. _heard.Values], cancellation);
                _heard.Clear();
                await RefreshPrioritiesAsync(cancellation);
                var now = time.GetUtcNow();
                if (now - lastTick > policy.NodeSilence)
                    _leases.Excuse(now);
                lastTick = now;
                var decisions = new List<Decision>();
                foreach (var expired in _leases.Expired(now, policy))
                {
                    if (!_jobs.TryGetValue(expired.Job, out var job))
                        continue;
                    var decision = expired.Worker is null
                        ? JobMachine.Decide(job, new WorkReturned(expired.Job, expired.Unit, expired.Attempt, name), policy)
                        : JobMachine.Expire(job, expired.Unit, expired.Worker, expired.Reason, policy);
                    Apply(job, decision, decisions);
                }

                await CommitAsync(decisions, lease, cancellation);
            }
            finally
            {
                _turn.Release();
            }

            await Task.Delay(policy.Tick, time, cancellation);
        }
    }

    private async Task RefreshPrioritiesAsync(CancellationToken cancellation)
    {
        if (_jobs.Count < 2)
            return;
        var open = await store.ListAsync(new JobQuery { Phases = [JobPhase.Running], Limit = int.MaxValue }, cancellation);
        foreach (var stored in open)
        {
            if (_jobs.TryGetValue(stored.Id, out var job))
                job.Priority = stored.Priority;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} coordinates (term {Term}, {Jobs} open jobs)")]
    private partial void LogTermBegun(string name, long term, int jobs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Coordination paused: {Reason}")]
    private partial void LogTermEnded(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} is {Phase}: {Reason}")]
    private partial void LogPhase(JobId job, JobPhase phase, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} cannot be planned: {Reason}")]
    private partial void LogRefused(JobId job, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Moved to the dead letters: {Reason}")]
    private partial void LogNotUnderstood(string reason);
}
