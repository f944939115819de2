using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Processes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Jobs;

/// <summary>
/// Tells the addresses that a job named how it goes: the status while it runs, the results or the reason at its end. The end is told at least once, also
/// after a restart (the job's history remembers what was told); each address gets a few attempts and no more.
/// </summary>
internal sealed partial class Callbacks(IJobStore store, RemoteAccess remote, ServiceSettings settings, IServer server, TimeProvider time, ILogger<Callbacks> log)
    : StoreWatcher(log)
{
    /// <summary>Line of the history that says the end was told, or was given up.</summary>
    public const string Told = "callback";

    private const int ProgressStep = 10;

    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_memory = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)];

    private readonly Dictionary<JobId, Watched> _watched = [];
    private readonly HashSet<JobId> _seen = [];
    private readonly SemaphoreSlim _atOnce = new(4, 4);
    private DateTimeOffset _from = time.GetUtcNow() - s_memory;

    public override void Dispose()
    {
        _atOnce.Dispose();
        base.Dispose();
    }

    protected override bool IsNeeded => settings.CallbackAllow.Count > 0;

    protected override async Task LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var job in await store.ListAsync(new JobQuery { CreatedFrom = _from, Limit = 10000 }, cancellation))
        {
            if (_seen.Add(job.Id))
                await WatchAsync(job, cancellation);
        }

        _from = now - s_overlap;
        foreach (var watched in _watched.Values.ToList())
            await LookAtAsync(watched, cancellation);
    }

    private async Task WatchAsync(StoredJob job, CancellationToken cancellation)
    {
        var subscriber = ExecuteRequest.Read(JobRequestText.ExecuteBody(job), [], []).Subscriber;
        if (subscriber is null || (job.Phase >= JobPhase.Succeeded && (await store.HistoryAsync(job.Id, cancellation)).Any(line => line.What == Told)))
            return;
        _watched[job.Id] = new Watched(job.Id, subscriber);
    }

    private async Task LookAtAsync(Watched watched, CancellationToken cancellation)
    {
        if (await store.FindAsync(watched.Job, cancellation) is not { } job)
        {
            _watched.Remove(watched.Job);
            return;
        }

        if (job.Phase >= JobPhase.Succeeded)
        {
            _watched.Remove(watched.Job);
            bool successful = StatusInfo.State(job.Phase) == "successful";
            string text = successful ? ResultAnswer.Document(JobResults.Parts(job, Address)).ToJsonString() : await StatusAsync(job, cancellation);
            _ = ApartAsync(() => TellAsync(job.Id, successful ? watched.Subscriber.Success : watched.Subscriber.Failed, text, isEnd: true, cancellation));
            return;
        }

        int progress = StatusInfo.Progress(job);
        if (job.Phase != JobPhase.Running || watched.Subscriber.InProgress is null || progress < watched.ToldProgress + ProgressStep)
            return;
        watched.ToldProgress = progress;
        string status = await StatusAsync(job, cancellation);
        _ = ApartAsync(() => TellAsync(job.Id, watched.Subscriber.InProgress, status, isEnd: false, cancellation));
    }

    private async Task<string> StatusAsync(StoredJob job, CancellationToken cancellation) =>
        StatusInfo.Of(Address, job, await JobRoutes.StagesAsync(store, job, cancellation)).ToJsonString();

    private async Task TellAsync(JobId job, Uri? address, string text, bool isEnd, CancellationToken cancellation)
    {
        string outcome = address is null ? "nobody asked" : await PostAsync(job, address, text, cancellation);
        if (isEnd)
            await store.NoteAsync(job, Told, outcome, cancellation);
    }

    private async Task<string> PostAsync(JobId job, Uri address, string text, CancellationToken cancellation)
    {
        await _atOnce.WaitAsync(cancellation);
        try
        {
            string fault = "";
            for (int attempt = 0; attempt <= s_pauses.Length; attempt++)
            {
                if (attempt > 0)
                    await Task.Delay(s_pauses[attempt - 1], cancellation);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(s_patience);
                try
                {
                    int status = await remote.PostAsync(address, text, remote.CallbackAllow, limit.Token);
                    if (status is >= 200 and < 300)
                        return $"told {address}";
                    fault = $"it answered {status}";
                    if (status is >= 300 and < 500 and not 408 and not 429)
                        break;
                }
                catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
                {
                    fault = error.Message;
                }
            }

            LogNotTold(job, address, fault);
            return $"{address} could not be told: {fault}";
        }
        finally
        {
            _atOnce.Release();
        }
    }

    private string Address(string path) =>
        (settings.PublicUrl.Length > 0 ? settings.PublicUrl.TrimEnd('/') : server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "") + path;

    private sealed class Watched(JobId job, Subscriber subscriber)
    {
        public JobId Job => job;

        public Subscriber Subscriber => subscriber;

        public int ToldProgress { get; set; } = -ProgressStep;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}: {Address} could not be told: {Reason}")]
    private partial void LogNotTold(JobId job, Uri address, string reason);
}
