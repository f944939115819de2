using System.CommandLine;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary><c>gdm ops</c>: what an operator does to a live cluster. Its commands are those that the service publishes; without words it is a prompt.</summary>
internal static class OpsCommand
{
    public const string InterruptedSentence = "Interrupted: the cluster goes on undisturbed; what was asked of it before stands.";

    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(5);

    /// <summary>The tree of commands from a published list; the one that <paramref name="words"/> begin with has its whole help, the others one sentence.</summary>
    public static Command Create(CommandList list, params string[] words)
    {
        var ops = new Command("ops", "Operate a live cluster through its service; without further words, at a prompt with completion (Tab) and history.");
        var url = ServiceConnection.UrlOption();
        ops.Options.Add(url);
        foreach (var command in list.Commands)
            OperatorTree.Add(ops, command, command.Name.Split(' ') is var name && name.SequenceEqual(words.Take(name.Length)));
        ops.SetAction((parsed, _) => Prompt.RunAsync(parsed.GetValue(url)));
        return ops;
    }

    /// <summary>
    /// Runs a command line that begins with "ops": with the list of the service that it addresses, so that this program knows what a newer service can do;
    /// with its own list for help, for what needs no service, and where the service does not answer.
    /// </summary>
    public static async Task<int> ExecuteAsync(string[] args)
    {
        var list = OperatorCommands.List;
        bool local = list.Commands.Any(command => command.Path.Length == 0 && command.Name.Split(' ').SequenceEqual(args.Skip(1).Take(command.Name.Split(' ').Length)));
        if (args.Length > 1 && !local && !args.Intersect(["--help", "-h", "-?"]).Any())
            list = await TryFetchAsync(UrlOf(args)) ?? list;
        return await CommandLine.Execute(Root(list, args[1..]), args, InterruptedSentence);
    }

    public static RootCommand Root(CommandList list, string[] words) => new("Operate a live cluster.") { Create(list, words) };

    /// <summary>What the service publishes.</summary>
    public static async Task<CommandList> FetchAsync(ServiceConnection service, CancellationToken cancellation)
    {
        using var response = await service.SendAsync(HttpMethod.Get, "operations/commands", "application/json", cancellation);
        try
        {
            return JsonSerializer.Deserialize<CommandList>(await response.Content.ReadAsStringAsync(cancellation), OperatorJson.Options)!;
        }
        catch (JsonException error)
        {
            throw new ServiceException($"What the service at {service.Address} publishes is no list of commands: check that --url leads to a service of this program.", error);
        }
    }

    private static async Task<CommandList?> TryFetchAsync(string? url)
    {
        try
        {
            using var service = new ServiceConnection(url);
            using var patience = new CancellationTokenSource(ListPatience);
            return await FetchAsync(service, patience.Token);
        }
        catch (Exception error) when (error is ServiceException or InputException or UsageException or OperationCanceledException)
        {
            // The command itself will say what is wrong.
            return null;
        }
    }

    private static string? UrlOf(string[] args)
    {
        for (int i = 1; i < args.Length; i++)
        {
            if (args[i] == "--url" && i + 1 < args.Length)
                return args[i + 1];
            if (args[i].StartsWith("--url=", StringComparison.Ordinal))
                return args[i]["--url=".Length..];
        }

        return null;
    }
}
