using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Service.Tests.Hosts;

/// <summary>A whole service on a free port of loopback, with SQLite and its own data folder: what <c>gdm host all</c> runs, or the role service alone.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private static readonly string[] s_all = [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator, NodeRoles.Service];

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningService(NodeSettings node, ServiceSettings settings, string[] roles, TaskCompletionSource<string> address)
    {
        Node = node;
        _running = NodeHost.RunAsync(node, settings, roles, "test", address.SetResult, _stop.Token);
    }

    public HttpClient Client { get; private set; } = null!;

    public Uri Address => Client.BaseAddress!;

    public NodeSettings Node { get; }

    /// <param name="data">Folder of the installation.</param>
    /// <param name="settings">Settings of the service; none for the defaults.</param>
    /// <param name="computing">False leaves out coordinator and workers, so that jobs stay as they were accepted.</param>
    public static async Task<RunningService> StartAsync(string data, ServiceSettings? settings = null, bool computing = true)
    {
        var node = new NodeSettings { Data = data, Listen = "http://127.0.0.1:0", Threads = 1 };
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new RunningService(node, settings ?? new ServiceSettings(), computing ? s_all : [NodeRoles.Service], address);
        await await Task.WhenAny(address.Task, service._running);
        service.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(await address.Task), Timeout = TimeSpan.FromMinutes(2) };
        return service;
    }

    /// <summary>Sends a request and reads its JSON answer, whatever its status.</summary>
    public async Task<(HttpResponseMessage Answer, JsonObject Body)> SendAsync(
        string method, string path, JsonNode? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        change?.Invoke(request);
        var answer = await Client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : []);
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        var (answer, body) = await SendAsync("GET", path);
        ((int)answer.StatusCode).ShouldBe(200, body.ToJsonString());
        return body;
    }

    /// <summary>The job's status once it is final.</summary>
    public async Task<JsonObject> FinishedAsync(string job)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(8))
        {
            var status = await GetAsync($"/jobs/{job}");
            if (status["status"]!.GetValue<string>() is not ("accepted" or "running"))
                return status;
            await Task.Delay(150);
        }

        throw new TimeoutException($"Job {job} did not finish.");
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
