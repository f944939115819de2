using GdmOptEtq.Cluster.Diagnosis;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Pipeline;

namespace GdmOptEtq.Service.Operations;

/// <summary>Logs, health, and the work store's space.</summary>
internal static class MaintenanceCommands
{
    public static IReadOnlyList<OperatorCommand> All { get; } =
    [
        OperatorCommand.Of<LogAnswer>(
            "log tail", "Show the last lines that the nodes logged, merged by time; also what a dead node said last.",
            "Every node hands on its last ten lines of level information and above; what is older is in the node's own output.",
            "gdm ops log tail --node worker-1", TailAsync,
            options:
            [
                CommandOption.Number("lines", "Lines to show [50]."), CommandOption.Text("node", "Only this node."),
                CommandOption.Text("level", "Only this level and above [information].", "information", "warning", "error", "critical"),
                CommandOption.Text("after", "Only lines after this moment, e.g. 2026-11-22T03:00:00Z."),
            ]),
        OperatorCommand.Of<HealthAnswer>(
            "health check", "Check broker, queues, job store, clocks, folders and nodes as the service sees them.",
            "Exit code 1 when something does not work. 'doctor' checks the same from where you are, without the service.",
            "gdm ops health check", HealthAsync),
        OperatorCommand.Of<SweepAnswer>(
            "cache gc", "Remove from the work store what no job needs.",
            "Kept is what an open job, or one that can be retried, may need, and what was used within the last days. A job that needs something removed makes it anew.",
            "gdm ops cache gc --keep-days 7 --dry-run", SweepAsync,
            options: [CommandOption.Number("keep-days", "Keep what was used within so many days [7]."), CommandOption.Switch("dry-run", "Only say what would go.")],
            acts: true, destructive: true),
    ];

    private static readonly string[] Levels = ["information", "warning", "error", "critical"];

    public static string Describe(IEnumerable<LogAnswerLine> lines) => string.Concat(lines.Select(line =>
        $"{OperatorText.Moment(line.At)} {OperatorText.Clean(line.Source)} {line.Level}: {OperatorText.Clean(line.Text)}\n"));

    public static string Describe(IReadOnlyList<Finding> findings) => string.Concat(findings.Select(finding =>
        $"{(finding.Level == Finding.Good ? "ok     " : finding.Level == Finding.Warning ? "WARNING" : "FAULT  ")} {finding.Check}: {OperatorText.Clean(finding.Sentence)}"
        + (finding.Remedy.Length > 0 ? $"\n        -> {OperatorText.Clean(finding.Remedy)}\n" : "\n")));

    /// <summary>The last lines of all nodes, oldest first.</summary>
    public static IReadOnlyList<LogAnswerLine> Merge(IReadOnlyList<StoredNode> nodes) =>
        [.. nodes.SelectMany(node => node.Heartbeat.Log.Select(line => new LogAnswerLine(line.At, node.Heartbeat.Node, line.Level, line.Text)))
            // The roles of one process share its log.
            .DistinctBy(line => (line.At, line.Text)).OrderBy(line => line.At)];

    private static async Task<OperatorAnswer> TailAsync(OperatorCall call)
    {
        var nodes = call.Given("node") is null ? await call.Store.NodesAsync(call.Cancellation) : [await call.NodeAsync()];
        int least = Array.IndexOf(Levels, call.Given("level") ?? Levels[0]);
        if (least < 0)
            throw new Http.ProblemException(Http.Problem.BadRequest($"level must be one of {string.Join(", ", Levels)}."));
        var after = DateTimeOffset.MinValue;
        if (call.Given("after") is { } moment && !DateTimeOffset.TryParse(moment, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out after))
            throw new Http.ProblemException(Http.Problem.BadRequest("after is not a moment: write it like 2026-11-22T03:00:00Z."));
        var lines = Merge(nodes).Where(line => Array.IndexOf(Levels, line.Level) >= least && line.At > after).TakeLast(call.Number("lines", 50, 1, 10000)).ToList();
        return new OperatorAnswer(new LogAnswer(lines), lines.Count == 0 ? "Nothing was logged.\n" : Describe(lines));
    }

    private static async Task<OperatorAnswer> HealthAsync(OperatorCall call)
    {
        var settings = call.Node.Settings;
        var diagnosis = new ClusterDiagnosis(settings.Policy, call.Time);
        List<Finding> findings =
        [
            .. await ClusterDiagnosis.BrokerAsync(call.Bus, call.Cancellation),
            .. await diagnosis.StoreAsync(call.Store, call.Cancellation),
            ClusterDiagnosis.Folder("work", settings.WorkFolder),
            ClusterDiagnosis.Folder("results", settings.ResultsFolder),
            .. await diagnosis.NodesAsync(call.Store, JobRecord.SoftwareVersion, call.Cancellation),
        ];
        bool healthy = findings.All(finding => finding.Level != Finding.Bad);
        return new OperatorAnswer(new HealthAnswer(healthy, findings), Describe(findings), healthy ? 0 : 1);
    }

    private static async Task<OperatorAnswer> SweepAsync(OperatorCall call)
    {
        var sweep = new WorkStoreSweep(call.Node.Settings.WorkFolder, call.Store, call.Time);
        bool dry = call.Flag("dry-run");
        var plan = await sweep.PlanAsync(TimeSpan.FromDays(call.Number("keep-days", 7, 0, 36500)), call.Cancellation);
        int planned = plan.Entries.Count + plan.Requests.Count;
        var result = dry ? new SweepResult(planned, plan.Bytes, 0) : sweep.Run(plan, call.Cancellation);
        var answer = new SweepAnswer(result.Removed, result.Bytes, result.Spared, plan.KeptEntries, plan.KeptBytes, dry);
        string text = $"{result.Removed} files {(dry ? "would go" : "are gone")}, {OperatorText.Bytes(result.Bytes)}; {plan.KeptEntries} intermediate results ({OperatorText.Bytes(plan.KeptBytes)}) stay."
            + (result.Spared > 0 ? $" {result.Spared} were spared: in use meanwhile, or not removable." : "") + "\n";
        return new OperatorAnswer(answer, text);
    }
}
