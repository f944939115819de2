using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary>
/// The operator's prompt: the commands of the service, one per line. From a file or a pipe it runs line after line and stops at the first that fails.
/// Leaving it, by whatever way, leaves the cluster alone.
/// </summary>
internal static class Prompt
{
    private const int HistoryKept = 500;

    public static async Task<int> RunAsync(string? url)
    {
        using var service = new ServiceConnection(url);
        var list = await OpsCommand.FetchAsync(service, CancellationToken.None);
        return Console.IsInputRedirected ? await RunScriptAsync(list, service.Address) : await RunTerminalAsync(list, service);
    }

    private static async Task<int> RunScriptAsync(CommandList list, string url)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.TrimStart() is "" or ['#', ..])
                continue;
            int code = await RunLineAsync(list, url, line, CancellationToken.None);
            if (code != ExitCode.Ok)
                return code;
        }

        return ExitCode.Ok;
    }

    private static async Task<int> RunTerminalAsync(CommandList list, ServiceConnection service)
    {
        Console.Out.WriteLine($"{service.Address}, version {list.Version}. Tab completes, 'help' lists the commands, 'exit' leaves.");
        var editor = new LineEditor("gdm> ", text => CompletionsAsync(list, service, text));
        foreach (string line in ReadHistory())
            editor.Remember(line);
        int code = ExitCode.Ok;
        // From the moment a line is entered Ctrl-C is a signal; one that comes before its command listens must not be lost.
        var interruption = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            Volatile.Read(ref interruption).Cancel();
        });
        while (await editor.ReadAsync() is { } line)
        {
            string words = line.Trim();
            if (words is "exit" or "quit")
                break;
            if (words.Length == 0)
                continue;
            editor.Remember(line);
            AppendHistory(line);
            code = await RunLineAsync(list, service.Address, words, interruption.Token);
            if (interruption.IsCancellationRequested)
                Volatile.Write(ref interruption, new CancellationTokenSource());
        }

        return code;
    }

    private static async Task<int> RunLineAsync(CommandList list, string url, string line, CancellationToken session)
    {
        var words = Words(line);
        if (words is ["gdm", ..])
            words.RemoveAt(0);
        if (words is ["ops", ..])
            words.RemoveAt(0);
        if (words is ["help", ..])
        {
            string name = string.Join(' ', words.Skip(1));
            foreach (var command in list.Commands.Where(command => name.Length == 0 || command.Name.StartsWith(name, StringComparison.Ordinal)))
                Console.Out.WriteLine(command.Name == name ? OperatorTree.Help(command) : $"{Usage(command),-34} {command.Summary}");
            return ExitCode.Ok;
        }

        bool takesUrl = list.Commands.Any(command => (command.Path.Length > 0 || command.Name == "support-bundle") && command.Name.Split(' ') is var name && name.SequenceEqual(words.Take(name.Length)));
        string[] address = takesUrl && !words.Contains("--url") ? ["--url", url] : [];
        return await CommandLine.Execute(OpsCommand.Root(list, [.. words]), ["ops", .. words, .. address], OpsCommand.InterruptedSentence, session);
    }

    /// <summary>The words of a line; quotes keep blanks together.</summary>
    internal static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        bool open = false;
        foreach (char letter in line)
        {
            if (quote != '\0' ? letter == quote : letter is '"' or '\'')
            {
                quote = quote == '\0' ? letter : '\0';
                open = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(letter))
            {
                if (open)
                    words.Add(word.ToString());
                word.Clear();
                open = false;
            }
            else
            {
                word.Append(letter);
                open = true;
            }
        }

        if (open)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>What may stand in place of the last word of <paramref name="text"/>.</summary>
    internal static async Task<IReadOnlyList<string>> CompletionsAsync(CommandList list, ServiceConnection service, string text)
    {
        var words = Words(text);
        string last = text.Length == 0 || char.IsWhiteSpace(text[^1]) || words.Count == 0 ? "" : words[^1];
        var before = last.Length > 0 ? words.SkipLast(1).ToList() : words;
        var command = list.Commands.FirstOrDefault(candidate => candidate.Name.Split(' ') is var name && before.Count >= name.Length && name.SequenceEqual(before.Take(name.Length)));
        IEnumerable<string> candidates;
        if (command is null)
        {
            candidates = list.Commands.Select(candidate => candidate.Name.Split(' ')).Where(name => name.Length > before.Count && name.Take(before.Count).SequenceEqual(before)).Select(name => name[before.Count]);
            if (before.Count == 0)
                candidates = candidates.Concat(["help", "exit"]);
        }
        else
        {
            var given = before.Skip(command.Name.Split(' ').Length).ToList();
            var option = given.Count > 0 ? command.Options.FirstOrDefault(candidate => "--" + candidate.Name == given[^1] && candidate.Kind != "switch") : null;
            int position = given.TakeWhile(word => !word.StartsWith('-')).Count();
            candidates = option is not null ? option.Values
                : last.StartsWith('-') || position >= command.Arguments.Count ? command.Options.Select(candidate => "--" + candidate.Name).Concat(command.Destructive ? ["--json", "--yes"] : ["--json"]).Except(given)
                : await NamesAsync(service, command.Arguments[position].Kind);
        }

        return [.. candidates.Where(candidate => candidate.StartsWith(last, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(ServiceConnection service, string kind)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            using var response = await service.SendAsync(HttpMethod.Get, "operations/completions?kind=" + Uri.EscapeDataString(kind), "application/json", patience.Token);
            return JsonSerializer.Deserialize<string[]>(await response.Content.ReadAsStringAsync(patience.Token)) ?? [];
        }
        catch (Exception error) when (error is ServiceException or InputException or UsageException or OperationCanceledException or JsonException)
        {
            // Completion is a courtesy: without an answer there is none.
            return [];
        }
    }

    private static string Usage(CommandDescription command) => string.Join(' ', [command.Name, .. command.Arguments.Select(argument => argument.Name.ToUpperInvariant())]);

    private static string HistoryFile => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state ? state : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "gdm", "ops-history");

    private static IEnumerable<string> ReadHistory()
    {
        try
        {
            return File.Exists(HistoryFile) ? File.ReadLines(HistoryFile).TakeLast(HistoryKept).ToList() : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void AppendHistory(string line)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(HistoryFile)!);
            File.AppendAllText(HistoryFile, line + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written costs the history of the next session, nothing more.
        }
    }
}
