using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cli.Bench.ClusterModel;

/// <summary>What a simulated run of one job came to.</summary>
/// <param name="Workers">Correlation workers of one slot.</param>
/// <param name="Aggregators">Aggregators of one slot.</param>
/// <param name="MakespanSeconds">From the job's start to its last product.</param>
/// <param name="Efficiency">Seconds of the correlation workers' units over workers times makespan.</param>
/// <param name="MatchingEfficiency">The same over the time from the first tile's start to the last one's end.</param>
/// <param name="SecondsAfterMatching">From the last tile's end to the last product.</param>
/// <param name="MessagesPerSecond">Commands, events and heartbeats, on average.</param>
/// <param name="CoordinatorLoad">Share of the makespan in which the coordinator computes.</param>
internal sealed record ModelRow(
    int Workers, int Aggregators, double MakespanSeconds, double Efficiency, double MatchingEfficiency, double SecondsAfterMatching, double MessagesPerSecond, double CoordinatorLoad);

/// <summary>
/// One job in simulated time: the coordinator's own code (JobMachine, Dispatcher, LeaseTable) decides, simulated workers take as long as was measured.
/// The coordinator handles what has arrived in batches, as it does in life, and takes its measured time for each result; messages take their time on the way.
/// </summary>
internal sealed class ClusterSimulation(JobShape shape, StageTimes times, int workers, int aggregators, double secondsPerResult, double secondsPerMessage)
{
    private const int BatchSize = 256;
    private static readonly JobPolicy Policy = new();
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (double, long)> _events = new();
    private readonly JobState _job = new(new JobId("model"), JobPhase.Accepted, 0, shape);
    private readonly LeaseTable _leases = new();
    private readonly Queue<IMessage> _arrived = new();
    private readonly Queue<IWorkCommand>[] _queues = [new(), new()];
    private readonly int[] _idle = [workers, aggregators];
    private readonly List<(double Start, double End)> _ofWorkers = [];
    private double _now;
    private long _order;
    private bool _coordinatorBusy;
    private double _coordinatorSeconds;
    private long _messages;
    private double _firstTile = double.PositiveInfinity;
    private double _lastTile;

    private DateTimeOffset Clock => Start.AddSeconds(_now);

    public ModelRow Run()
    {
        for (int i = 0; i < workers; i++)
            Beat($"w{i}", NodeRoles.CorrelationWorker, i / (double)workers);
        _job.Evolve(JobMachine.Begin(_job.Id, shape).Phase!.Value);
        // The first word reaches the coordinator when the workers have been heard of once.
        At(Policy.Heartbeat.TotalSeconds, Coordinate);
        while (!_job.IsFinal && _events.TryDequeue(out var action, out var when))
        {
            _now = when.Item1;
            action();
        }

        if (_job.Phase != JobPhase.Succeeded)
            throw new InvalidOperationException($"The simulated job ended as {_job.Phase}.");
        double makespan = _now - Policy.Heartbeat.TotalSeconds;
        bool OfWorker(UnitStage stage) => stage is not (UnitStage.Aggregate or UnitStage.Summarise);
        return new ModelRow(
            workers, aggregators, makespan, times.Sum(shape, OfWorker) / (workers * makespan),
            _ofWorkers.Sum(unit => Math.Max(0, Math.Min(unit.End, _lastTile) - Math.Max(unit.Start, _firstTile))) / (workers * (_lastTile - _firstTile)), _now - _lastTile, _messages / makespan, _coordinatorSeconds / makespan);
    }

    private void At(double delay, Action action) => _events.Enqueue(action, (_now + delay, _order++));

    private void Beat(string node, string role, double delay) => At(delay * Policy.Heartbeat.TotalSeconds, () =>
    {
        _messages++;
        _leases.Heard(new NodeHeartbeat(node, [role], "model", 1, false, [], Start), Clock);
        Beat(node, role, 1);
    });

    // As CoordinatorNode: everything that has arrived is decided in one batch, then the window is filled, then commands leave.
    private void Coordinate()
    {
        if (_coordinatorBusy)
            return;
        int results = 0;
        while (results < BatchSize && _arrived.TryDequeue(out var message))
        {
            results++;
            var decision = JobMachine.Decide(_job, message, Policy);
            foreach (var change in decision.Units)
            {
                _job.Evolve(change);
                _leases.Settled(_job.Id, change.Unit);
            }

            if (decision.Phase is { } phase)
                _job.Evolve(phase);
        }

        var dispatched = Dispatcher.Fill([_job], _leases.Slots(Clock, Policy.NodeSilence));
        foreach (var decision in dispatched)
            _leases.Sent(_job.Id, decision.Units[0].Unit, decision.Units[0].Attempt, Clock);
        double busy = results * secondsPerResult;
        _coordinatorSeconds += busy;
        _coordinatorBusy = true;
        At(busy, () =>
        {
            _coordinatorBusy = false;
            foreach (var decision in dispatched)
                Send((IWorkCommand)decision.Send[0]);
            if (_arrived.Count > 0)
                Coordinate();
        });
    }

    private void Send(IWorkCommand command)
    {
        _messages++;
        int kind = command is AggregatePair or SummariseStack ? 1 : 0;
        At(secondsPerMessage, () =>
        {
            _queues[kind].Enqueue(command);
            Take(kind);
        });
    }

    private void Take(int kind)
    {
        while (_idle[kind] > 0 && _queues[kind].TryDequeue(out var command))
        {
            _idle[kind]--;
            bool tile = command is CorrelateTile;
            if (tile)
                _firstTile = Math.Min(_firstTile, _now);
            double seconds = times.Of(shape, command.Unit);
            if (kind == 0)
                _ofWorkers.Add((_now, _now + seconds));
            At(seconds, () =>
            {
                if (tile)
                    _lastTile = Math.Max(_lastTile, _now);
                _messages++;
                At(secondsPerMessage, () =>
                {
                    _arrived.Enqueue(Done(command, seconds));
                    Coordinate();
                });
                // The broker hands out the next message once it has the acknowledgement.
                At(secondsPerMessage, () =>
                {
                    _idle[kind]++;
                    Take(kind);
                });
            });
        }
    }

    private static IMessage Done(IWorkCommand command, double seconds) => command switch
    {
        PrepareAcquisition => new AcquisitionPrepared(command.Job, command.Unit, command.Attempt, "model", seconds),
        CorrelateTile => new TileCorrelated(command.Job, command.Unit, command.Attempt, "model", seconds),
        AggregatePair => new PairAggregated(command.Job, command.Unit, command.Attempt, "model", seconds),
        SummariseStack => new StackSummarised(command.Job, command.Unit, command.Attempt, "model", seconds),
        WriteProduct => new ProductWritten(command.Job, command.Unit, command.Attempt, "model", seconds),
        _ => new ResultPublished(command.Job, command.Unit, command.Attempt, "model", seconds),
    };
}
