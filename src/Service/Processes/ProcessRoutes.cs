using System.Text.Json.Nodes;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Processes;

/// <summary>The processes: the list, one description.</summary>
internal static class ProcessRoutes
{
    public static void MapProcesses(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/processes", List).RequireScope(Scope.Read)
            .Describe("listProcesses", "Processes", "What this service computes", new Answer(200, "The processes", "processList"), Answer.BadRequest)
            .Takes(null, new RouteParameter("limit", "integer", "Most processes in one answer") { Minimum = 1, Maximum = JobListQuery.MaximumLimit, Default = JobListQuery.DefaultLimit });
        routes.MapGet("/processes/{processID}", Describe).RequireScope(Scope.Read)
            .Describe("describeProcess", "Processes", "Inputs and outputs of a process", new Answer(200, "The description", "process"), Answer.NotFound);
    }

    private static IResult List(HttpContext http)
    {
        var faults = new List<InputFault>();
        int limit = JobListQuery.Limited(http.Request.Query, faults);
        if (faults.Count > 0)
            return Problem.InvalidInput(faults);
        var links = new JsonArray(http.Link("/processes" + http.Request.QueryString, "self", "This list"));
        if (limit < ProcessDescriptions.All.Count)
            links.Add((JsonNode)http.Link($"/processes?limit={ProcessDescriptions.All.Count}", "next", "All processes"));
        return new JsonAnswer(new JsonObject
        {
            ["processes"] = new JsonArray([.. ProcessDescriptions.All.Take(limit).Select(process => (JsonNode)process.Summary(http))]),
            ["links"] = links,
        });
    }

    private static IResult Describe(HttpContext http, string processID) =>
        ProcessDescriptions.Find(processID) is { } process ? new JsonAnswer(process.Description(http)) : Problem.NoSuchProcess(processID);
}
