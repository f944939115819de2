using System.Collections.Concurrent;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>What a person is told while a job runs.</summary>
/// <param name="Stage">What is being done, in words.</param>
/// <param name="Fraction">Share of the whole job that is done, [0, 1].</param>
/// <param name="Kind">Name of the stage, the same for all its tiles, pairs or files.</param>
public readonly record struct StageProgress(string Stage, double Fraction, string Kind);

/// <summary>How often a stage ran, how often its output was already there, and how long it took.</summary>
public sealed record StageRecord(string Stage, int Executed, int Reused, double Seconds);

/// <summary>What happened in a job: stages, times, warnings; the tests count executed stages here.</summary>
public sealed class StageJournal(TimeProvider clock, IProgress<StageProgress>? progress = null)
{
    private readonly ConcurrentDictionary<string, StageRecord> _records = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly Lock _gate = new();
    private double _doneSeconds;
    private double _totalSeconds = 1;

    /// <summary>In the order in which they first ran.</summary>
    public IReadOnlyList<StageRecord> Stages => [.. _order.Select(stage => _records[stage])];

    public IReadOnlyList<string> Warnings => [.. _warnings.Distinct()];

    private readonly List<string> _order = [];

    /// <summary>Says how much work the whole job is estimated to be, so that progress has a measure.</summary>
    public void Expect(double totalSeconds) => _totalSeconds = Math.Max(1e-3, totalSeconds);

    public void Warn(string sentence) => _warnings.Enqueue(sentence);

    /// <summary>Runs <paramref name="compute"/> unless the output is there, and notes which.</summary>
    /// <param name="stage">Name of the stage, kebab-case.</param>
    /// <param name="words">What is being done, for people.</param>
    /// <param name="estimatedSeconds">Its weight in the progress.</param>
    /// <param name="present">Whether its output is in the work store.</param>
    public void Run(string stage, string words, double estimatedSeconds, bool present, Action compute)
    {
        progress?.Report(new StageProgress(words, Fraction, stage));
        long started = clock.GetTimestamp();
        if (!present)
            compute();
        double seconds = present ? 0 : clock.GetElapsedTime(started).TotalSeconds;
        lock (_gate)
        {
            if (!_order.Contains(stage))
                _order.Add(stage);
            var before = _records.GetValueOrDefault(stage) ?? new StageRecord(stage, 0, 0, 0);
            _records[stage] = before with
            {
                Executed = before.Executed + (present ? 0 : 1),
                Reused = before.Reused + (present ? 1 : 0),
                Seconds = before.Seconds + seconds,
            };
            _doneSeconds += estimatedSeconds;
        }

        progress?.Report(new StageProgress(words, Fraction, stage));
    }

    /// <summary>Counts work that was done in an earlier run as done.</summary>
    public void Skip(double estimatedSeconds)
    {
        lock (_gate)
            _doneSeconds += estimatedSeconds;
    }

    private double Fraction
    {
        get
        {
            lock (_gate)
                return Math.Clamp(_doneSeconds / _totalSeconds, 0, 1);
        }
    }
}
