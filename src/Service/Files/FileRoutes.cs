using System.Text.Json.Nodes;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace GdmOptEtq.Service.Files;

/// <summary>The files of a finished job: the list, each one (whole or in ranges, so that a GIS reads a raster where it lies), all in one archive.</summary>
public static class FileRoutes
{
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapResultFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/jobs/{jobID}/files", s_reading, List).RequireScope(Scope.Read).RequireOwnedJob();
        routes.MapMethods("/jobs/{jobID}/files/{**path}", s_reading, File).RequireScope(Scope.Read).RequireOwnedJob();
        routes.MapMethods("/jobs/{jobID}/archive.zip", s_reading, (Delegate)ArchiveAsync).RequireScope(Scope.Read).RequireOwnedJob();
    }

    /// <summary>A file of a result as answer: ranges, entity tag, and nothing that a browser would run.</summary>
    public static IResult Send(HttpContext http, ResultFile file)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "private, no-cache";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        bool shown = file.Media.MediaType.StartsWith("image/png", StringComparison.Ordinal) || file.Media.MediaType.StartsWith("text/", StringComparison.Ordinal)
            || file.Media.MediaType.EndsWith("json", StringComparison.Ordinal);
        var disposition = new ContentDispositionHeaderValue(shown ? "inline" : "attachment");
        disposition.SetHttpFileName(Path.GetFileName(file.Name));
        headers.ContentDisposition = disposition.ToString();
        return Results.File(
            file.Path, file.Media.MediaType, fileDownloadName: null, file.Changed, new EntityTagHeaderValue(file.EntityTag), enableRangeProcessing: true);
    }

    private static JsonAnswer List(HttpContext http)
    {
        var job = http.Job();
        var files = ResultFiles.Of(job);
        string path = $"/jobs/{job.Id}";
        return new JsonAnswer(new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(file => (JsonNode)new JsonObject
            {
                ["name"] = file.Name,
                ["bytes"] = file.Bytes,
                ["mediaType"] = file.Media.MediaType,
                ["role"] = file.Media.Role,
                ["href"] = http.Address($"{path}/files/{Escaped(file.Name)}"),
            })]),
            ["bytes"] = files.Sum(file => file.Bytes),
            ["links"] = new JsonArray(
                http.Link($"{path}/files", "self", "This list"),
                http.Link(path, "up", "The job"),
                http.Link($"{path}/archive.zip", "enclosure", "All files in one archive", "application/zip")),
        });
    }

    private static IResult File(HttpContext http, string? path) => Send(http, ResultFiles.Find(http.Job(), path ?? ""));

    private static async Task<IResult> ArchiveAsync(HttpContext http)
    {
        var job = http.Job();
        var files = ResultFiles.Of(job);
        var response = http.Response;
        response.ContentType = "application/zip";
        response.Headers.CacheControl = "private, no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.AcceptRanges = "none";
        response.Headers.ContentDisposition = $"attachment; filename=\"gdm-opt-etq-{job.Id}.zip\"";
        if (!HttpMethods.IsGet(http.Request.Method))
            return Results.Empty;
        // The zip library writes the entries asynchronously but some of their headers, a few bytes each, not.
        if (http.Features.Get<IHttpBodyControlFeature>() is { } body)
            body.AllowSynchronousIO = true;
        await ResultArchive.WriteAsync(response.Body, $"gdm-opt-etq-{job.Id}", files, http.RequestAborted);
        return Results.Empty;
    }

    private static string Escaped(string name) => string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
}
