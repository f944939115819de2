using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;

namespace GdmOptEtq.Cli.Submit;

/// <summary>What the commands for remote jobs ask of the service.</summary>
internal static class RemoteCalls
{
    /// <summary>The JSON object that a request is answered with.</summary>
    public static async Task<JsonObject> JsonAsync(this ServiceConnection service, HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await service.SendAsync(method, path, "application/json", content, cancellation);
        string text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("no object");
        }
        catch (JsonException error)
        {
            throw new ServiceException($"What {service.Address} answers is not JSON: check that the address leads to a service of this program.", error);
        }
    }

    /// <summary>The problem that a request is answered with; null when it succeeds.</summary>
    public static async Task<JsonObject?> ProblemAsync(this ServiceConnection service, string path, CancellationToken cancellation)
    {
        using var answer = await service.AnswerAsync(HttpMethod.Get, path, "application/json", null, cancellation);
        if (answer.IsSuccessStatusCode)
            return null;
        try
        {
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation)) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
