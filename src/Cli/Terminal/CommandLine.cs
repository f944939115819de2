using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Terminal;

/// <summary>Parses, runs and turns every ending into an exit code and one plain sentence per fault on stderr.</summary>
internal static class CommandLine
{
    /// <param name="root">All commands.</param>
    /// <param name="args">The command line.</param>
    /// <param name="interrupted">What to say when the user interrupts; null: what holds for a job.</param>
    /// <param name="session">Interrupts, too: of a prompt, which hears the user before this command is begun.</param>
    public static async Task<int> Execute(RootCommand root, string[] args, string? interrupted = null, CancellationToken session = default)
    {
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(session);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var parsed = root.Parse(args);
        string command = CommandName(parsed);
        var faults = Faults(parsed);
        if (faults.Count > 0)
            return Complain(faults, $"See '{command} --help'.", ExitCode.Usage);
        try
        {
            // The signals are ours: an action gets the time it needs to leave nothing half-written.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, interruption.Token);
        }
        catch (UsageException fault)
        {
            return Complain(fault.Sentences, $"See '{command} --help'.", ExitCode.Usage);
        }
        catch (Exception exception)
        {
            return Report(exception, interruption.IsCancellationRequested, parsed.CommandResult.Command.Name, interrupted);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            interruption.Cancel();
        }
    }

    private static int Report(Exception exception, bool interrupted, string command, string? interruptedSentence)
    {
        if (exception is AggregateException { InnerExceptions.Count: > 0 } several)
            exception = several.Flatten().InnerExceptions[0];
        switch (exception)
        {
            case OperationCanceledException when interrupted:
                // Only a job has stages to go on from.
                return Complain(
                    [interruptedSentence ?? (command is "simulate" ? "Interrupted: nothing of the scene is kept, and the same command starts anew." : "Interrupted: finished stages are kept in the work folder, and the same command continues there.")],
                    null, ExitCode.Interrupted);
            case InputException fault:
                return Complain(fault.Message.Split(Environment.NewLine), null, ExitCode.BadInput);
            case ServiceException fault:
                return Complain([fault.Message], null, ExitCode.Service);
            case DllNotFoundException fault:
                return Complain([fault.Message], null, ExitCode.Failure);
            case IOException or UnauthorizedAccessException:
                return Complain([exception.Message], null, ExitCode.Failure);
            default:
                Console.Error.WriteLine($"gdm: this is a fault of the program, please report it: {exception}");
                return ExitCode.Failure;
        }
    }

    private static int Complain(IEnumerable<string> sentences, string? hint, int exitCode)
    {
        foreach (string sentence in sentences)
            Console.Error.WriteLine($"gdm: {sentence}");
        if (hint is not null)
            Console.Error.WriteLine(hint);
        return exitCode;
    }

    /// <summary>All that is wrong with the command line itself, mistyped names with a suggestion.</summary>
    private static List<string> Faults(ParseResult parsed)
    {
        var names = Names(parsed).ToArray();
        var strays = parsed.UnmatchedTokens.Concat(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value))
            .Where(t => t.StartsWith('-') && t.Length > 1 && !double.TryParse(t, out _)).Select(t => t.Split('=', ':')[0]).ToHashSet();
        var faults = strays.Select(stray => $"There is no option '{stray}'.{Suggestion.For(stray, names.Where(n => n.StartsWith('-')))}").ToList();
        foreach (string stray in parsed.UnmatchedTokens.Where(t => !t.StartsWith('-')).Distinct())
        {
            bool wantsCommand = parsed.CommandResult.Command.Subcommands.Count > 0;
            faults.Add($"There is no {(wantsCommand ? "command" : "argument")} '{stray}'.{(wantsCommand ? Suggestion.For(stray, names.Where(n => !n.StartsWith('-'))) : "")}");
            // What follows was meant for the command that is not there.
            if (wantsCommand)
                break;
        }

        // A misplaced word makes the parser complain of it, and often of its followers: ours above say it better.
        if (faults.Count == 0)
            faults.AddRange(parsed.Errors.Select(e => e.Message));
        return faults;
    }

    private static IEnumerable<string> Names(ParseResult parsed)
    {
        for (SymbolResult? result = parsed.CommandResult; result is not null; result = result.Parent)
        {
            if (result is not CommandResult { Command: var command })
                continue;
            foreach (var option in command.Options.Where(o => command == parsed.CommandResult.Command || o.Recursive))
                yield return option.Name;
            if (command == parsed.CommandResult.Command)
            {
                foreach (var subcommand in command.Subcommands)
                    yield return subcommand.Name;
            }
        }
    }

    private static string CommandName(ParseResult parsed)
    {
        var names = new List<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Command: var command }; result = result.Parent)
            names.Insert(0, command is RootCommand ? "gdm" : command.Name);
        return string.Join(' ', names);
    }
}
