using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Jobs;

namespace GdmOptEtq.Service.Jobs;

/// <summary>
/// What the service keeps inside a job's request beside what the pipeline reads: the execute body as it was sent, and what follows from it. The pipeline
/// ignores it.
/// </summary>
public static class JobRequestText
{
    private const string Member = "service";

    /// <summary>Adds the execute body to a request.</summary>
    public static string With(JsonObject request, JsonObject executeBody)
    {
        request[Member] = new JsonObject { ["execute"] = executeBody.DeepClone() };
        return request.ToJsonString();
    }

    /// <summary>The execute body as it was sent; empty when the job did not come through the service.</summary>
    public static JsonObject ExecuteBody(StoredJob job) => Root(job)[Member]?["execute"]?.DeepClone() as JsonObject ?? [];

    /// <summary>The completed parameters; empty for a process that has none.</summary>
    public static JsonObject Parameters(StoredJob job) => Root(job)["parameters"]?.DeepClone() as JsonObject ?? [];

    /// <summary>Folder of the result; null for a process that leaves none.</summary>
    public static string? ResultFolder(StoredJob job) => Root(job)["out"]?.GetValue<string>();

    internal static JsonObject Root(StoredJob job)
    {
        try
        {
            return JsonNode.Parse(job.Request) as JsonObject ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            return [];
        }
    }
}
