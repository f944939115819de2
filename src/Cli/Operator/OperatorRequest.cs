using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary>One command on its way to the service.</summary>
internal sealed class OperatorRequest(ServiceConnection service, CommandDescription command, IReadOnlyList<KeyValuePair<string, string>> query)
{
    /// <summary>Prints the answer; the exit code is the service's word on it.</summary>
    public async Task<int> RunAsync(bool json, CancellationToken cancellation)
    {
        using var response = await SendAsync(json ? "application/json" : "text/plain", [], cancellation);
        string text = await response.Content.ReadAsStringAsync(cancellation);
        if (json)
            Console.Out.WriteLine(JsonNode.Parse(text)!.ToJsonString(JsonText.Readable));
        else
            Console.Out.Write(text);
        return response.Headers.TryGetValues(OperatorRoutes.ExitCodeHeader, out var codes) && int.TryParse(codes.First(), NumberStyles.None, CultureInfo.InvariantCulture, out int code) ? code : ExitCode.Ok;
    }

    /// <summary>The answer as its record.</summary>
    public async Task<TResult> AskAsync<TResult>(IEnumerable<KeyValuePair<string, string>> more, CancellationToken cancellation)
    {
        using var response = await SendAsync("application/json", more, cancellation);
        return JsonSerializer.Deserialize<TResult>(await response.Content.ReadAsStringAsync(cancellation), OperatorJson.Options)!;
    }

    private Task<HttpResponseMessage> SendAsync(string accept, IEnumerable<KeyValuePair<string, string>> more, CancellationToken cancellation)
    {
        string words = string.Join('&', query.Concat(more).Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        return service.SendAsync(new HttpMethod(command.Method), command.Path.TrimStart('/') + (words.Length > 0 ? "?" + words : ""), accept, cancellation);
    }
}

/// <summary>"log tail --follow": asks again and again for what came since.</summary>
internal static class LogFollower
{
    public const string Command = "log tail";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Prints lines, or one JSON object per line, until cancelled.</summary>
    public static async Task<int> RunAsync(OperatorRequest call, bool json, CancellationToken cancellation)
    {
        var after = DateTimeOffset.MinValue;
        while (true)
        {
            KeyValuePair<string, string>[] more = after == DateTimeOffset.MinValue ? [] : [new("after", after.ToString("O", CultureInfo.InvariantCulture))];
            foreach (var line in (await call.AskAsync<LogAnswer>(more, cancellation)).Lines)
            {
                Console.Out.WriteLine(json
                    ? JsonSerializer.Serialize(line, OperatorJson.Options)
                    : $"{line.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {line.Source} {line.Level}: {line.Text}");
                after = line.At;
            }

            await Task.Delay(Pause, cancellation);
        }
    }
}
