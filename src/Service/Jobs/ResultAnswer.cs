using System.Text;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Processes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GdmOptEtq.Service.Jobs;

/// <summary>One output of a finished job.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Title">A few words.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="File">Where its bytes are; null when <paramref name="Value"/> is all there is.</param>
/// <param name="Value">Of a JSON output.</param>
/// <param name="Address">Where a client finds it; null for one that exists only in the answer.</param>
/// <param name="Transmission">How it is wanted here.</param>
internal sealed record ResultPart(string Id, string Title, string MediaType, string? File, JsonNode? Value, string? Address, Transmission Transmission);

/// <summary>The one table of the standard that says which answer fits which request; synchronous answers and the results of jobs both go through it.</summary>
internal static class ResultAnswer
{
    /// <summary>Largest file that a document carries inside itself; a larger one is a link there whatever was asked.</summary>
    public const long MaximumInlineBytes = 8_000_000;

    public static IResult Of(HttpContext http, IReadOnlyList<ResultPart> parts, bool document)
    {
        if (document)
            return new JsonAnswer(Document(parts));
        if (parts.Count > 0 && parts.All(part => part.Transmission == Transmission.Reference))
        {
            foreach (var part in parts)
                http.Response.Headers.Append(HeaderNames.Link, $"<{part.Address}>; rel=\"{part.Id}\"; type=\"{part.MediaType}\"");
            return Results.NoContent();
        }

        return parts.Count == 1 ? Single(http, parts[0]) : new Multipart(parts);
    }

    /// <summary>The value of one output.</summary>
    public static IResult Single(HttpContext http, ResultPart part)
    {
        if (part.File is not null)
            return Results.File(part.File, part.MediaType, enableRangeProcessing: true, lastModified: File.GetLastWriteTimeUtc(part.File));
        // A literal is answered as JSON unless a client asks for plain text and nothing else: clients parse 200 bodies as JSON.
        string accept = http.Request.Headers.Accept.ToString();
        return accept.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase) && ExecuteRequest.Text(part.Value) is { } text
            ? Results.Text(text, "text/plain")
            : new JsonAnswer(part.Value?.DeepClone(), mediaType: part.MediaType);
    }

    /// <summary>All outputs in one JSON object.</summary>
    public static JsonObject Document(IReadOnlyList<ResultPart> parts)
    {
        var document = new JsonObject();
        foreach (var part in parts)
        {
            document[part.Id] = part switch
            {
                { Transmission: Transmission.Reference } => Link(part),
                // An object has to stand in a qualified value, so that it cannot be taken for a link.
                { File: null, Value: JsonObject value } => new JsonObject { ["value"] = value.DeepClone(), ["mediaType"] = part.MediaType },
                { File: null } => part.Value?.DeepClone(),
                _ when new FileInfo(part.File).Length > MaximumInlineBytes => Link(part),
                _ when part.MediaType.Contains("json", StringComparison.Ordinal) => new JsonObject { ["value"] = JsonNode.Parse(File.ReadAllBytes(part.File)), ["mediaType"] = part.MediaType },
                _ => new JsonObject { ["value"] = Convert.ToBase64String(File.ReadAllBytes(part.File)), ["encoding"] = "base64", ["mediaType"] = part.MediaType },
            };
        }

        return document;
    }

    private static JsonObject Link(ResultPart part) => new() { ["href"] = part.Address, ["type"] = part.MediaType, ["title"] = part.Title };

    /// <summary>Several raw values; those by reference are empty parts with the address they lie at.</summary>
    private sealed class Multipart(IReadOnlyList<ResultPart> parts) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            string boundary = "gdm-" + Guid.NewGuid().ToString("N");
            var response = httpContext.Response;
            response.ContentType = $"multipart/related; boundary={boundary}";
            foreach (var part in parts)
            {
                var head = new StringBuilder($"--{boundary}\r\nContent-Type: {part.MediaType}\r\nContent-ID: {part.Id}\r\n");
                if (part.Transmission == Transmission.Reference)
                {
                    await response.WriteAsync(head.Append("Content-Location: ").Append(part.Address).Append("\r\n\r\n\r\n").ToString(), httpContext.RequestAborted);
                    continue;
                }

                await response.WriteAsync(head.Append("\r\n").ToString(), httpContext.RequestAborted);
                if (part.File is not null)
                    await response.SendFileAsync(part.File, httpContext.RequestAborted);
                else
                    await response.WriteAsync(part.Value?.ToJsonString() ?? "null", httpContext.RequestAborted);
                await response.WriteAsync("\r\n", httpContext.RequestAborted);
            }

            await response.WriteAsync($"--{boundary}--\r\n", httpContext.RequestAborted);
        }
    }
}
