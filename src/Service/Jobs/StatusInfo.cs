using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Jobs;

/// <summary>How many units of one stage are done, failed for good, in work, and there in all.</summary>
public sealed record StageCount(UnitStage Stage, int Done, int Failed, int InWork, int Total)
{
    /// <summary>Of a planned job; empty before.</summary>
    public static IReadOnlyList<StageCount> Of(JobShape? shape, IReadOnlyList<StoredUnit> units) => shape is null
        ? []
        : [.. units.GroupBy(unit => shape.StageOf(unit.Unit)).OrderBy(group => group.Key).Select(group => new StageCount(
            group.Key, group.Count(unit => unit.Status == UnitStatus.Done), group.Count(unit => unit.Status == UnitStatus.Failed),
            group.Count(unit => unit.Status == UnitStatus.Dispatched), group.Count()))];

    public string Name => Stage.ToString().ToLowerInvariant();
}

/// <summary>A job as OGC API - Processes describes it (statusInfo), with the members of the next version that do not clash (id, processingEntityType).</summary>
public static class StatusInfo
{
    /// <summary>The word of the standard for a phase.</summary>
    public static string State(JobPhase phase) => phase switch
    {
        JobPhase.Accepted => "accepted",
        JobPhase.Running => "running",
        JobPhase.Succeeded or JobPhase.SucceededWithGaps => "successful",
        JobPhase.Failed => "failed",
        _ => "dismissed",
    };

    /// <summary>The phases behind a word of the standard; null when there is no such word.</summary>
    public static IReadOnlyList<JobPhase>? Phases(string state) => state switch
    {
        "accepted" => [JobPhase.Accepted],
        "running" => [JobPhase.Running],
        "successful" => [JobPhase.Succeeded, JobPhase.SucceededWithGaps],
        "failed" => [JobPhase.Failed],
        "dismissed" => [JobPhase.Cancelled],
        _ => null,
    };

    /// <param name="stages">Empty where only the summary is wanted, as in lists.</param>
    public static JsonObject Of(HttpContext http, StoredJob job, IReadOnlyList<StageCount> stages) => Of(path => http.Address(path), job, stages);

    /// <param name="address">Makes a path of the service absolute.</param>
    public static JsonObject Of(Func<string, string> address, StoredJob job, IReadOnlyList<StageCount> stages)
    {
        string id = job.Id.Value, path = $"/jobs/{id}";
        var json = new JsonObject
        {
            ["jobID"] = id,
            ["id"] = id,
            ["processID"] = job.Process,
            ["type"] = "process",
            ["processingEntityType"] = "ogc-api-processes",
            ["status"] = State(job.Phase),
            ["message"] = Message(job, stages),
            ["progress"] = Progress(job),
            ["created"] = Time(job.Created),
            ["updated"] = Time(job.Updated),
        };
        if (job.Title.Length > 0)
            json["title"] = job.Title;
        if (job.Started is { } started)
            json["started"] = Time(started);
        if (job.Finished is { } finished)
            json["finished"] = Time(finished);
        if (job.TilesFailed > 0)
            json["tilesFailed"] = job.TilesFailed;
        if (stages.Count > 0)
            json["stages"] = new JsonArray([.. stages.Select(stage => (JsonNode)new JsonObject { ["name"] = stage.Name, ["done"] = stage.Done, ["failed"] = stage.Failed, ["total"] = stage.Total })]);
        json["links"] = LinksOf(address, job, path);
        return json;
    }

    /// <summary>0 to 100.</summary>
    public static int Progress(StoredJob job) => job.Phase switch
    {
        JobPhase.Succeeded or JobPhase.SucceededWithGaps => 100,
        // The last per cent is the end itself.
        _ when job.UnitsTotal > 0 => Math.Min(99, 100 * job.UnitsDone / job.UnitsTotal),
        _ => 0,
    };

    private static JsonArray LinksOf(Func<string, string> address, StoredJob job, string path)
    {
        var links = new JsonArray(Link(path, "self", "This status"), Link(path, "monitor", "This status"), Link("/jobs", "up", "Your jobs"));
        if (job.Phase is JobPhase.Succeeded or JobPhase.SucceededWithGaps)
        {
            links.Add((JsonNode)Link($"{path}/results", Links.OgcRelations + "results", "The results"));
            if (job.Process == StoredJob.DisplacementProcess)
            {
                links.Add((JsonNode)Link($"{path}/files", "item", "The files of the result"));
                links.Add((JsonNode)Link($"{path}/archive.zip", "enclosure", "All files in one archive", "application/zip"));
            }
        }

        if (job.Phase == JobPhase.Failed)
            links.Add((JsonNode)Link($"{path}/results", Links.OgcRelations + "exceptions", "Why it failed", "application/problem+json"));
        links.Add((JsonNode)Link($"{path}/events", "alternate", "Changes of this status as they happen", "text/event-stream"));
        links.Add((JsonNode)Link($"{path}/inputs", "related", "What was asked for"));
        return links;

        JsonObject Link(string to, string relation, string title, string mediaType = "application/json") =>
            new() { ["href"] = address(to), ["rel"] = relation, ["type"] = mediaType, ["title"] = title };
    }

    private static string Message(StoredJob job, IReadOnlyList<StageCount> stages)
    {
        var busy = stages.Where(stage => stage.InWork > 0 || (stage.Done > 0 && stage.Done + stage.Failed < stage.Total)).ToList();
        if (job.Phase != JobPhase.Running || busy.Count == 0)
        {
            return job switch
            {
                { Phase: JobPhase.Succeeded, Message.Length: 0 } => "done",
                { Message.Length: 0 } => State(job.Phase),
                _ => job.Message,
            };
        }

        return string.Join("; ", busy.Select(stage => $"{Doing(stage.Stage)}: {stage.Done} of {stage.Total} done{(stage.Failed > 0 ? $", {stage.Failed} failed" : "")}"));
    }

    private static string Doing(UnitStage stage) => stage switch
    {
        UnitStage.Prepare => "preparing images",
        UnitStage.Correlate => "matching tiles",
        UnitStage.Aggregate => "joining and correcting pairs",
        UnitStage.Summarise => "computing statistics",
        UnitStage.Write => "writing products",
        _ => "publishing the results",
    };

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
