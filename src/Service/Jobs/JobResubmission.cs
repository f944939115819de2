using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Catalogue;
using GdmOptEtq.Service.Processes;

namespace GdmOptEtq.Service.Jobs;

/// <summary>The same job once more: same products, same parameters, a result folder of its own. Finished stages lie in the work store, so little is computed anew.</summary>
internal sealed class JobResubmission(IJobStore store, NodeSettings node, TimeProvider time, EchoRunner echo)
{
    public async Task<JobId> SubmitAgainAsync(StoredJob job, Caller caller, CancellationToken cancellation)
    {
        var id = JobId.New(time);
        var request = JobRequestText.Root(job);
        if (request.ContainsKey("out"))
            request["out"] = Path.Combine(node.ResultsFolder, id.Value);
        var now = time.GetUtcNow();
        var again = new StoredJob(id, caller.Owner, job.Title, request.ToJsonString(), JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0) { Process = job.Process };
        if (job.Process == ProcessDescriptions.Echo)
        {
            await store.EnterAsync(again, cancellation);
            echo.Run(id, EchoProcess.Pause(JobRequestText.ExecuteBody(again)));
        }
        else if (InputFetcher.Pending(request).Count > 0)
        {
            await store.EnterAsync(again with { Message = "fetching the products" }, cancellation);
        }
        else
        {
            await store.AcceptAsync(again, cancellation);
        }

        return id;
    }
}
