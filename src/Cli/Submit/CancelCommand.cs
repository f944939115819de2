using System.CommandLine;
using GdmOptEtq.Cli.Terminal;

namespace GdmOptEtq.Cli.Submit;

/// <summary><c>gdm cancel</c>: dismisses a remote job.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var id = WatchCommand.JobArgument();
        var url = ServiceConnection.UrlOption();
        var remove = new Option<bool>("--remove") { Description = "If the job is finished already, remove it with all its files." };
        var json = SharedOptions.Json();
        var command = new Command("cancel", "Cancel a job of the service that waits or runs.") { id, url, remove, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var service = new ServiceConnection(parsed.GetValue(url));
            var job = await RemoteJob.FindAsync(service, parsed.GetValue(id)!, cancellation);
            if (job.IsFinal && !parsed.GetValue(remove))
            {
                Console.Error.WriteLine($"gdm: The job is {job.State} already; add --remove to remove it with all its files.");
                return ExitCode.Usage;
            }

            var last = new RemoteJob(await service.JsonAsync(HttpMethod.Delete, $"jobs/{Uri.EscapeDataString(job.Id)}", null, cancellation));
            Console.Out.WriteLine(parsed.GetValue(json) ? last.Status.ToJsonString(JsonText.Readable) : last.Line);
            return ExitCode.Ok;
        });
        return command;
    }
}
