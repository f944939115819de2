using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary>Turns published commands into commands of the command line.</summary>
internal static class OperatorTree
{
    public static void Add(Command ops, CommandDescription description, bool wholeHelp)
    {
        string[] words = description.Name.Split(' ');
        var parent = ops;
        foreach (string group in words[..^1])
        {
            var next = parent.Subcommands.FirstOrDefault(command => command.Name == group);
            if (next is null)
                parent.Subcommands.Add(next = new Command(group, Describe(group)));
            parent = next;
        }

        parent.Subcommands.Add(Leaf(words[^1], description, wholeHelp));
    }

    /// <summary>Text of the help: summary, details, one example.</summary>
    public static string Help(CommandDescription description) =>
        $"{description.Summary} {description.Help}\n\nExample:\n  {description.Example}";

    private static Command Leaf(string name, CommandDescription description, bool wholeHelp)
    {
        var command = new Command(name, wholeHelp ? Help(description) : description.Summary);
        var arguments = description.Arguments.Select(argument => new Argument<string>(argument.Name) { Description = argument.Summary }).ToList();
        arguments.ForEach(command.Arguments.Add);
        var options = description.Options.Select(OptionOf).ToList();
        options.ForEach(command.Options.Add);
        var json = SharedOptions.Json();
        command.Options.Add(json);
        if (description.Path.Length == 0)
        {
            LocalCommands.Complete(command, description, json);
            return command;
        }

        var url = ServiceConnection.UrlOption();
        command.Options.Add(url);
        var yes = new Option<bool>("--yes") { Description = "Do not ask whether it is meant." };
        if (description.Destructive)
            command.Options.Add(yes);
        var follow = new Option<bool>("--follow") { Description = "Go on until interrupted." };
        if (description.Name == LogFollower.Command)
            command.Options.Add(follow);
        command.SetAction(async (parsed, cancellation) =>
        {
            var query = new List<KeyValuePair<string, string>>();
            foreach (var argument in arguments)
                query.Add(new(argument.Name, parsed.GetValue(argument)!));
            foreach (var option in options)
            {
                string? value = option is Option<bool> flag ? (parsed.GetValue(flag) ? "true" : null) : parsed.GetValue((Option<string?>)option);
                if (value is not null)
                    query.Add(new(option.Name.TrimStart('-'), value));
            }

            if (description.Destructive && !parsed.GetValue(yes) && !query.Contains(new("dry-run", "true")))
                Confirmation.Ask($"{description.Summary} {string.Join(' ', query.Select(pair => pair.Value))}".TrimEnd());
            using var service = new ServiceConnection(parsed.GetValue(url));
            var call = new OperatorRequest(service, description, query);
            return description.Name == LogFollower.Command && parsed.GetValue(follow)
                ? await LogFollower.RunAsync(call, parsed.GetValue(json), cancellation)
                : await call.RunAsync(parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static Option OptionOf(CommandOption option)
    {
        if (option.Kind == "switch")
            return new Option<bool>("--" + option.Name) { Description = option.Summary };
        var made = new Option<string?>("--" + option.Name) { Description = option.Summary, HelpName = option.Values.Count > 0 ? string.Join('|', option.Values) : option.Kind == "number" ? "N" : "TEXT" };
        if (option.Values.Count > 0)
            made.CompletionSources.Add([.. option.Values]);
        return made;
    }

    private static string Describe(string group) => group switch
    {
        "cluster" => "The cluster as a whole.",
        "node" => "One process of the cluster.",
        "job" => "Jobs of everybody.",
        "queue" => "What waits in the broker.",
        "log" => "What the nodes log.",
        "health" => "Whether all is well.",
        "cache" => "The work store.",
        "config" => "Settings.",
        _ => $"Commands about {group}.",
    };
}

/// <summary>Asks before something ends or goes.</summary>
internal static class Confirmation
{
    /// <exception cref="UsageException">It was not confirmed, or nobody is there to ask.</exception>
    public static void Ask(string what)
    {
        if (Console.IsInputRedirected)
            throw new UsageException($"This asks first, but nobody is at the terminal: add --yes if it is meant ({what}).");
        Console.Error.Write($"{what}\nType yes to go on: ");
        if (Console.ReadLine()?.Trim() != "yes")
            throw new UsageException("Not confirmed, nothing was done.");
    }
}
