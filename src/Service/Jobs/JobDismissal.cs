using System.Text.Json.Nodes;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Processes;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Jobs;

/// <summary>Dismissal: what waits or runs is cancelled, what is finished is removed with its files.</summary>
internal sealed class JobDismissal(IJobStore store, NodeSettings node, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public async Task<IResult> DismissAsync(HttpContext http, StoredJob job)
    {
        string by = http.Caller().Owner is { Length: > 0 } owner ? $"dismissed by {owner}" : "dismissed";
        if (job.Phase >= JobPhase.Succeeded)
        {
            await RemoveAsync(job, http.RequestAborted);
            return Answer(http, job, "removed with its files");
        }

        if (job.Process == ProcessDescriptions.Echo)
            await store.CommitAsync([new Decision(job.Id, [], JobPhase.Cancelled, by, [])], null, http.RequestAborted);
        else
            await store.RequestAsync(new CancelJob(job.Id, by), by, http.RequestAborted);
        // The coordinator decides; it answers within a second where one is at work.
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < s_patience)
        {
            if (await store.FindAsync(job.Id, http.RequestAborted) is not { Phase: < JobPhase.Succeeded } now)
                return Answer(http, await store.FindAsync(job.Id, http.RequestAborted) ?? job, by);
            job = now;
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, http.RequestAborted);
        }

        return Answer(http, job, "being dismissed");
    }

    /// <summary>Files first: a job whose row is gone could not be removed again.</summary>
    private async Task RemoveAsync(StoredJob job, CancellationToken cancellation)
    {
        // A result folder that is not ours (a job that did not come through the service) stays.
        if (JobRequestText.ResultFolder(job) is { } folder && Path.GetDirectoryName(Path.GetFullPath(folder)) == node.ResultsFolder && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        await store.DeleteAsync(job.Id, cancellation);
    }

    private static JsonAnswer Answer(HttpContext http, StoredJob job, string message)
    {
        var status = StatusInfo.Of(http, job with { Phase = JobPhase.Cancelled, Message = message }, []);
        status["links"] = new JsonArray(http.Link("/jobs", "up", "Your jobs"));
        return new JsonAnswer(status);
    }
}
