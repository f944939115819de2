using System.CommandLine;
using GdmOptEtq.Cli.Terminal;

namespace GdmOptEtq.Cli.Submit;

/// <summary><c>gdm jobs</c>: your jobs at the service.</summary>
internal static class JobsCommand
{
    public static Command Create()
    {
        var url = ServiceConnection.UrlOption();
        var status = new Option<string?>("--status") { Description = "Only jobs in these states: accepted, running, successful, failed, dismissed, separated by commas.", HelpName = "STATE" };
        var limit = new Option<int>("--limit") { Description = "Most jobs to list.", HelpName = "N", DefaultValueFactory = _ => 20 };
        var json = SharedOptions.Json();
        var command = new Command("jobs", "List your jobs at the service, newest first.") { url, status, limit, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var service = new ServiceConnection(parsed.GetValue(url));
            string filter = parsed.GetValue(status) is { } state ? $"&status={Uri.EscapeDataString(state)}" : "";
            var list = await service.JsonAsync(HttpMethod.Get, $"jobs?limit={parsed.GetValue(limit)}{filter}", null, cancellation);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(list.ToJsonString(JsonText.Readable));
                return ExitCode.Ok;
            }

            foreach (var job in list["jobs"]!.AsArray())
                Console.Out.WriteLine(new RemoteJob(job!.AsObject()).Line);
            return ExitCode.Ok;
        });
        return command;
    }
}
