using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.BadInputs;

/// <summary>A service that computes nothing, with two products.</summary>
public sealed class ProductService : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();

    public RunningService Service { get; private set; } = null!;

    public string[] Names { get; private set; } = [];

    /// <summary>A finished echo job.</summary>
    public string Job { get; private set; } = "";

    public string DataFolder => _folder["data"];

    public async Task InitializeAsync()
    {
        Names = [.. ((int[])[0, 2]).Select(number => Path.GetFileName(TinyScene.Write(_folder["products"], number))[..^".SAFE".Length])];
        Service = await RunningService.StartAsync(_folder["data"], new ServiceSettings { Products = [_folder["products"]], UploadLimitMegabytes = 1 }, computing: false);
        var (_, status) = await Service.SendAsync("POST", "/processes/echo/execution", JsonNode.Parse("""{"inputs":{"echo":"x"}}"""), request => request.Headers.Add("Prefer", "respond-async"));
        Job = status["jobID"]!.GetValue<string>();
        await Service.FinishedAsync(Job);
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>What must never reach the pipeline, the disk or another host: each is a 4xx problem with plain sentences, and the service lives on.</summary>
public sealed class BadRequestTests(ProductService products) : IClassFixture<ProductService>
{
    private const string Execution = "/processes/gdm-opt-etq/execution";

    private readonly RunningService _service = products.Service;

    public static TheoryData<string, string> BadInputs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string value in (string[])["0", "8", "-1", "3.5", "\"3\"", "null", "[3]", "{\"a\":1}", "1e400", "true"])
                data.Add("windowSize", value);
            foreach (string value in (string[])["1.1", "-0.1", "\"0.2\"", "[]"])
                data.Add("decorrelationThreshold", value);
            foreach (string value in (string[])["1000000000", "-5", "0", "1e9", "99999999999999999999"])
                data.Add("spatialMatchingRange", value);
            foreach (string value in (string[])["\"yesterday\"", "20190705", "\"2019-13-45\"", "\"2019-07-05T00:00:00Z\""])
                data.Add("splitDate", value);
            foreach (string value in (string[])["1", "\"true\"", "\"yes\"", "null"])
                data.Add("cloudMask", value);
            foreach (string value in (string[])["\"sideways\"", "7"])
                data.Add("matchingDirection", value);
            foreach (string value in (string[])["[\"/etc/passwd\"]", "[\"/vsicurl/http://169.254.169.254/x.tif\"]", "[\"../../secret.tif\"]", "[1]", "{\"href\":\"file:///etc/passwd\"}"])
                data.Add("dem", value);
            foreach (string value in (string[])["\"/etc/passwd\"", "\"/proc/self/environ\"", "\"\\u0000\""])
                data.Add("faultTrace", value);
            foreach (string value in (string[])["\"a\\nb\"", "\"\\u001b[31m\"", "5", $"\"{new string('x', 201)}\""])
                data.Add("title", value);
            foreach (string href in (string[])
            [
                "http://127.0.0.1:15672/", "http://[::1]/", "http://2130706433/", "http://0x7f000001/", "http://localhost/", "file:///etc/passwd", "gopher://127.0.0.1/", "s3://other/x.zip",
                "http://169.254.169.254/latest/", "https://user:pass@example.org/x.zip", "javascript:alert(1)", "//example.org/x", "",
            ])
            {
                data.Add("products", $"[{{\"href\":\"{href}\"}},{{\"href\":\"{href}x\"}}]");
            }

            foreach (string value in (string[])
            [
                "[]", "\"\"", "5", "null", "[1,2]", "[\"nothing\",\"nowhere\"]", "[\"/etc/passwd\",\"/etc/hosts\"]", "[\"../../../etc/passwd\",\"..\"]", "[\"upload:../../x\",\"upload:00000000000000000000000000000000\"]",
                "[\"/vsizip//vsicurl/http://127.0.0.1/a.zip\",\"/vsimem/x\"]", "[{\"href\":5},{\"href\":null}]", $"[{string.Join(',', Enumerable.Repeat("\"x\"", 65))}]", "[\"a\\u0000b\",\"c\"]",
            ])
            {
                data.Add("products", value);
            }

            data.Add("windowsize", "3");
            data.Add("<script>", "3");
            data.Add(new string('n', 5000), "3");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(BadInputs))]
    public async Task An_input_that_does_not_fit_is_named_with_its_remedy(string name, string value)
    {
        string text = name == "products"
            ? $"{{\"inputs\":{{\"products\":{value}}}}}"
            : $"{{\"inputs\":{{\"products\":[\"{products.Names[0]}\",\"{products.Names[1]}\"],\"{name}\":{value}}}}}";
        var (answer, body) = await PostAsync(Execution, text);
        ShouldBePlain(answer, body, 400);
        body["errors"]!.AsArray().Select(error => error!["input"]!.GetValue<string>()).ShouldContain(input => name.StartsWith(input.TrimEnd('.'), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        var (answer, body) = await PostAsync(Execution, """{"inputs":{"products":["nothing"],"windowSize":0,"splitDate":"x","slopeMaskMinimum":80,"slopeMaskMaximum":10,"minimumMatchingRange":5,"maximumMatchingRange":1,"unknown":1},"response":"both","outputs":{"../x":{}},"extra":true}""");
        ShouldBePlain(answer, body, 400);
        body["errors"]!.AsArray().Select(error => error!["input"]!.GetValue<string>()).Distinct().Order()
            .ShouldBe(((string[])["extra", "minimumMatchingRange", "outputs.../x", "products", "response", "slopeMaskMinimum", "splitDate", "unknown", "windowSize"]).Order());
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { "empty", "" },
        { "no object", "[]" },
        { "a text", "\"x\"" },
        { "cut short", "{\"inputs\":{" },
        { "a name twice", "{\"inputs\":{\"echo\":1,\"echo\":2}}" },
        { "NaN", "{\"inputs\":{\"echo\":NaN}}" },
        { "Infinity", "{\"inputs\":{\"echo\":Infinity}}" },
        { "half a character", "{\"inputs\":{\"echo\":\"\\ud800\"}}" },
        { "deep", string.Concat(Enumerable.Repeat("{\"a\":", 10000)) + "1" + new string('}', 10000) },
        { "inputs are a list", "{\"inputs\":[]}" },
        { "no inputs", "{}" },
        { "subscriber is a text", "{\"inputs\":{\"echo\":1},\"subscriber\":\"http://x\"}" },
        { "outputs is a list", "{\"inputs\":{\"echo\":1},\"outputs\":[\"echo\"]}" },
        { "validate_only is a text", "{\"inputs\":{\"echo\":1},\"validate_only\":\"yes\"}" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_is_no_request_is_refused(string what, string text)
    {
        var (answer, body) = await PostAsync("/processes/echo/execution", text);
        ShouldBePlain(answer, body, 400, what);
    }

    [Theory]
    [InlineData("text/plain", null, 415)]
    [InlineData("application/xml", null, 415)]
    [InlineData("", null, 415)]
    [InlineData("application/json", "gzip", 415)]
    public async Task A_body_of_another_kind_is_refused(string type, string? encoding, int status)
    {
        using var content = new ByteArrayContent("{\"inputs\":{\"echo\":1}}"u8.ToArray());
        if (type.Length > 0)
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        using var answer = await _service.Client.PostAsync("/processes/echo/execution", content);
        ShouldBePlain(answer, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject(), status);
    }

    [Fact]
    public async Task A_body_of_five_megabytes_is_too_large()
    {
        var (answer, body) = await PostAsync("/processes/echo/execution", $"{{\"inputs\":{{\"echo\":\"{new string('x', 5_000_000)}\"}}}}");
        ShouldBePlain(answer, body, 413);
    }

    [Fact]
    public async Task A_body_that_never_ends_and_a_connection_that_breaks_do_no_harm()
    {
        for (int i = 0; i < 3; i++)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(_service.Address.Host, _service.Address.Port);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /processes/echo/execution HTTP/1.1\r\nHost: {_service.Address.Authority}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{{\"inp"));
            await Task.Delay(200);
        }

        // The server itself refuses this one, before there is a request.
        ((int)(await _service.Client.GetAsync("/jobs/%00")).StatusCode).ShouldBe(400);
        await _service.GetAsync("/processes");
    }

    public static TheoryData<string, int> BadAddresses => new()
    {
        { "/jobs/..%2f..%2fetc%2fpasswd", 404 },
        { "/jobs/%2e%2e%2f", 404 },
        { "/jobs/a%20b", 404 },
        { "/jobs/" + new string('a', 4000), 404 },
        { "/jobs/JOB/results/..%2f..%2fetc%2fpasswd", 404 },
        { "/jobs/JOB/results?response=both", 400 },
        { "/processes/..%2f", 404 },
        { "/jobs?limit=0", 400 },
        { "/jobs?limit=10001", 400 },
        { "/jobs?limit=abc", 400 },
        { "/jobs?offset=-1", 400 },
        { "/jobs?offset=99999999999", 400 },
        { "/jobs?datetime=../..", 400 },
        { "/jobs?datetime=2026-13-45", 400 },
        { "/jobs?datetime=2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", 400 },
        { "/jobs?status=foo", 400 },
        { "/jobs?status=accepted,foo", 400 },
        { "/jobs?type=coverage", 400 },
        { "/jobs?minDuration=-1", 400 },
        { "/jobs?maxDuration=NaN", 400 },
        { "/jobs?minDuration=1e400", 400 },
        { "/jobs?owner=somebody", 400 },
        { "/catalogue/products/..%2f..%2fetc%2fpasswd/quicklook", 404 },
    };

    [Theory]
    [MemberData(nameof(BadAddresses))]
    public async Task An_address_that_leads_nowhere_or_astray_is_refused(string path, int status)
    {
        var (answer, body) = await _service.SendAsync("GET", path.Replace("JOB", products.Job, StringComparison.Ordinal));
        ShouldBePlain(answer, body, status, path);
    }

    [Fact]
    public async Task Uploads_that_are_no_product_leave_nothing()
    {
        using var empty = new MemoryStream();
        using (var archive = new ZipArchive(empty, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry("readme.txt");
        using var escaping = new MemoryStream();
        using (var archive = new ZipArchive(escaping, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry("../../evil.txt");
        foreach (var (what, bytes, status) in ((string, byte[], int)[])
        [
            ("nothing", [], 400), ("a page", "<html>Please sign in</html>"u8.ToArray(), 415), ("a broken archive", [.. "PK\u0003\u0004"u8, .. new byte[2000]], 400), ("an archive of something else", empty.ToArray(), 400),
            ("an archive that climbs out", escaping.ToArray(), 400), ("too large", [.. "PK\u0003\u0004"u8, .. new byte[1_200_000]], 413),
        ])
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
            using var answer = await SendAsync("/uploads", content);
            ShouldBePlain(answer, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject(), status, what);
        }

        string folder = Path.Combine(products.DataFolder, "uploads");
        (Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : []).ShouldBeEmpty();
    }

    [Fact]
    public async Task Words_of_a_user_come_back_as_text_that_no_browser_takes_for_a_page()
    {
        var (answer, body) = await PostAsync(Execution, $"{{\"inputs\":{{\"products\":[\"{products.Names[0]}\",\"{products.Names[1]}\"],\"title\":\"<script>alert(1)</script>\"}}}}");
        ((int)answer.StatusCode).ShouldBe(201, body.ToJsonString());
        using var status = await _service.Client.GetAsync($"/jobs/{body["jobID"]}");
        (await status.Content.ReadAsStringAsync()).ShouldNotContain("<script>");
        status.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    private async Task<(HttpResponseMessage Answer, JsonObject Body)> PostAsync(string path, string text)
    {
        using var content = new StringContent(text, Encoding.UTF8, "application/json");
        var answer = await SendAsync(path, content);
        string reply = await answer.Content.ReadAsStringAsync();
        return (answer, reply.StartsWith('{') ? JsonNode.Parse(reply)!.AsObject() : []);
    }

    // A client that waits for the server's word before it sends a large body sees the refusal, not a broken connection.
    private async Task<HttpResponseMessage> SendAsync(string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.ExpectContinue = content.Headers.ContentLength > 100_000;
        return await _service.Client.SendAsync(request);
    }

    private static void ShouldBePlain(HttpResponseMessage answer, JsonObject body, int status, string? what = null)
    {
        ((int)answer.StatusCode).ShouldBe(status, $"{what}: {body.ToJsonString()}");
        body["status"]!.GetValue<int>().ShouldBe(status);
        foreach (string detail in body["errors"]?.AsArray().Select(error => error!["detail"]!.GetValue<string>()) ?? [body["detail"]!.GetValue<string>()])
        {
            // "Did you mean ...?" is a remedy, too.
            "?.".ShouldContain(detail[^1], $"{what}: {detail}");
            detail.ShouldNotContain("\n");
            detail.ShouldNotContain("Exception");
            detail.ShouldNotContain("   at ");
            detail.Length.ShouldBeLessThan(500);
        }
    }
}
