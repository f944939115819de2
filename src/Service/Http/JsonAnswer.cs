using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Http;

/// <summary>A JSON document as answer; the default encoder escapes what could be taken for HTML.</summary>
public sealed class JsonAnswer(JsonNode? content, int status = StatusCodes.Status200OK, string mediaType = "application/json") : IResult
{
    public JsonNode? Content => content;

    public int Status => status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = mediaType;
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(content, s_options);
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }

    private static readonly JsonSerializerOptions s_options = new() { TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() };
}
