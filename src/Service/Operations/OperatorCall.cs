using System.Globalization;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GdmOptEtq.Service.Operations;

/// <summary>A command with its handler.</summary>
internal sealed record OperatorCommand(CommandDescription Description, Func<OperatorCall, Task<OperatorAnswer>> RunAsync)
{
    /// <summary>A command of the service; its address follows from its name.</summary>
    public static OperatorCommand Of<TResult>(
        string name, string summary, string help, string example, Func<OperatorCall, Task<OperatorAnswer>> run,
        IReadOnlyList<CommandArgument>? arguments = null, IReadOnlyList<CommandOption>? options = null, bool acts = false, bool destructive = false) =>
        new(new CommandDescription(
            name, summary, help, example, destructive, acts ? "POST" : "GET", "/operations/" + name.Replace(' ', '/'), arguments ?? [], options ?? [], OperatorJson.SchemaOf(typeof(TResult))), run);

    /// <summary>A command that the client carries out by itself.</summary>
    public static OperatorCommand Local<TResult>(string name, string summary, string help, string example, IReadOnlyList<CommandOption>? options = null) =>
        new(new CommandDescription(name, summary, help, example, false, "", "", [], options ?? [], OperatorJson.SchemaOf(typeof(TResult))), _ => throw new InvalidOperationException($"{name} is the client's own."));
}

/// <summary>What a command answers: a record for JSON, text for people, and an exit code for scripts.</summary>
internal sealed record OperatorAnswer(object Value, string Text, int ExitCode = 0);

/// <summary>One call of a command: its arguments, and the cluster that it is about.</summary>
internal sealed class OperatorCall(HttpContext http, CommandDescription command)
{
    public ClusterNode Node { get; } = http.RequestServices.GetRequiredService<ClusterNode>();

    public IJobStore Store => Node.Store;

    public IBus Bus => Node.Bus;

    public TimeProvider Time { get; } = http.RequestServices.GetRequiredService<TimeProvider>();

    public DateTimeOffset Now => Time.GetUtcNow();

    public CancellationToken Cancellation => http.RequestAborted;

    /// <summary>Who asks, for the job's history.</summary>
    public string By => http.Caller().Owner is { Length: > 0 } owner ? $"operator {owner}" : "operator";

    public string Text(string name) => Given(name) ?? throw new ProblemException(Problem.BadRequest($"'{command.Name}' needs {name.ToUpperInvariant()}: {command.Example}."));

    public string? Given(string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    public bool Flag(string name) => Given(name) is "true" or "1";

    public int Number(string name, int fallback, int least, int most)
    {
        if (Given(name) is not { } text)
            return fallback;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new ProblemException(Problem.BadRequest($"{name} cannot be '{Short(text)}': give a whole number from {least} to {most}."));
    }

    /// <summary>The job that the argument names, by its id or an unmistakable beginning of it.</summary>
    public async Task<StoredJob> JobAsync()
    {
        string name = Text("job");
        if (JobId.IsWellFormed(name) && await Store.FindAsync(new JobId(name), Cancellation) is { } exact)
            return exact;
        var jobs = await Store.ListAsync(new JobQuery { Limit = 10000 }, Cancellation);
        var begun = jobs.Where(job => job.Id.Value.StartsWith(name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (begun.Count == 1)
            return begun[0];
        string hint = begun.Count > 1 ? $" {begun.Count} jobs begin so: give more letters." : Suggestion.For(name, jobs.Select(job => job.Id.Value));
        throw new ProblemException(Problem.NotFound($"There is no job '{Short(name)}'.{hint} 'gdm ops job list' shows all.", "no-such-job"));
    }

    /// <summary>The node that the argument names.</summary>
    public async Task<StoredNode> NodeAsync()
    {
        string name = Text("node");
        var nodes = await Store.NodesAsync(Cancellation);
        return nodes.FirstOrDefault(node => node.Heartbeat.Node == name)
            ?? throw new ProblemException(Problem.NotFound(
                $"There is no node '{Short(name)}'.{Suggestion.For(name, nodes.Select(node => node.Heartbeat.Node))} 'gdm ops cluster show' shows all.", "no-such-node"));
    }

    /// <summary>The queue that the argument names, with or without its beginning "gdm.".</summary>
    public string Queue()
    {
        string name = Text("queue");
        string full = name.StartsWith("gdm.", StringComparison.Ordinal) ? name : "gdm." + name;
        return QueueNames.Contains(full)
            ? full
            : throw new ProblemException(Problem.NotFound($"There is no queue '{Short(name)}'.{Suggestion.For(full, QueueNames)} 'gdm ops queue show' shows all.", "no-such-queue"));
    }

    public static IReadOnlyList<string> QueueNames { get; } = [.. Queues.Durable, Queues.Dead];

    private static string Short(string text) => OperatorText.Clean(text.Length <= 80 ? text : text[..80] + "...");
}
