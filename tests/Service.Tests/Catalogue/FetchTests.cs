using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Tests.Hosts;
using GdmOptEtq.Service.Tests.Jobs;

namespace GdmOptEtq.Service.Tests.Catalogue;

public sealed class FetchTests
{
    [Fact]
    public async Task Linked_products_are_fetched_from_allowed_hosts_only_and_the_job_runs()
    {
        using var folder = new ScratchFolder();
        byte[][] archives = [.. ((int[])[0, 2]).Select(number => File.ReadAllBytes(TinyScene.Write(folder[$"scene{number}"], number, zip: true)))];
        using var inner = new Listener();
        using var server = new Listener((path, _, response) =>
        {
            switch (path)
            {
                case "/before.zip":
                    return archives[0];
                case "/after.zip":
                    return archives[1];
                case "/moved.zip":
                    response.Redirect("/after.zip");
                    return null;
                case "/astray.zip":
                    response.Redirect(inner.Address + "/secret");
                    return null;
                case "/page.zip":
                    return "<html>Please sign in</html>"u8.ToArray();
                default:
                    response.StatusCode = 404;
                    return null;
            }
        });
        await using var service = await RunningService.StartAsync(folder["data"], new ServiceSettings { HrefAllow = [server.Address] });
        var good = await SubmitAsync("/before.zip", "/moved.zip");
        (await service.FinishedAsync(good))["status"]!.GetValue<string>().ShouldBe("successful", (await service.GetAsync($"/jobs/{good}")).ToJsonString());
        foreach (string bad in (string[])["/astray.zip", "/page.zip", "/nothing.zip"])
        {
            var status = await service.FinishedAsync(await SubmitAsync("/before.zip", bad));
            status["status"]!.GetValue<string>().ShouldBe("failed", bad);
            status["message"]!.GetValue<string>().ShouldContain(server.Address, Case.Sensitive, bad);
        }

        inner.Heard.ShouldBeEmpty();
        server.Heard.Count(call => call.Path == "/before.zip").ShouldBe(1, "what is here already is not fetched again");
        Directory.GetFiles(folder["data/uploads"], "*.part", SearchOption.AllDirectories).ShouldBeEmpty();

        async Task<string> SubmitAsync(params string[] paths)
        {
            var (answer, body) = await service.SendAsync("POST", "/processes/gdm-opt-etq/execution", new JsonObject
            {
                ["inputs"] = new JsonObject { ["products"] = new JsonArray([.. paths.Select(path => (JsonNode)new JsonObject { ["href"] = server.Address + path })]), ["dem"] = "none" },
            });
            ((int)answer.StatusCode).ShouldBe(201, body.ToJsonString());
            return body["jobID"]!.GetValue<string>();
        }
    }

    [Theory]
    [InlineData("endless", "larger than the 1 MB")]
    [InlineData("huge", "larger than the 1 MB")]
    [InlineData("slow", "took longer than 0.05 minutes")]
    public async Task A_server_that_sends_without_end_too_much_or_too_slowly_is_given_up(string way, string words)
    {
        using var folder = new ScratchFolder();
        using var server = new EndlessServer(way);
        await using var service = await RunningService.StartAsync(folder["data"], new ServiceSettings { HrefAllow = [server.Address], UploadLimitMegabytes = 1, HrefMinutes = 0.05 }, computing: false);
        var (_, body) = await service.SendAsync("POST", "/processes/gdm-opt-etq/execution", JsonNode.Parse($$"""{ "inputs": { "products": [{ "href": "{{server.Address}}/a.zip" }, { "href": "{{server.Address}}/b.zip" }], "dem": ["none"] } }"""));
        var status = await service.FinishedAsync(body["jobID"]!.GetValue<string>());
        status["status"]!.GetValue<string>().ShouldBe("failed");
        status["message"]!.GetValue<string>().ShouldContain(words);
        Directory.GetFiles(folder["data/uploads"], "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    /// <summary>Answers one request after another with a body that has no end, one of ten terabytes, or one of a byte in a second.</summary>
    private sealed class EndlessServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();

        public EndlessServer(string way)
        {
            _listener.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
            _ = ServeAsync(way);
        }

        public string Address { get; }

        public void Dispose()
        {
            _end.Cancel();
            _listener.Dispose();
        }

        private async Task ServeAsync(string way)
        {
            while (!_end.IsCancellationRequested)
            {
                try
                {
                    using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                    await using var stream = client.GetStream();
                    await stream.ReadAtLeastAsync(new byte[4096], 20, cancellationToken: _end.Token);
                    string length = way switch { "huge" => "Content-Length: 10000000000000\r\n", "slow" => "Content-Length: 500000\r\n", _ => "" };
                    await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nConnection: close\r\n{length}\r\nPK\u0003\u0004"), _end.Token);
                    while (!_end.IsCancellationRequested)
                    {
                        await stream.WriteAsync(new byte[way == "slow" ? 1 : 65536], _end.Token);
                        if (way == "slow")
                            await Task.Delay(1000, _end.Token);
                    }
                }
                catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
                {
                    // The service hung up, or the test is over.
                }
            }
        }
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.20.0.1", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::", false)]
    public void Addresses_of_inner_networks_are_not_public(string address, bool isPublic) => RemoteAccess.IsPublic(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Fact]
    public async Task A_name_that_leads_inside_is_not_connected_to_even_when_it_is_on_the_list()
    {
        using var inner = new Listener();
        string name = inner.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        using var remote = new RemoteAccess(new ServiceSettings { HrefAllow = [name], CallbackAllow = [name] });
        await Should.ThrowAsync<HttpRequestException>(() => remote.GetAsync(new Uri(name + "/x"), remote.HrefAllow, default));
        await Should.ThrowAsync<HttpRequestException>(() => remote.PostAsync(new Uri(name + "/x"), "{}", remote.CallbackAllow, default));
        inner.Heard.ShouldBeEmpty();
    }
}
