using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GdmOptEtq.EndToEnd.Tests.Operator;

/// <summary>The runbook, run: every command of docs/operations.md against the live cluster, in its order, with the reader's words filled in.</summary>
[Collection(LiveClusterCollection.Name)]
public sealed partial class RunbookTests(LiveCluster cluster) : IDisposable
{
    private static readonly string Text = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "operations.md"));

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LiveClusterFact]
    public async Task Every_command_of_the_runbook_does_what_it_says()
    {
        string job = (await cluster.SubmitAsync(_folder["result"])).Value;
        await cluster.UntilAsync(async () => (await cluster.Store.FindAsync(new(job), default))!.Shape is not null, "the job is planned");
        // Nobody finishes the job before the runbook cancels it.
        cluster.Ops("node", "drain", "w1").Code.ShouldBe(0);
        cluster.Ops("node", "drain", "a1").Code.ShouldBe(0);
        string[] commands = [.. Commands()];
        commands.Length.ShouldBeGreaterThan(30);
        int evicted = 0;
        foreach (string command in commands)
        {
            // The job must be there to be cancelled and retried, the node to be drained and evicted.
            string node = $"runbook-{evicted}";
            if (command.Contains("node drain", StringComparison.Ordinal))
            {
                cluster.Start(node, "correlation-worker");
                await cluster.UntilAsync(async () => (await cluster.Store.NodesAsync(default)).Any(found => found.Heartbeat.Node == node), $"{node} is heard of");
            }

            string filled = command.Replace("JOB", job, StringComparison.Ordinal).Replace("NODE", node, StringComparison.Ordinal).Replace("QUEUE", "gdm.dead", StringComparison.Ordinal);
            if (Role().IsMatch(filled))
                await RunRoleAsync(filled);
            else
                await RunAsync(filled, command);
            if (command.Contains("node evict", StringComparison.Ordinal))
            {
                await cluster.EndedAsync(node);
                evicted++;
            }

            if (command.Contains("job cancel", StringComparison.Ordinal))
                (await cluster.FinishedAsync(new(job))).Phase.ShouldBe(GdmOptEtq.Cluster.Coordinator.JobPhase.Cancelled);
            if (command.Contains("job retry", StringComparison.Ordinal))
                await CancelAgainAsync(job);
        }

        cluster.Ops("node", "undrain", "w1").Code.ShouldBe(0);
        cluster.Ops("node", "undrain", "a1").Code.ShouldBe(0);
        evicted.ShouldBe(2);
        File.Exists(_folder["jobs.dump"]).ShouldBeTrue();
        File.Exists(_folder["gdm-support.zip"]).ShouldBeTrue();
    }

    [LiveClusterFact]
    public async Task Every_metric_of_the_processes_is_explained_and_none_that_is_not_there()
    {
        using var http = new HttpClient();
        string measured = await http.GetStringAsync(cluster.Url + "/metrics");
        var source = Directory.GetFiles(Path.Combine(SharedData.RepositoryRoot, "src"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        var explained = Metric().Matches(Text).Select(match => match.Value).ToHashSet();
        foreach (string name in Metric().Matches(measured).Select(match => match.Value).Distinct())
            explained.ShouldContain(name);
        foreach (string name in explained)
            source.ShouldContain(text => text.Contains($"\"{name}\"", StringComparison.Ordinal), name);
    }

    private static IEnumerable<string> Commands() => Block().Matches(Text).SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    // A job that is retried runs again; the next 'retry' of the runbook needs one that ended.
    private async Task CancelAgainAsync(string job)
    {
        await cluster.UntilAsync(async () => (await cluster.Store.FindAsync(new(job), default))!.Phase == GdmOptEtq.Cluster.Coordinator.JobPhase.Running, "the retry begins");
        cluster.Ops("job", "cancel", job, "--yes").Code.ShouldBe(0);
        await cluster.FinishedAsync(new(job));
    }

    private async Task RunAsync(string command, string asWritten)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(patience.Token);
        process.ExitCode.ShouldBe(0, $"{asWritten}: {await output} {await error}");
    }

    // A role runs until it is told to end, and ends well.
    private async Task RunRoleAsync(string command)
    {
        using var process = Start($"exec {command.Replace("gdm", $"dotnet '{typeof(Cli.Program).Assembly.Location}'", StringComparison.Ordinal)} --listen http://127.0.0.1:0");
        _ = process.StandardOutput.ReadToEndAsync();
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync();
            line.ShouldNotBeNull(command);
        }
        while (!line.Contains("listens on", StringComparison.Ordinal));
        var rest = process.StandardError.ReadToEndAsync();
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]))
            await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(patience.Token);
        process.ExitCode.ShouldBeOneOf([0, 130], $"{command}: {await rest}");
    }

    private Process Start(string command)
    {
        string gdm = $"gdm() {{ dotnet '{typeof(Cli.Program).Assembly.Location}' \"$@\"; }}; ";
        var start = new ProcessStartInfo("bash", ["-c", gdm + command]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = _folder.Path };
        var environment = start.Environment;
        environment["GDM_URL"] = cluster.Url;
        environment["GDM_BUS"] = cluster.RabbitMq.Uri.ToString();
        environment["GDM_STORE"] = cluster.Postgres.ConnectionString;
        environment["GDM_DATA"] = cluster.Data;
        environment["GDM_THREADS"] = "1";
        environment["PGHOST"] = "127.0.0.1";
        environment["PGPORT"] = cluster.Postgres.Port.ToString();
        environment["PGUSER"] = "gdm";
        environment["PGPASSWORD"] = "secret";
        environment["PGDATABASE"] = "postgres";
        environment["PATH"] = $"{Directory.GetDirectories("/usr/lib/postgresql").Order().Select(version => Path.Combine(version, "bin")).Last()}:{environment["PATH"]}";
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^gdm host (coordinator|correlation-worker|aggregator|service|all)")]
    private static partial Regex Role();

    [GeneratedRegex(@"\bgdm_[a-z]+(?:_(?!bucket\b|sum\b|count\b)[a-z]+)*")]
    private static partial Regex Metric();
}
