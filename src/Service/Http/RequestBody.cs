using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Http;

/// <summary>The JSON body of a request, read with limits: size (the server's), depth, no name twice, whole text only.</summary>
internal static class RequestBody
{
    public const long MaximumBytes = 1 << 20;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <exception cref="ProblemException">400 or 415 with a sentence.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext http)
    {
        var request = http.Request;
        string mediaType = (request.ContentType ?? "").Split(';')[0].Trim();
        if (!mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) && !mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problem.OfStatus(415, "The body must be JSON: send it with the header 'Content-Type: application/json'."));
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
            throw new ProblemException(Problem.OfStatus(415, "The body is compressed, which this address does not take: send it as it is."));
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, s_options, http.RequestAborted);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ProblemException(Problem.BadRequest("The body is not a JSON object: send {\"inputs\": {...}}.", "invalid-json"));
            return (JsonObject)Whole(document.RootElement)!;
        }
        catch (JsonException error)
        {
            string where = error.LineNumber is { } line ? $" (line {line + 1}, byte {error.BytePositionInLine})" : "";
            throw new ProblemException(Problem.BadRequest($"The body is not valid JSON{where}: mend it there; no name may occur twice, and nothing may be nested deeper than {s_options.MaxDepth} levels.", "invalid-json"));
        }
        catch (InvalidOperationException)
        {
            throw new ProblemException(Problem.BadRequest("The body holds a text that is not valid Unicode: mend it.", "invalid-json"));
        }
    }

    // A node made from an element decodes its texts late, when a handler reads them; here they are decoded at once, where a fault is a fault of the request.
    private static JsonNode? Whole(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, Whole(property.Value)))),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(Whole)]),
        JsonValueKind.String => JsonValue.Create(element.GetString()),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element.Clone()),
    };
}
