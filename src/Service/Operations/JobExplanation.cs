using System.Globalization;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Service.Operations;

/// <summary>Why a job is slow, waits or failed, in words: what an operator would have to put together from units, history and nodes.</summary>
internal static class JobExplanation
{
    /// <summary>A unit that runs this many times longer than the middle one of its stage is named.</summary>
    private const double SlowFactor = 3;

    public static JobExplanationAnswer Of(
        StoredJob job, IReadOnlyList<StoredUnit> units, IReadOnlyList<HistoryLine> history, IReadOnlyList<StoredNode> nodes, CoordinatorStanding? standing, JobPolicy policy, DateTimeOffset now)
    {
        var failures = job.Shape is { } shape ? Failures(shape, history) : [];
        var sentences = new List<string> { Standing(job, now) };
        if (job.Phase < JobPhase.Succeeded)
            sentences.AddRange(Obstacles(job, units, nodes, standing, policy, now));
        if (job.Shape is { } planned)
        {
            foreach (var unit in units.Where(unit => unit.Status == UnitStatus.Failed))
            {
                var last = failures.LastOrDefault(failure => failure.Unit == unit.Unit);
                sentences.Add(
                    $"{Capital(planned.Describe(unit.Unit))} failed for good after {unit.Failures} attempts; the last was attempt {unit.Attempt} on {last?.Worker ?? unit.Worker ?? "an unknown worker"}"
                    + $"{(last is null ? "" : " at " + OperatorText.Moment(last.At))}, because: {Sentence(unit.Reason ?? last?.Reason ?? "no reason was given")}");
            }

            int recovered = failures.Where(failure => units[failure.Unit].Status != UnitStatus.Failed).Select(failure => failure.Unit).Distinct().Count();
            if (recovered > 0)
            {
                var worst = failures.Where(failure => units[failure.Unit].Status != UnitStatus.Failed).GroupBy(failure => failure.Reason).OrderByDescending(group => group.Count()).First();
                sentences.Add($"{recovered} units failed at first and were tried again; the most frequent reason ({worst.Count()} times): {Sentence(worst.Key)}");
            }

            foreach (var group in failures.Where(failure => failure.Worker is not null).GroupBy(failure => failure.Worker).Where(group => group.Count() >= 3))
                sentences.Add($"{group.Count()} of the {failures.Count} bad attempts were on {group.Key}: if only that node fails, drain it ('gdm ops node drain {group.Key}') and look at its log.");
        }

        if (job.Phase is JobPhase.Failed or JobPhase.Cancelled or JobPhase.SucceededWithGaps && job.Shape is not null)
            sentences.Add($"Once the cause is mended, 'gdm ops job retry {job.Id}' tries what failed again and keeps what is done.");
        return new JobExplanationAnswer(job.Id.Value, job.Phase, sentences, failures);
    }

    private static string Standing(StoredJob job, DateTimeOffset now)
    {
        string age = OperatorText.Duration(now - job.Created);
        string took = OperatorText.Duration((job.Finished ?? now) - (job.Started ?? job.Created));
        return job.Phase switch
        {
            JobPhase.Accepted => $"Job {job.Id} was accepted {age} ago and waits to be planned.",
            JobPhase.Running => $"Job {job.Id} has been running for {took}: {job.UnitsDone} of {job.UnitsTotal} units are finished.",
            JobPhase.Succeeded => $"Job {job.Id} succeeded in {took}; {job.UnitsTotal} units.",
            JobPhase.SucceededWithGaps => $"Job {job.Id} succeeded in {took}, but {job.TilesFailed} tiles are flagged holes.",
            JobPhase.Cancelled => $"Job {job.Id} was cancelled after {took}: {Sentence(job.Message)}",
            _ => $"Job {job.Id} failed after {took}: {Sentence(job.Message)}",
        };
    }

    private static IEnumerable<string> Obstacles(
        StoredJob job, IReadOnlyList<StoredUnit> units, IReadOnlyList<StoredNode> nodes, CoordinatorStanding? standing, JobPolicy policy, DateTimeOffset now)
    {
        if (standing is null)
            yield return "Nobody coordinates, so nothing is planned or handed out: start a coordinator.";
        var alive = nodes.Where(node => now - node.Seen <= policy.Unreachable && node.Heartbeat.Slots > 0).ToList();
        var takers = alive.Where(node => !node.Heartbeat.Draining).ToList();
        if (job.Shape is not { } shape)
            yield break;
        var next = units.Where(unit => unit.Status < UnitStatus.Done).Select(unit => shape.StageOf(unit.Unit)).DefaultIfEmpty().Min();
        string role = next is UnitStage.Aggregate or UnitStage.Summarise ? NodeRoles.Aggregator : NodeRoles.CorrelationWorker;
        var fit = takers.Where(node => node.Heartbeat.Roles.Contains(role)).ToList();
        if (fit.Count == 0)
        {
            bool draining = alive.Any(node => node.Heartbeat.Roles.Contains(role));
            yield return $"What comes next needs {(role[0] == 'a' ? "an" : "a")} {role}, and {(draining ? "all of them are draining: undrain one" : "none answers: start one")}.";
        }

        int running = JobTree.Holders(job, alive).Count, slots = fit.Sum(node => node.Heartbeat.Slots);
        int others = fit.Sum(node => node.Heartbeat.Running.Count(unit => unit.Job != job.Id));
        if (fit.Count > 0)
            yield return $"{running} of its units are in work; {fit.Count} {role}s with {slots} slots answer, {others} of the slots work for other jobs.";
        foreach (var stage in units.Where(unit => unit.Seconds > 0).GroupBy(unit => shape.StageOf(unit.Unit)))
        {
            double middle = Middle(stage);
            var slowest = stage.MaxBy(unit => unit.Seconds)!;
            if (stage.Count() >= 4 && slowest.Seconds > SlowFactor * middle)
                yield return $"{Capital(shape.Describe(slowest.Unit))} took {Seconds(slowest.Seconds)} on {slowest.Worker}, the middle one {Seconds(middle)}: if {slowest.Worker} is always slow, drain it.";
        }

        var tiles = units.Where(unit => unit.Seconds > 0 && shape.StageOf(unit.Unit) == UnitStage.Correlate).ToList();
        int left = units.Count(unit => unit.Status < UnitStatus.Done && shape.StageOf(unit.Unit) == UnitStage.Correlate);
        if (tiles.Count > 0 && left > 0 && slots > 0)
            yield return $"{left} tiles are left; a tile takes {Seconds(Middle(tiles))}, so {slots} slots need about {OperatorText.Duration(TimeSpan.FromSeconds(Math.Ceiling((double)left / slots) * Middle(tiles)))} for them.";
    }

    // A bad attempt shows as a unit that waits again, or failed, with a worker and a reason other than a hand-back.
    private static List<FailureAnswer> Failures(JobShape shape, IReadOnlyList<HistoryLine> history) =>
    [
        .. history.Where(line => line is { Unit: not null, Reason: not null, What: "waiting" or "failed" } && line.Reason is not ("handed back" or "retried"))
            .Select(line => new FailureAnswer(line.Unit!.Value, shape.Describe(line.Unit.Value), line.Attempt, line.Worker, line.At, line.Reason!)),
    ];

    private static double Middle(IEnumerable<StoredUnit> units)
    {
        var seconds = units.Select(unit => unit.Seconds).Order().ToList();
        return seconds[seconds.Count / 2];
    }

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
