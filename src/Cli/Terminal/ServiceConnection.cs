using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Terminal;

/// <summary>The service does not answer, lets nobody in, or cannot: exit code 5.</summary>
internal sealed class ServiceException(string sentence, Exception? cause = null) : Exception(sentence, cause);

/// <summary>The way to the service: address from --url or GDM_URL, key from GDM_API_KEY (never on the command line, where others can read it).</summary>
internal sealed class ServiceConnection : IDisposable
{
    public const string AddressVariable = "GDM_URL";
    public const string KeyVariable = "GDM_API_KEY";
    private const string DefaultAddress = "http://127.0.0.1:8080";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _http;

    public ServiceConnection(string? url)
    {
        string address = url ?? (Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } given ? given : DefaultAddress);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new UsageException($"The address of the service is '{address}': give one like {DefaultAddress} with --url or {AddressVariable}.");
        Address = address.TrimEnd('/');
        _http = new HttpClient { BaseAddress = new Uri(Address + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public string Address { get; }

    public static Option<string?> UrlOption() => new("--url", "--server") { Description = $"Address of the service [${AddressVariable}, or {DefaultAddress}].", HelpName = "URL" };

    /// <summary>The answer to a request whose status is a success.</summary>
    /// <param name="method">GET, POST, ...</param>
    /// <param name="path">With its query, without a leading slash.</param>
    /// <param name="accept">Media type wanted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InputException">The service refuses, with its own sentence.</exception>
    /// <exception cref="UsageException">The request is wrong by itself.</exception>
    /// <exception cref="ServiceException">The service does not answer, does not let this caller in (401, 403, 429), or cannot.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string accept, CancellationToken cancellation) =>
        SendAsync(method, path, accept, null, cancellation);

    /// <summary>As above, with a body.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string accept, HttpContent? content, CancellationToken cancellation)
    {
        var response = await AnswerAsync(method, path, accept, content, cancellation);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw Refusal(response, await ProblemAsync(response, cancellation));
    }

    /// <summary>The answer to a request whatever its status; its body is not read yet.</summary>
    /// <exception cref="ServiceException">The service does not answer.</exception>
    public async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, string accept, HttpContent? content, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // A large upload takes as long as it takes.
        if (content is not StreamContent)
            limit.CancelAfter(s_patience);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            request.Headers.Accept.ParseAdd(accept);
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (HttpRequestException error)
        {
            throw new ServiceException($"The service at {Address} does not answer ({error.Message.TrimEnd('.')}): check --url or {AddressVariable}, and that 'gdm host service' runs; 'gdm ops doctor' looks without it.", error);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new ServiceException($"The service at {Address} did not answer in time: look at its log, or try again.", error);
        }
    }

    public void Dispose() => _http.Dispose();

    private Exception Refusal(HttpResponseMessage response, JsonObject? problem)
    {
        string sentence = problem?["detail"]?.GetValue<string>()
            ?? $"The service at {Address} answers {(int)response.StatusCode} without a reason: check that --url or {AddressVariable} leads to a service of this program.";
        if (problem?["errors"] is JsonArray { Count: > 0 } errors)
            return new InputException(string.Join(Environment.NewLine, errors.Select(error => error?["detail"]?.GetValue<string>())));
        return (int)response.StatusCode switch
        {
            400 => new UsageException(sentence),
            401 => new ServiceException($"{sentence} Put a key into the environment variable {KeyVariable}."),
            403 or 429 or >= 500 => new ServiceException(sentence),
            _ => new InputException(sentence),
        };
    }

    private static async Task<JsonObject?> ProblemAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation)) as JsonObject;
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
