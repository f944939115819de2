using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Processes;

/// <summary>Runs echo jobs in this process; those that a stopped process left behind are taken up at the start.</summary>
internal sealed partial class EchoRunner(IJobStore store, ILogger<EchoRunner> log) : BackgroundService
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Runs an entered job.</summary>
    public void Run(JobId job, int pauseSeconds) => _ = RunAsync(job, pauseSeconds);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var open = await store.ListAsync(new JobQuery { Process = ProcessDescriptions.Echo, Phases = [JobPhase.Accepted, JobPhase.Running], Limit = 10000 }, stoppingToken);
            foreach (var job in open)
                Run(job.Id, EchoProcess.Pause(JobRequestText.ExecuteBody(job)));
        }
        catch (Exception error) when (error is JobStoreException or System.Data.Common.DbException or OperationCanceledException)
        {
            LogNotTakenUp(error.Message);
        }
    }

    private async Task RunAsync(JobId job, int pauseSeconds)
    {
        try
        {
            await CommitAsync(job, JobPhase.Running, "waiting as asked");
            await Task.Delay(TimeSpan.FromSeconds(pauseSeconds), _stopping.Token);
            await CommitAsync(job, JobPhase.Succeeded, "done");
        }
        catch (Exception error) when (error is JobStoreException or System.Data.Common.DbException or OperationCanceledException or ObjectDisposedException)
        {
            LogNotTakenUp(error.Message);
        }
    }

    private async Task CommitAsync(JobId job, JobPhase phase, string message)
    {
        if (await store.FindAsync(job, _stopping.Token) is { Phase: JobPhase.Accepted or JobPhase.Running })
            await store.CommitAsync([new Decision(job, [], phase, message, [])], null, _stopping.Token);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An echo job waits for the next start: {Reason}")]
    private partial void LogNotTakenUp(string reason);
}
