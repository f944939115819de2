using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.Jobs;

/// <summary>A server on loopback that remembers what it was told and answers as the test wants.</summary>
public sealed class Listener : IDisposable
{
    private readonly HttpListener _listener = new();

    public Listener(Func<string, int, HttpListenerResponse, byte[]?>? answer = null)
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync(answer ?? ((_, _, _) => null));
    }

    public string Address { get; }

    public ConcurrentQueue<(string Path, string Body)> Heard { get; } = new();

    public async Task<string> HeardAsync(string path)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            if (Heard.LastOrDefault(call => call.Path == path) is { Path: not null } call)
                return call.Body;
            await Task.Delay(100);
        }

        throw new TimeoutException($"Nobody called {path}.");
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync(Func<string, int, HttpListenerResponse, byte[]?> answer)
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                string path = context.Request.Url!.AbsolutePath;
                Heard.Enqueue((path, await reader.ReadToEndAsync()));
                byte[]? bytes = answer(path, Heard.Count(call => call.Path == path), context.Response);
                context.Response.Close(bytes ?? [], willBlock: true);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (!_listener.IsListening)
                    return;
            }
        }
    }
}

public sealed class CallbackTests
{
    private static JsonObject Echo(string address, int pause = 0) => new()
    {
        ["inputs"] = new JsonObject { ["echo"] = "teststring", ["pause"] = pause },
        ["subscriber"] = new JsonObject { ["successUri"] = address + "/done", ["failedUri"] = address + "/failed", ["inProgressUri"] = address + "/progress" },
    };

    private static void Async(HttpRequestMessage request) => request.Headers.Add("Prefer", "respond-async");

    [Fact]
    public async Task The_end_and_the_way_there_are_told_again_after_a_failure_and_once_only()
    {
        using var folder = new ScratchFolder();
        using var listener = new Listener((path, count, response) =>
        {
            response.StatusCode = path == "/done" && count == 1 ? 503 : 200;
            return null;
        });
        var settings = new ServiceSettings { CallbackAllow = [listener.Address] };
        string id;
        await using (var service = await RunningService.StartAsync(folder["data"], settings, computing: false))
        {
            var (answer, status) = await service.SendAsync("POST", "/processes/echo/execution", Echo(listener.Address, 3), Async);
            ((int)answer.StatusCode).ShouldBe(201, status.ToJsonString());
            id = status["jobID"]!.GetValue<string>();
            await service.FinishedAsync(id);
            JsonNode.Parse(await listener.HeardAsync("/done"))!["echo"]!.GetValue<string>().ShouldBe("teststring");
            JsonNode.Parse(await listener.HeardAsync("/progress"))!["status"]!.GetValue<string>().ShouldBe("running");
            var watch = System.Diagnostics.Stopwatch.StartNew();
            while (listener.Heard.Count(call => call.Path == "/done") < 2 && watch.Elapsed < TimeSpan.FromMinutes(1))
                await Task.Delay(100);
            await Task.Delay(1000);
        }

        int told = listener.Heard.Count(call => call.Path == "/done");
        told.ShouldBe(2);
        await using var next = await RunningService.StartAsync(folder["data"], settings, computing: false);
        await Task.Delay(3000);
        listener.Heard.Count(call => call.Path == "/done").ShouldBe(told);
        listener.Heard.ShouldNotContain(call => call.Path == "/failed");
    }

    [Theory]
    [InlineData("http://127.0.0.1:15672/x")]
    [InlineData("http://[::1]/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("http://user:password@allowed.example.org/")]
    [InlineData("https://allowed.example.org.evil.example.org/")]
    public async Task An_address_that_is_not_on_the_list_is_refused_before_anything_is_sent(string address)
    {
        using var folder = new ScratchFolder();
        await using var service = await RunningService.StartAsync(folder["data"], new ServiceSettings { CallbackAllow = ["https://allowed.example.org"] }, computing: false);
        var body = Echo("https://allowed.example.org");
        body["subscriber"]!["successUri"] = address;
        var (answer, problem) = await service.SendAsync("POST", "/processes/echo/execution", body, Async);
        ((int)answer.StatusCode).ShouldBe(400);
        problem["errors"]![0]!["input"]!.GetValue<string>().ShouldBe("subscriber.successUri");
    }
}
