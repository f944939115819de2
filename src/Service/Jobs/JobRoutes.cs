using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Jobs;

/// <summary>Jobs: the list, one job's status as asked and as it happens, what was asked for, results, dismissal, once more.</summary>
internal static class JobRoutes
{
    private static readonly Answer s_status = new(200, "The status", "statusInfo");

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/jobs", ListAsync).RequireScope(Scope.Read)
            .Describe("listJobs", "Jobs", "Your jobs, newest first", new Answer(200, "The jobs", "jobList"), Answer.BadRequest)
            .Takes(null,
                new RouteParameter("type", "string", "Kind of job", IsList: true) { Choices = ["process"] },
                new RouteParameter("processID", "string", "Only jobs of these processes", IsList: true),
                new RouteParameter("status", "string", "Only jobs in these states", IsList: true) { Choices = ["accepted", "running", "successful", "failed", "dismissed"] },
                new RouteParameter("datetime", "string", "When a job was accepted: a time, or an interval like 2026-11-01T00:00:00Z/.."),
                new RouteParameter("minDuration", "number", "Run time so far, or in all, of at least so many seconds") { Minimum = 0 },
                new RouteParameter("maxDuration", "number", "Run time so far, or in all, of at most so many seconds") { Minimum = 0 },
                new RouteParameter("limit", "integer", "Most jobs in one answer") { Minimum = 1, Maximum = JobListQuery.MaximumLimit, Default = JobListQuery.DefaultLimit },
                new RouteParameter("offset", "integer", "Jobs to pass over; the links next and prev set it") { Minimum = 0, Default = 0 });
        routes.MapGet("/jobs/{jobID}", StatusAsync).RequireScope(Scope.Read).RequireOwnedJob()
            .Describe("getStatus", "Jobs", "Where a job stands", s_status, Answer.NotFound);
        routes.MapDelete("/jobs/{jobID}", DismissAsync).RequireScope(Scope.Submit).RequireOwnedJob()
            .Describe("dismiss", "Jobs", "Cancel a job that waits or runs; remove a finished one with all its files", s_status, Answer.NotFound);
        routes.MapGet("/jobs/{jobID}/inputs", Inputs).RequireScope(Scope.Read).RequireOwnedJob()
            .Describe("getInputs", "Jobs", "The execute request as it was sent, and the completed parameters", new Answer(200, "The request", "execute"), Answer.NotFound);
        routes.MapGet("/jobs/{jobID}/results", ResultsAsync).RequireScope(Scope.Read).RequireOwnedJob()
            .Describe("getResults", "Jobs", "The results, as the execute request wanted them",
                new Answer(200, "The results", "results"), Answer.Empty(204, "Only links were asked for: one header Link for each output"), new Answer(404, "No such job, or no results yet", "exception", "application/problem+json"))
            .Takes(null, new RouteParameter("response", "string", "Another form than the execute request asked for") { Choices = ["raw", "document"] });
        routes.MapGet("/jobs/{jobID}/results/{outputID}", ResultAsync).RequireScope(Scope.Read).RequireOwnedJob()
            .Describe("getResult", "Jobs", "The value of one output", new Answer(200, "The value", null, "application/octet-stream"), Answer.NotFound);
        routes.MapPost("/jobs/{jobID}/resubmit", ResubmitAsync).RequireScope(Scope.Submit).RequireOwnedJob()
            .Describe("resubmit", "Jobs", "The same job once more", new Answer(201, "The new job", "statusInfo"), Answer.NotFound);
        routes.MapGet("/jobs/{jobID}/events", EventsAsync).RequireScope(Scope.Read).RequireOwnedJob()
            .Describe("watch", "Jobs", "The status whenever it changes, as server-sent events named status; the stream ends with the job", new Answer(200, "Events whose data are a statusInfo", "statusInfo", "text/event-stream"), Answer.NotFound);
    }

    internal static async Task<IReadOnlyList<StageCount>> StagesAsync(IJobStore store, StoredJob job, CancellationToken cancellation) =>
        job.Shape is null ? [] : StageCount.Of(job.Shape, await store.UnitsAsync(job.Id, cancellation));

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

    private static Task<IResult> DismissAsync(HttpContext http, JobDismissal dismissal) => dismissal.DismissAsync(http, http.Job());

    private static IResult ResultsAsync(HttpContext http)
    {
        var job = http.Job();
        if (JobResults.Missing(job) is { } problem)
            return problem;
        string form = http.Request.Query["response"].ToString();
        if (form is not ("" or "raw" or "document"))
            return Problem.InvalidInput([new InputFault("response", "The parameter response is neither 'raw' nor 'document': give one of them.")]);
        // Who asks for JSON and did not say otherwise when submitting means the document.
        bool document = form.Length > 0
            ? form == "document"
            : JobResults.WantsDocument(job) ?? http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase);
        return ResultAnswer.Of(http, JobResults.Parts(job, path => http.Address(path)), document);
    }

    private static IResult ResultAsync(HttpContext http, string outputID)
    {
        var job = http.Job();
        if (JobResults.Missing(job) is { } problem)
            return problem;
        return JobResults.Part(job, outputID, path => http.Address(path)) is { } part
            ? ResultAnswer.Single(http, part)
            : Problem.NotFound($"The job has no such output: GET /processes/{job.Process} lists the outputs.", "no-such-output");
    }

    private static async Task<IResult> ResubmitAsync(HttpContext http, IJobStore store, JobQuota quota, JobResubmission resubmission)
    {
        using var turn = await quota.TakeAsync(http.Caller(), http.RequestAborted);
        var id = await resubmission.SubmitAgainAsync(http.Job(), http.Caller(), http.RequestAborted);
        http.Response.Headers.Location = http.Address($"/jobs/{id}");
        return new JsonAnswer(StatusInfo.Of(http, (await store.FindAsync(id, http.RequestAborted))!, []), StatusCodes.Status201Created);
    }

    private static Task EventsAsync(HttpContext http, JobEvents events) => events.SendAsync(http, http.Job());

    private static QueryString Page(HttpContext http, int offset)
    {
        var others = http.Request.Query.Where(pair => pair.Key != "offset").ToDictionary(pair => pair.Key, pair => pair.Value);
        others["offset"] = offset.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return QueryString.Create(others);
    }
}
