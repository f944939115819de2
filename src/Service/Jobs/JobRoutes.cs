using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Jobs;

/// <summary>Jobs: the list, one job's status, and what was asked for.</summary>
internal static class JobRoutes
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/jobs", ListAsync).RequireScope(Scope.Read);
        routes.MapGet("/jobs/{jobID}", StatusAsync).RequireScope(Scope.Read).RequireOwnedJob();
        routes.MapGet("/jobs/{jobID}/inputs", Inputs).RequireScope(Scope.Read).RequireOwnedJob();
    }

    private static async Task<IResult> ListAsync(HttpContext http, IJobStore store)
    {
        var query = JobListQuery.Read(http);
        var found = new List<StoredJob>();
        foreach (var part in query.Queries)
            found.AddRange(await store.ListAsync(query.Queries.Count == 1 ? part : part with { Offset = 0, Limit = query.Offset + query.Limit + 1 }, http.RequestAborted));
        if (query.Queries.Count > 1)
            found = [.. found.OrderByDescending(job => job.Created).ThenByDescending(job => job.Id.Value, StringComparer.Ordinal).Skip(query.Offset)];
        var links = new JsonArray(http.Link("/jobs" + http.Request.QueryString, "self", "This list"));
        if (found.Count > query.Limit)
            links.Add((JsonNode)http.Link("/jobs" + Page(http, query.Offset + query.Limit), "next", "Older jobs"));
        if (query.Offset > 0)
            links.Add((JsonNode)http.Link("/jobs" + Page(http, Math.Max(0, query.Offset - query.Limit)), "prev", "Newer jobs"));
        return new JsonAnswer(new JsonObject
        {
            ["jobs"] = new JsonArray([.. found.Take(query.Limit).Select(job => (JsonNode)StatusInfo.Of(http, job, []))]),
            ["links"] = links,
        });
    }

    private static async Task<IResult> StatusAsync(HttpContext http, IJobStore store) =>
        new JsonAnswer(StatusInfo.Of(http, http.Job(), await StagesAsync(store, http.Job(), http.RequestAborted)));

    private static JsonAnswer Inputs(HttpContext http)
    {
        var body = JobRequestText.ExecuteBody(http.Job());
        body["parameters"] = JobRequestText.Parameters(http.Job());
        return new JsonAnswer(body);
    }

    internal static async Task<IReadOnlyList<StageCount>> StagesAsync(IJobStore store, StoredJob job, CancellationToken cancellation) =>
        job.Shape is null ? [] : StageCount.Of(job.Shape, await store.UnitsAsync(job.Id, cancellation));

    private static QueryString Page(HttpContext http, int offset)
    {
        var others = http.Request.Query.Where(pair => pair.Key != "offset").ToDictionary(pair => pair.Key, pair => pair.Value);
        others["offset"] = offset.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return QueryString.Create(others);
    }
}
