using System.CommandLine;
using System.Diagnostics;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Cli.Submit;

/// <summary><c>gdm watch</c>: progress of a remote job until it ends.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>A service that restarts is waited for so long before it counts as gone.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        var job = JobArgument();
        var url = ServiceConnection.UrlOption();
        var timeout = TimeoutOption();
        var json = SharedOptions.Json();
        var command = new Command("watch", "Show the progress of a job of the service until it ends.") { job, url, timeout, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var service = new ServiceConnection(parsed.GetValue(url));
            return await WatchAsync(service, parsed.GetValue(job)!, parsed.GetValue(timeout), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    internal static Argument<string> JobArgument() => new("job") { Description = "Id of the job, as 'gdm submit' and 'gdm jobs' print it." };

    internal static Option<double?> TimeoutOption() => new("--timeout") { Description = "Seconds to wait at most; the job goes on, and the exit code is 6 [no limit].", HelpName = "SECONDS" };

    internal static async Task<int> WatchAsync(ServiceConnection service, string id, double? timeoutSeconds, bool json, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var answered = Stopwatch.StartNew();
        RemoteJob? job = null;
        using (var progress = ProgressDisplay.Create())
        {
            while (job is not { IsFinal: true })
            {
                try
                {
                    job = await RemoteJob.FindAsync(service, id, cancellation);
                    answered.Restart();
                    progress.Report(new StageProgress($"{job.State}: {job.Message}", job.Progress / 100.0, job.State));
                }
                catch (ServiceException) when (job is not null && answered.Elapsed < s_patience)
                {
                    // It was there a moment ago.
                }

                if (job is { IsFinal: true })
                    break;
                if (clock.Elapsed.TotalSeconds > timeoutSeconds)
                {
                    progress.Dispose();
                    Console.Error.WriteLine($"gdm: The job {id} is still {job?.State ?? "unknown"} after {timeoutSeconds:0} seconds and goes on: 'gdm watch {id}' watches it again.");
                    return ExitCode.TimedOut;
                }

                await Task.Delay(s_period, cancellation);
            }
        }

        Console.Out.WriteLine(json ? job.Status.ToJsonString(JsonText.Readable) : job.Line);
        int code = await job.ExitCodeAsync(service, cancellation);
        if (code != ExitCode.Ok)
            Console.Error.WriteLine($"gdm: {job.Message}");
        return code;
    }
}
