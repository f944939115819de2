using GdmOptEtq.Cluster.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Jobs;

/// <summary>Looks into the job store once a second for what is to be done beside answering requests; a store that does not answer is waited for.</summary>
internal abstract partial class StoreWatcher(ILogger log) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>False where the settings leave nothing to do.</summary>
    protected abstract bool IsNeeded { get; }

    /// <summary>One look. What takes long belongs into <see cref="ApartAsync"/>.</summary>
    protected abstract Task LookAsync(CancellationToken cancellation);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (IsNeeded && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (IsAway(error))
            {
                LogPaused(error.Message);
            }

            await Task.WhenAny(Task.Delay(s_period, stoppingToken));
        }
    }

    /// <summary>Work beside the looks. When the process ends or the store is away it is left as it is: a later look, or the next start, finds it again.</summary>
    protected async Task ApartAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception error) when (IsAway(error) || error is OperationCanceledException or ObjectDisposedException)
        {
            LogPaused(error.Message);
        }
    }

    private static bool IsAway(Exception error) => error is JobStoreException or System.Data.Common.DbException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Paused: {Reason}")]
    private partial void LogPaused(string reason);
}
