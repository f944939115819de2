using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.Access;

/// <summary>A service with keys, and a key for each kind of caller.</summary>
public sealed class GuardedService : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();

    public RunningService Service { get; private set; } = null!;

    public ApiKeys Keys { get; private set; } = null!;

    public string Anna { get; private set; } = "";

    public string Boris { get; private set; } = "";

    public string Reader { get; private set; } = "";

    public string Operator { get; private set; } = "";

    public string Data => _folder["data"];

    public async Task InitializeAsync()
    {
        var settings = new ServiceSettings { Auth = ["keys"], JobsPerOwner = 2, CorsOrigins = ["https://allowed.example.org"] };
        Keys = new ApiKeys(settings.KeyFileIn(new NodeSettings { Data = Data }), TimeProvider.System);
        Anna = Keys.Create("anna", [Scope.Read, Scope.Submit], null);
        Boris = Keys.Create("boris", [Scope.Read, Scope.Submit], null);
        Reader = Keys.Create("reader", [Scope.Read], null);
        Operator = Keys.Create("operator", [Scope.Read, Scope.Submit, Scope.Operate], null);
        Service = await RunningService.StartAsync(Data, settings, computing: false);
    }

    public async Task<(HttpResponseMessage Answer, JsonObject Body)> SendAsync(string key, string method, string path, JsonNode? body = null) =>
        await Service.SendAsync(method, path, body, request => request.Headers.Add("X-API-Key", key));

    /// <summary>A job of Anna's that stays open.</summary>
    public async Task<string> OpenJobAsync()
    {
        var (_, status) = await Service.SendAsync("POST", "/processes/echo/execution", JsonNode.Parse("""{"inputs":{"echo":"x","pause":60}}"""), request =>
        {
            request.Headers.Add("X-API-Key", Anna);
            request.Headers.Add("Prefer", "respond-async");
        });
        return status["jobID"]!.GetValue<string>();
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class AccessTests(GuardedService guarded) : IClassFixture<GuardedService>
{
    [Theory]
    [InlineData("")]
    [InlineData("guess")]
    [InlineData("gdm_0123456789_0123")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.")]
    public async Task Without_a_valid_key_nothing_but_the_entrance_is_open(string key)
    {
        void With(HttpRequestMessage request)
        {
            if (key.Length > 0)
                request.Headers.Add("X-API-Key", key);
        }

        foreach (string open in (string[])["/", "/conformance", "/api", "/health/live", "/health/ready"])
            ((int)(await guarded.Service.SendAsync("GET", open, change: With)).Answer.StatusCode).ShouldBe(200, open);
        foreach (string shut in (string[])["/processes", "/jobs", "/catalogue/products", "/jobs/x"])
        {
            var (answer, body) = await guarded.Service.SendAsync("GET", shut, change: With);
            ((int)answer.StatusCode).ShouldBe(401, shut);
            body["detail"]!.GetValue<string>().ShouldNotContain("   at ");
            answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        }
    }

    [Fact]
    public async Task A_key_in_the_address_is_no_key()
    {
        var (answer, _) = await guarded.Service.SendAsync("GET", $"/jobs?X-API-Key={guarded.Anna}&api_key={guarded.Anna}");
        ((int)answer.StatusCode).ShouldBe(401);
    }

    [Fact]
    public async Task A_key_works_as_bearer_too_and_only_for_its_scopes()
    {
        var (answer, _) = await guarded.Service.SendAsync("GET", "/jobs", change: request => request.Headers.Add("Authorization", $"Bearer {guarded.Reader}"));
        ((int)answer.StatusCode).ShouldBe(200);
        var (refused, body) = await guarded.SendAsync(guarded.Reader, "POST", "/processes/echo/execution", JsonNode.Parse("""{"inputs":{"echo":"x"}}"""));
        ((int)refused.StatusCode).ShouldBe(403);
        body["detail"]!.GetValue<string>().ShouldContain("submit");
    }

    [Fact]
    public async Task A_new_key_works_and_a_revoked_or_expired_one_stops_without_a_restart()
    {
        string key = guarded.Keys.Create("carla", [Scope.Read], null), old = guarded.Keys.Create("carla", [Scope.Read], DateTimeOffset.UtcNow.AddSeconds(-1));
        await Task.Delay(1200);
        ((int)(await guarded.SendAsync(key, "GET", "/jobs")).Answer.StatusCode).ShouldBe(200);
        ((int)(await guarded.SendAsync(old, "GET", "/jobs")).Answer.StatusCode).ShouldBe(401);
        guarded.Keys.Revoke(key.Split('_')[1]).ShouldBeTrue();
        await Task.Delay(1200);
        ((int)(await guarded.SendAsync(key, "GET", "/jobs")).Answer.StatusCode).ShouldBe(401);
    }

    [Fact]
    public void The_key_file_holds_no_key_and_is_for_its_owner_only()
    {
        string file = Path.Combine(guarded.Data, "keys.json");
        File.ReadAllText(file).ShouldNotContain(guarded.Anna.Split('_')[2]);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(guarded.Anna.Split('_')[2]))).ShouldBe(guarded.Keys.List()[0].Hash);
    }

    [Fact]
    public async Task Another_owners_job_is_not_there_on_any_route_of_the_API_document()
    {
        string job = await guarded.OpenJobAsync();
        try
        {
            var api = (await guarded.Service.GetAsync("/api"))["paths"]!.AsObject();
            var routes = api.Where(path => path.Key.Contains("{jobID}", StringComparison.Ordinal)).SelectMany(path => path.Value!.AsObject().Select(method => (Path: path.Key, Method: method.Key.ToUpperInvariant()))).ToList();
            routes.Count.ShouldBeGreaterThan(9);
            foreach (var (path, method) in routes)
            {
                string address = System.Text.RegularExpressions.Regex.Replace(path.Replace("{jobID}", job, StringComparison.Ordinal), @"\{[^}]+\}", "x");
                var (answer, body) = await guarded.SendAsync(guarded.Boris, method, address);
                // A route of operation refuses before it looks.
                bool operates = api[path]![method.ToLowerInvariant()]!["x-scope"]!.GetValue<string>() == "operate";
                ((int)answer.StatusCode).ShouldBe(operates ? 403 : 404, $"{method} {address}");
                if (method != "HEAD" && !operates)
                    body["type"]!.GetValue<string>().ShouldEndWith("no-such-job", Case.Sensitive, $"{method} {address}");
            }

            (await guarded.SendAsync(guarded.Boris, "GET", "/jobs?limit=1000")).Body["jobs"]!.AsArray().Select(entry => entry!["jobID"]!.GetValue<string>()).ShouldNotContain(job);
            ((int)(await guarded.SendAsync(guarded.Anna, "GET", $"/jobs/{job}")).Answer.StatusCode).ShouldBe(200);
            ((int)(await guarded.SendAsync(guarded.Operator, "GET", $"/jobs/{job}")).Answer.StatusCode).ShouldBe(200);
        }
        finally
        {
            await guarded.SendAsync(guarded.Anna, "DELETE", $"/jobs/{job}");
        }
    }

    [Fact]
    public async Task An_owner_has_so_many_jobs_open_and_no_more()
    {
        var open = new List<string> { await guarded.OpenJobAsync(), await guarded.OpenJobAsync() };
        try
        {
            var (answer, body) = await guarded.Service.SendAsync("POST", "/processes/echo/execution", JsonNode.Parse("""{"inputs":{"echo":"x"}}"""), request =>
            {
                request.Headers.Add("X-API-Key", guarded.Anna);
                request.Headers.Add("Prefer", "respond-async");
            });
            ((int)answer.StatusCode).ShouldBe(429, body.ToJsonString());
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }
        finally
        {
            foreach (string job in open)
                await guarded.SendAsync(guarded.Anna, "DELETE", $"/jobs/{job}");
        }
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers_and_no_foreign_origin_is_let_in()
    {
        var (answer, _) = await guarded.SendAsync(guarded.Anna, "GET", "/jobs");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        var (foreign, _) = await guarded.Service.SendAsync("DELETE", "/jobs/x", change: request =>
        {
            request.Headers.Add("X-API-Key", guarded.Anna);
            request.Headers.Add("Origin", "https://evil.example.org");
        });
        ((int)foreign.StatusCode).ShouldBe(403);
        var (allowed, _) = await guarded.Service.SendAsync("GET", "/jobs", change: request =>
        {
            request.Headers.Add("X-API-Key", guarded.Anna);
            request.Headers.Add("Origin", "https://allowed.example.org");
        });
        allowed.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["https://allowed.example.org"]);
    }

    [Fact]
    public async Task What_changes_something_or_is_refused_leaves_a_line_of_audit_that_nobody_can_forge()
    {
        string job = await guarded.OpenJobAsync();
        await guarded.SendAsync(guarded.Anna, "DELETE", $"/jobs/{job}");
        await guarded.Service.SendAsync("GET", "/jobs/a%0a%7b%22owner%22:%22boris%22%7d");
        var lines = File.ReadAllLines(Path.Combine(guarded.Data, "audit.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        lines.ShouldContain(line => line["owner"]!.ToString() == "anna" && line["method"]!.ToString() == "DELETE" && line["path"]!.ToString() == $"/jobs/{job}" && line["status"]!.GetValue<int>() == 200);
        lines.ShouldContain(line => line["status"]!.GetValue<int>() == 401);
        lines.ShouldAllBe(line => line["owner"]!.ToString() != "boris" || line["from"] != null);
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_when_to_come_again()
    {
        using var folder = new ScratchFolder();
        await using var service = await RunningService.StartAsync(folder["data"], new ServiceSettings { RequestsPerMinute = 5 }, computing: false);
        var answers = new List<HttpResponseMessage>();
        for (int i = 0; i < 30; i++)
            answers.Add((await service.SendAsync("GET", "/processes")).Answer);
        var refused = answers.First(answer => (int)answer.StatusCode == 429);
        refused.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_access_control_a_name_that_leads_here_is_refused()
    {
        using var folder = new ScratchFolder();
        await using var service = await RunningService.StartAsync(folder["data"], computing: false);
        ((int)(await service.SendAsync("GET", "/jobs", change: request => request.Headers.Host = "rebound.example.org")).Answer.StatusCode).ShouldBe(403);
        ((int)(await service.SendAsync("GET", "/jobs", change: request => request.Headers.Host = $"localhost:{service.Address.Port}")).Answer.StatusCode).ShouldBe(200);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080", "off", true)]
    [InlineData("http://192.168.1.5:80", "off", true)]
    [InlineData("http://127.0.0.1:8080", "off", false)]
    [InlineData("http://localhost:8080", "off", false)]
    [InlineData("http://0.0.0.0:8080", "keys", false)]
    [InlineData("http://0.0.0.0:8080", "oidc", true)]
    [InlineData("http://127.0.0.1:8080", "none", true)]
    public void An_open_door_to_others_is_refused_with_one_sentence(string listen, string auth, bool refused)
    {
        var faults = new ServiceSettings { Auth = [auth] }.Faults(new NodeSettings { Listen = listen });
        faults.Any().ShouldBe(refused, string.Join(' ', faults));
        faults.ShouldAllBe(fault => fault.EndsWith('.') && !fault.Contains('\n'));
    }
}
