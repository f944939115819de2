using System.CommandLine;
using System.Text.Json;
using GdmOptEtq.Cli.Host;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Diagnosis;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary>The commands that the client carries out by itself, with the settings as a process would read them.</summary>
internal static class LocalCommands
{
    public static void Complete(Command command, CommandDescription description, Option<bool> json)
    {
        var settings = NodeSettingsOptions.AddTo(command);
        switch (description.Name)
        {
            case "doctor":
                command.SetAction(async (parsed, cancellation) =>
                {
                    var answer = await new Doctor(TimeProvider.System).ExamineAsync(settings.Read(parsed), cancellation);
                    Print(parsed.GetValue(json), answer, Text(answer.Findings));
                    return answer.Healthy ? ExitCode.Ok : ExitCode.Failure;
                });
                break;
            case "config show":
                command.SetAction(parsed =>
                {
                    var answer = SettingsReport.Of(settings.Sources(parsed), settings.Read(parsed));
                    Print(parsed.GetValue(json), answer, SettingsReport.Text(answer));
                    return ExitCode.Ok;
                });
                break;
            case "support-bundle":
                var url = ServiceConnection.UrlOption();
                command.Options.Add(url);
                var file = command.Options.OfType<Option<string?>>().Single(option => option.Name == "--out");
                command.SetAction(async (parsed, cancellation) =>
                {
                    var answer = await SupportBundle.WriteAsync(
                        parsed.GetValue(file) ?? "gdm-support.zip", parsed.GetValue(url), SettingsReport.Of(settings.Sources(parsed), settings.Read(parsed)), settings.Read(parsed), cancellation);
                    Print(parsed.GetValue(json), answer, $"{answer.File} holds {string.Join(", ", answer.Contents)}.\n");
                    return ExitCode.Ok;
                });
                break;
            default:
                command.SetAction((Func<ParseResult, int>)(_ => throw new UsageException($"The service's version knows '{description.Name}', this program ({Pipeline.JobRecord.SoftwareVersion}) does not: upgrade it.")));
                break;
        }
    }

    public static string Text(IReadOnlyList<Finding> findings) => string.Concat(findings.Select(finding =>
        $"{(finding.Level == Finding.Good ? "ok     " : finding.Level == Finding.Warning ? "WARNING" : "FAULT  ")} {finding.Check}: {finding.Sentence}{(finding.Remedy.Length > 0 ? $"\n        -> {finding.Remedy}" : "")}\n"));

    private static void Print(bool json, object answer, string text) =>
        Console.Out.Write(json ? JsonSerializer.SerializeToNode(answer, answer.GetType(), OperatorJson.Options)!.ToJsonString(JsonText.Readable) + "\n" : text);
}

/// <summary>The settings as they would be used, with where each comes from; passwords are masked.</summary>
internal static class SettingsReport
{
    public static ConfigAnswer Of(IEnumerable<(string Name, string Value, string Origin)> sources, NodeSettings settings)
    {
        var origins = new Dictionary<string, string>();
        foreach (var (name, _, origin) in sources)
            origins[name] = origin;
        string Value(string name) => name switch
        {
            "bus" => MaskAddress(settings.Bus),
            "store" => MaskStore(settings.Store),
            "data" => settings.Data,
            "work" => settings.WorkFolder,
            "results" => settings.ResultsFolder,
            "dem-root" => settings.DemRoot,
            "node" => settings.NodeName,
            "slots" => OperatorNumber(settings.Slots),
            "threads" => OperatorNumber(settings.ThreadsPerUnit),
            "lease" => OperatorNumber(settings.Lease),
            "listen" => settings.Listen,
            "traces" => settings.Traces,
            _ => throw new InvalidOperationException($"The setting {name} has no line in 'config show'."),
        };
        return new ConfigAnswer([.. NodeSettings.Names.Select(name => new SettingAnswer(name, Value(name), origins.GetValueOrDefault(name, "default")))]);
    }

    public static string Text(ConfigAnswer answer)
    {
        var table = new Bench.TextTable("setting", "value", "origin");
        foreach (var setting in answer.Settings)
            table.Add(setting.Name, setting.Value.Length > 0 ? setting.Value : "(empty)", setting.Origin);
        var text = new StringWriter();
        table.Write(text);
        return text.ToString();
    }

    /// <summary>An address without its password.</summary>
    public static string MaskAddress(string address)
    {
        int scheme = address.IndexOf("://", StringComparison.Ordinal), at = address.LastIndexOf('@');
        if (scheme < 0 || at < scheme)
            return address;
        string user = address[(scheme + 3)..at].Split(':')[0];
        return $"{address[..(scheme + 3)]}{user}:***{address[at..]}";
    }

    /// <summary>A connection string without its password.</summary>
    public static string MaskStore(string store) => string.Join(';', store.Split(';').Select(part =>
        part.TrimStart().StartsWith("password", StringComparison.OrdinalIgnoreCase) || part.TrimStart().StartsWith("pwd", StringComparison.OrdinalIgnoreCase) ? part.Split('=')[0] + "=***" : part));

    private static string OperatorNumber(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
