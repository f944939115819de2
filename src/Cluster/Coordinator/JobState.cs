using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>Where a job stands. Everything from <see cref="Succeeded"/> on is final until an operator retries it.</summary>
public enum JobPhase : byte
{
    Accepted,
    Running,
    Succeeded,

    /// <summary>Finished, but some tiles are flagged holes.</summary>
    SucceededWithGaps,
    Failed,
    Cancelled,
}

/// <summary>Where a unit of work stands.</summary>
public enum UnitStatus : byte
{
    /// <summary>Something it needs is not done yet, or its turn has not come.</summary>
    Waiting,

    /// <summary>Its command is in the queue or with a worker.</summary>
    Dispatched,
    Done,

    /// <summary>All attempts used up.</summary>
    Failed,
}

/// <summary>
/// What the coordinator knows of one job: the phase, and per unit its status, how many attempts it has used and which attempt is valid now.
/// Read by <see cref="JobMachine"/>, changed only through its Evolve methods.
/// </summary>
public sealed class JobState
{
    private readonly UnitStatus[] _status;
    private readonly short[] _attempt;
    private readonly short[] _failures;
    private readonly int[] _openTiles;
    private readonly int[] _countByStatus = new int[4];
    private int _firstMaybeReadyTile;

    public JobState(JobId id, JobPhase phase, int priority, JobShape? shape)
    {
        Id = id;
        Phase = phase;
        Priority = priority;
        Shape = shape;
        int units = shape?.Units ?? 0;
        _status = new UnitStatus[units];
        _attempt = new short[units];
        _failures = new short[units];
        _openTiles = shape?.Pairs.Select(pair => pair.Tiles).ToArray() ?? [];
        _countByStatus[(int)UnitStatus.Waiting] = units;
        _firstMaybeReadyTile = shape?.Acquisitions ?? 0;
    }

    public JobId Id { get; }

    public JobPhase Phase { get; private set; }

    public int Priority { get; set; }

    /// <summary>Null until the job is planned.</summary>
    public JobShape? Shape { get; }

    public bool IsFinal => Phase >= JobPhase.Succeeded;

    public UnitStatus Status(int unit) => _status[unit];

    /// <summary>The attempt that counts now; results of older ones are ignored.</summary>
    public int Attempt(int unit) => _attempt[unit];

    /// <summary>Attempts that ended badly since the last retry.</summary>
    public int Failures(int unit) => _failures[unit];

    public int Count(UnitStatus status) => _countByStatus[(int)status];

    /// <summary>Tiles of the pair that are neither done nor failed.</summary>
    public int OpenTiles(int pair) => _openTiles[pair];

    /// <summary>No tile before this one waits; makes the search for the next tile O(1) on average.</summary>
    internal int FirstMaybeReadyTile => _firstMaybeReadyTile;

    /// <summary>Applies what <see cref="JobMachine"/> decided, or what the store held at start.</summary>
    public void Evolve(UnitChange change)
    {
        var old = _status[change.Unit];
        _status[change.Unit] = change.Status;
        _attempt[change.Unit] = (short)change.Attempt;
        _failures[change.Unit] = (short)change.Failures;
        _countByStatus[(int)old]--;
        _countByStatus[(int)change.Status]++;
        if (Shape!.StageOf(change.Unit) != UnitStage.Correlate)
            return;
        bool wasOpen = old < UnitStatus.Done, isOpen = change.Status < UnitStatus.Done;
        if (wasOpen != isOpen)
            _openTiles[Shape.TileOf(change.Unit).Pair] += isOpen ? 1 : -1;
        if (change.Status == UnitStatus.Waiting)
            _firstMaybeReadyTile = Math.Min(_firstMaybeReadyTile, change.Unit);
        else if (change.Unit == _firstMaybeReadyTile)
        {
            while (_firstMaybeReadyTile < Shape.FirstAggregate && _status[_firstMaybeReadyTile] != UnitStatus.Waiting)
                _firstMaybeReadyTile++;
        }
    }

    public void Evolve(JobPhase phase) => Phase = phase;
}

/// <summary>New standing of one unit, with the reason that goes into the job's history.</summary>
public readonly record struct UnitChange(int Unit, UnitStatus Status, int Attempt, int Failures, string? Worker = null, string? Reason = null, double Seconds = 0);
