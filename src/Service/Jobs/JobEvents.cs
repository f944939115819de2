using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace GdmOptEtq.Service.Jobs;

/// <summary>A job's status as server-sent events: one at once, one for each change, and the stream ends with the job.</summary>
internal sealed class JobEvents(IJobStore store, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    public async Task SendAsync(HttpContext http, StoredJob job)
    {
        // The process must be able to end while somebody watches.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        string last = "";
        var silent = TimeSpan.Zero;
        try
        {
            for (StoredJob? now = job; now is not null; now = await store.FindAsync(job.Id, ending.Token))
            {
                string text = StatusInfo.Of(path => http.Address(path), now, await JobRoutes.StagesAsync(store, now, ending.Token)).ToJsonString();
                if (text != last)
                {
                    await response.WriteAsync($"event: status\ndata: {text}\n\n", ending.Token);
                    await response.Body.FlushAsync(ending.Token);
                    (last, silent) = (text, TimeSpan.Zero);
                }
                else if ((silent += s_period) >= s_keepAlive)
                {
                    await response.WriteAsync(": still here\n\n", ending.Token);
                    await response.Body.FlushAsync(ending.Token);
                    silent = TimeSpan.Zero;
                }

                if (now.Phase >= JobPhase.Succeeded)
                    return;
                await Task.Delay(s_period, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The reader left, or the process ends: the reader asks again.
        }
    }
}
