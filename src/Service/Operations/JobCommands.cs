using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Service.Http;

namespace GdmOptEtq.Service.Operations;

/// <summary>The jobs of everybody.</summary>
internal static class JobCommands
{
    private static readonly CommandArgument Job = new("job", "Id of the job, or an unmistakable beginning of it.", "job");
    private static readonly string[] PhaseNames = [.. Enum.GetNames<JobPhase>().Select(Camel)];

    public static IReadOnlyList<OperatorCommand> All { get; } =
    [
        OperatorCommand.Of<JobListAnswer>(
            "job list", "List jobs, the newest first.",
            "All owners' jobs are shown.",
            "gdm ops job list --phase running", ListAsync,
            options: [CommandOption.Text("phase", "Only jobs of this phase.", PhaseNames), CommandOption.Text("owner", "Only jobs of this owner."), CommandOption.Number("limit", "At most so many [50].")]),
        OperatorCommand.Of<JobTreeAnswer>(
            "job tree", "Show what a job consists of and where each part stands.",
            "Tiles are counted by status; those in work or failed are named with worker, attempt and reason.",
            "gdm ops job tree 019a", TreeAsync, [Job]),
        OperatorCommand.Of<JobExplanationAnswer>(
            "job explain", "Say in words why a job is slow, waits, or failed.",
            "Names tile, attempt, worker and reason of every attempt that ended badly.",
            "gdm ops job explain 019a", ExplainAsync, [Job]),
        OperatorCommand.Of<JobTimesAnswer>(
            "job times", "Show how long the units of a job took, by stage.",
            "As JSON it is what 'gdm bench cluster-model --times' replays.",
            "gdm ops job times 019a", TimesAsync, [Job]),
        OperatorCommand.Of<AskedAnswer>(
            "job cancel", "Stop a job; nothing of it that has not begun will begin.",
            "Finished tiles stay in the work store: 'job retry' goes on from there.",
            "gdm ops job cancel 019a --reason \"wrong images\"", CancelAsync, [Job], [CommandOption.Text("reason", "For the job's history [cancelled by an operator].")], acts: true, destructive: true),
        OperatorCommand.Of<AskedAnswer>(
            "job retry", "Give the failed units of a job, and all that follows from them, another round of attempts.",
            "For jobs that failed, were cancelled, or succeeded with gaps; what is done is not done again.",
            "gdm ops job retry 019a", RetryAsync, [Job], acts: true),
        OperatorCommand.Of<AskedAnswer>(
            "job priority", "Serve a job before (or after) others.",
            "Higher is served first, 0 is the default, -100 to 100. Heeded within a second for all that is not yet in a queue.",
            "gdm ops job priority 019a 10", PriorityAsync, [Job, new CommandArgument("priority", "-100 to 100.", "number")], acts: true),
        OperatorCommand.Of<LogAnswer>(
            "job logs", "Show the history of a job and what nodes logged about it.",
            "Every change of every unit is kept with its reason.",
            "gdm ops job logs 019a --lines 20", LogsAsync, [Job], [CommandOption.Number("lines", "The last so many [200].")]),
    ];

    private static async Task<OperatorAnswer> ListAsync(OperatorCall call)
    {
        JobPhase[]? phases = null;
        if (call.Given("phase") is { } name)
        {
            phases = Enum.TryParse<JobPhase>(name, ignoreCase: true, out var phase) && !int.TryParse(name, out _)
                ? [phase]
                : throw new ProblemException(Problem.BadRequest($"There is no phase '{OperatorText.Clean(name)}'.{Suggestion.For(name, PhaseNames)} The phases are {string.Join(", ", PhaseNames)}."));
        }

        var jobs = await call.Store.ListAsync(new JobQuery { Owner = call.Given("owner"), Phases = phases, Limit = call.Number("limit", 50, 1, 10000) }, call.Cancellation);
        var answer = new JobListAnswer([.. jobs.Select(JobLine.Of)]);
        if (jobs.Count == 0)
            return new OperatorAnswer(answer, "There are no such jobs.\n");
        var rows = new List<string[]> { (string[])["job", "phase", "units", "gaps", "priority", "age", "title"] };
        rows.AddRange(jobs.Select(job => (string[])
        [
            job.Id.Value, Camel(job.Phase.ToString()), $"{job.UnitsDone}/{job.UnitsTotal}", OperatorText.Number(job.TilesFailed), OperatorText.Number(job.Priority),
            OperatorText.Duration(call.Now - job.Created), job.Title,
        ]));
        return new OperatorAnswer(answer, OperatorText.Table(rows));
    }

    private static async Task<OperatorAnswer> TreeAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        var answer = JobTree.Of(job, await call.Store.UnitsAsync(job.Id, call.Cancellation), await call.Store.NodesAsync(call.Cancellation));
        return new OperatorAnswer(answer, JobTree.Text(answer));
    }

    private static async Task<OperatorAnswer> ExplainAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        var answer = JobExplanation.Of(
            job, await call.Store.UnitsAsync(job.Id, call.Cancellation), await call.Store.HistoryAsync(job.Id, call.Cancellation), await call.Store.NodesAsync(call.Cancellation),
            await call.Store.CoordinatorAsync(call.Cancellation), call.Node.Settings.Policy, call.Now);
        return new OperatorAnswer(answer, string.Concat(answer.Sentences.Select(sentence => OperatorText.Clean(sentence) + "\n")));
    }

    private static async Task<OperatorAnswer> TimesAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        var units = await call.Store.UnitsAsync(job.Id, call.Cancellation);
        double[] Of(UnitStage stage) => [.. units.Where(unit => unit.Seconds > 0 && job.Shape!.StageOf(unit.Unit) == stage && !OfMosaic(unit)).Select(unit => Math.Round(unit.Seconds, 4))];
        bool OfMosaic(StoredUnit unit) => unit.Unit >= job.Shape!.FirstOfMosaic && unit.Unit != job.Shape.Mosaic;
        double[] mosaic = [.. units.Where(unit => unit.Seconds > 0 && OfMosaic(unit)).Select(unit => Math.Round(unit.Seconds / job.Shape!.Stacks, 4))];
        var answer = new JobTimesAnswer(
            job.Id.Value, $"job {job.Id}, {OperatorText.Moment(job.Created)}", Of(UnitStage.Prepare), Of(UnitStage.Correlate), Of(UnitStage.Aggregate), Of(UnitStage.Summarise),
            Of(UnitStage.Write), Of(UnitStage.Publish), mosaic);
        var rows = new List<string[]> { (string[])["stage", "done", "least s", "middle s", "most s", "sum s"] };
        (string, IReadOnlyList<double>)[] stages =
        [
            ("prepare", answer.PrepareSeconds), ("correlate", answer.CorrelateSeconds), ("aggregate", answer.AggregateSeconds), ("summarise", answer.SummariseSeconds),
            ("write", answer.WriteSeconds), ("publish", answer.PublishSeconds), ("mosaic, per tile", answer.MosaicSecondsPerTile),
        ];
        foreach (var (stage, seconds) in stages)
        {
            string S(Func<List<double>, double> figure) => seconds.Count == 0 ? "-" : figure([.. seconds.Order()]).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
            rows.Add([stage, OperatorText.Number(seconds.Count), S(all => all[0]), S(all => all[all.Count / 2]), S(all => all[^1]), S(all => all.Sum())]);
        }

        return new OperatorAnswer(answer, OperatorText.Table(rows));
    }

    private static async Task<OperatorAnswer> CancelAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        if (job.Phase >= JobPhase.Succeeded)
            throw new ProblemException(Problem.Conflict($"Job {job.Id} is {Camel(job.Phase.ToString())} already: there is nothing to cancel."));
        await call.Store.RequestAsync(new CancelJob(job.Id, call.Given("reason") ?? "cancelled by an operator"), call.By, call.Cancellation);
        return Asked(job, "cancel", "is being cancelled; workers drop what they have of it");
    }

    private static async Task<OperatorAnswer> RetryAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        if (job.Phase is not (JobPhase.Failed or JobPhase.Cancelled or JobPhase.SucceededWithGaps))
            throw new ProblemException(Problem.Conflict($"Job {job.Id} is {Camel(job.Phase.ToString())}: only a job that failed, was cancelled or succeeded with gaps can be retried."));
        if (job.Shape is null)
            throw new ProblemException(Problem.Conflict($"Job {job.Id} could not be planned ({job.Message.TrimEnd('.')}): mend its request and submit it again."));
        await call.Store.RequestAsync(new RetryJob(job.Id), call.By, call.Cancellation);
        return Asked(job, "retry", "gets another round of attempts");
    }

    private static async Task<OperatorAnswer> PriorityAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        call.Text("priority");
        int priority = call.Number("priority", 0, -100, 100);
        await call.Store.SetPriorityAsync(job.Id, priority, call.By, call.Cancellation);
        return Asked(job, "priority", $"has priority {priority}", done: true);
    }

    private static async Task<OperatorAnswer> LogsAsync(OperatorCall call)
    {
        var job = await call.JobAsync();
        var history = (await call.Store.HistoryAsync(job.Id, call.Cancellation)).Select(line => new LogAnswerLine(line.At, "store", line.What == "failed" ? "error" : "information", Describe(job, line)));
        var logged = MaintenanceCommands.Merge(await call.Store.NodesAsync(call.Cancellation)).Where(line => line.Text.Contains(job.Id.Value, StringComparison.Ordinal));
        var lines = history.Concat(logged).OrderBy(line => line.At).TakeLast(call.Number("lines", 200, 1, 100000)).ToList();
        return new OperatorAnswer(new LogAnswer(lines), MaintenanceCommands.Describe(lines));
    }

    private static string Describe(StoredJob job, HistoryLine line)
    {
        string what = line.Unit is { } unit && job.Shape is { } shape ? $"{shape.Describe(unit)}: {line.What}, attempt {line.Attempt}" : line.What;
        return what + (line.Worker is null ? "" : $", {line.Worker}") + (line.Reason is null ? "" : $" ({line.Reason})");
    }

    private static OperatorAnswer Asked(StoredJob job, string asked, string message, bool done = false) =>
        new(new AskedAnswer(job.Id.Value, asked, done, $"Job {job.Id} {message}."), $"Job {job.Id} {message}.\n");

    internal static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
