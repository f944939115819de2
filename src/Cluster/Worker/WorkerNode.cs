using System.Collections.Concurrent;
using System.Diagnostics;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Science.Rasters;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Cluster.Worker;

/// <summary>Does one unit of work by calling the stages of the pipeline. Doing it twice is free: the output lies in the work store under its key.</summary>
public interface IUnitOfWork
{
    /// <exception cref="InputException">The input is at fault; trying again may help only once the input is mended.</exception>
    /// <exception cref="WorkStoreUnavailableException">The shared folder is full or away: nobody's fault, wait.</exception>
    Task DoAsync(IWorkCommand command, CancellationToken cancellation);
}

/// <summary>The work store cannot be written or read at the moment; the unit goes back without using up an attempt.</summary>
public sealed class WorkStoreUnavailableException(string sentence, Exception cause) : Exception(sentence, cause);

/// <summary>
/// A process that does units of work: takes commands from its role's queues, at most <c>slots</c> at once, calls the stage, reports. The same class serves
/// correlation workers and aggregators; what differs is the queues.
/// </summary>
public sealed partial class WorkerNode(
    string name, IReadOnlyList<string> roles, IReadOnlyList<string> queues, int slots, string version, IBus bus, IUnitOfWork work, JobPolicy policy, RecentLog recent, TimeProvider time, ILogger<WorkerNode> log)
    : IDisposable
{
    private readonly ConcurrentDictionary<(JobId Job, int Unit), (int Attempt, CancellationTokenSource Stop)> _running = new();
    // Until when commands of the job are dropped. Not for ever: the order that ends it may be missed by a node that has no connection just then.
    private readonly ConcurrentDictionary<JobId, DateTimeOffset> _dropped = new();
    private readonly SemaphoreSlim _slots = new(slots, slots);
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private CancellationTokenSource? _consuming;
    private volatile bool _draining;

    /// <summary>Units in work.</summary>
    public int Running => _running.Count;

    public bool IsDraining => _draining;

    /// <summary>Set when an operator evicted this node: the process should end.</summary>
    public event Action? Evicted;

    /// <summary>Works until cancelled; then hands back what runs.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var alive = Task.WhenAll(bus.ListenAsync(ObeyAsync, cancellation), BeatAsync(cancellation));
        while (!cancellation.IsCancellationRequested)
        {
            using var consuming = _consuming = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (_draining)
                await Task.WhenAny(Task.Delay(Timeout.Infinite, consuming.Token));
            else
                await Task.WhenAll(queues.Select(queue => bus.ConsumeAsync(queue, slots, HandleAsync, consuming.Token)));
        }

        await alive;
    }

    public void Dispose() => _slots.Dispose();

    private async Task<Settlement> HandleAsync(Delivery delivery, CancellationToken cancellation)
    {
        if (delivery.Envelope.Open() is not IWorkCommand command)
        {
            // Written by a newer version: wait, a newer worker may take it. Returned too often, it ends among the dead letters, whence it can be sent again.
            LogNotUnderstood(delivery.Envelope.WhyNotUnderstood(name));
            await Task.WhenAny(Task.Delay(policy.StorePause, time, cancellation));
            return Settlement.Return;
        }

        if (IsDropped(command.Job))
            return Settlement.Done;
        await _slots.WaitAsync(cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _running[(command.Job, command.Unit)] = (command.Attempt, stop);
        try
        {
            using var activity = Tracing.Begin(delivery.Envelope, command, name);
            await ReportAsync(await TryAsync(command, stop.Token));
            return Settlement.Done;
        }
        finally
        {
            _running.TryRemove((command.Job, command.Unit), out _);
            _slots.Release();
        }
    }

    private async Task<IMessage?> TryAsync(IWorkCommand command, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await work.DoAsync(command, cancellation);
            double seconds = watch.Elapsed.TotalSeconds;
            ClusterMetrics.UnitDone(command, seconds);
            return command switch
            {
                PrepareAcquisition => new AcquisitionPrepared(command.Job, command.Unit, command.Attempt, name, seconds),
                CorrelateTile => new TileCorrelated(command.Job, command.Unit, command.Attempt, name, seconds),
                AggregatePair => new PairAggregated(command.Job, command.Unit, command.Attempt, name, seconds),
                SummariseStack => new StackSummarised(command.Job, command.Unit, command.Attempt, name, seconds),
                WriteProduct => new ProductWritten(command.Job, command.Unit, command.Attempt, name, seconds),
                _ => new ResultPublished(command.Job, command.Unit, command.Attempt, name, seconds),
            };
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return IsDropped(command.Job) ? null : new WorkReturned(command.Job, command.Unit, command.Attempt, name);
        }
        catch (WorkStoreUnavailableException error)
        {
            LogStoreAway(error.Message);
            ClusterMetrics.UnitFailed("work-store");
            await Task.WhenAny(Task.Delay(policy.StorePause, time, cancellation));
            return new WorkReturned(command.Job, command.Unit, command.Attempt, name);
        }
        catch (Exception error)
        {
            LogFailed(command.Job, command.Unit, command.Attempt, error.Message);
            ClusterMetrics.UnitFailed(error is InputException ? "input" : "fault");
            return new WorkFailed(command.Job, command.Unit, command.Attempt, name, error.Message, Final: false);
        }
    }

    // Reported even while stopping: the coordinator shall not have to wait for the lease.
    private async Task ReportAsync(IMessage? report)
    {
        if (report is null)
            return;
        byte[] body = Envelope.Write(report, Guid.NewGuid().ToString("N"), Tracing.ParentFor(report.Job));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), time);
        await bus.PublishAsync([new OutgoingMessage(Queues.Coordinator, body)], patience.Token);
    }

    private async Task ObeyAsync(NodeControl control)
    {
        if (control is { Order: NodeOrder.DropJob, Job: { } job })
        {
            _dropped[job] = time.GetUtcNow() + policy.QueuePatience;
            foreach (var ((runningJob, _), (_, stop)) in _running)
            {
                if (runningJob == job)
                    await CancelAsync(stop);
            }

            return;
        }

        if (control is { Order: NodeOrder.KeepJob, Job: { } wanted })
            _dropped.TryRemove(wanted, out _);
        if (control.Node != name)
            return;
        LogOrder(control.Order);
        _draining = control.Order != NodeOrder.Undrain;
        if (_consuming is { } consuming)
            await CancelAsync(consuming);
        if (control.Order == NodeOrder.Evict)
            Evicted?.Invoke();
    }

    private bool IsDropped(JobId job)
    {
        if (!_dropped.TryGetValue(job, out var until))
            return false;
        if (time.GetUtcNow() < until)
            return true;
        _dropped.TryRemove(job, out _);
        return false;
    }

    private static async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just finished by itself.
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await bus.PublishAsync([new OutgoingMessage(Queues.Heartbeats, Envelope.Write(Describe(), "", null))], cancellation);
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                LogNoHeartbeat(error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.WhenAny(Task.Delay(policy.Heartbeat, time, cancellation));
        }
    }

    private NodeHeartbeat Describe() => new(
        name, roles, version, slots, _draining, [.. _running.Select(unit => new RunningUnit(unit.Key.Job, unit.Key.Unit, unit.Value.Attempt))], _started)
    {
        Sent = time.GetUtcNow(), Log = recent.Lines,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Work store: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} unit {Unit} attempt {Attempt} failed: {Reason}")]
    private partial void LogFailed(JobId job, int unit, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Handed back: {Reason}")]
    private partial void LogNotUnderstood(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Order from an operator: {Order}")]
    private partial void LogOrder(NodeOrder order);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No heartbeat could be sent: {Reason}")]
    private partial void LogNoHeartbeat(string reason);
}
