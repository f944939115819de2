using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Processes;

namespace GdmOptEtq.Service.Jobs;

/// <summary>What a job left, output by output, or the problem that stands for it.</summary>
internal static class JobResults
{
    /// <summary>Null when the job has results; else why not.</summary>
    public static Problem? Missing(StoredJob job) => job.Phase switch
    {
        JobPhase.Accepted or JobPhase.Running => Problem.ResultNotReady(StatusInfo.State(job.Phase)),
        JobPhase.Cancelled => Problem.NotFound("The job was dismissed and has no results: submit it again with POST /jobs/{jobID}/resubmit.", "job-dismissed"),
        JobPhase.Failed => Failure(job),
        _ => null,
    };

    /// <summary>Why a job failed, as problem.</summary>
    public static Problem Failure(StoredJob job) => job switch
    {
        { Shape: null } => Problem.JobFailed(400, "invalid-input", job.Message),
        _ when job.Message.Contains("No pixel", StringComparison.Ordinal) => Problem.JobFailed(422, "no-valid-result", job.Message),
        _ => Problem.JobFailed(500, "processing-failed", job.Message),
    };

    /// <summary>The outputs that the job was asked for, or all, those that are there.</summary>
    /// <param name="address">Makes a path of the service absolute.</param>
    public static IReadOnlyList<ResultPart> Parts(StoredJob job, Func<string, string> address)
    {
        var body = JobRequestText.ExecuteBody(job);
        if (job.Process == ProcessDescriptions.Echo)
            return EchoProcess.Results(body);
        var asked = ExecuteRequest.Read(body, [.. DisplacementOutputs.All.Select(output => output.Id)], []).Outputs;
        var parts = new List<ResultPart>();
        foreach (var output in DisplacementOutputs.All.Where(output => asked.Count == 0 || asked.ContainsKey(output.Id)))
        {
            if (Part(job, output, asked.GetValueOrDefault(output.Id), address) is { } part)
                parts.Add(part);
        }

        return parts;
    }

    /// <summary>One output by its name; null when the process has none of that name or the job did not leave it.</summary>
    public static ResultPart? Part(StoredJob job, string id, Func<string, string> address) => job.Process == ProcessDescriptions.Echo
        ? EchoProcess.Results(JobRequestText.ExecuteBody(job)).FirstOrDefault(part => part.Id == id)
        : DisplacementOutputs.All.FirstOrDefault(output => output.Id == id) is { } output ? Part(job, output, Transmission.Value, address) : null;

    /// <summary>Whether the job asked for one document; null when it did not say.</summary>
    public static bool? WantsDocument(StoredJob job) => ExecuteRequest.Read(JobRequestText.ExecuteBody(job), [], []).IsDocument;

    private static ResultPart? Part(StoredJob job, DisplacementOutput output, Transmission? transmission, Func<string, string> address)
    {
        if (JobRequestText.ResultFolder(job) is not { } folder || output.Find(folder) is not { } file)
            return null;
        // Rasters are large: unless a value is asked for they are links.
        var way = transmission ?? (output.IsJson ? Transmission.Value : Transmission.Reference);
        string path = $"/jobs/{job.Id}/results/{output.Id}";
        return new ResultPart(output.Id, output.Title, output.MediaType, Path.Combine(folder, file), null, address(path), way);
    }
}
