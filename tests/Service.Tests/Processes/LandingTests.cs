using System.Net;
using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.Processes;

/// <summary>A service that computes nothing, for tests of what is answered without computing.</summary>
public sealed class IdleService : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();

    public RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await RunningService.StartAsync(_folder["data"], computing: false);

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class LandingTests(IdleService idle) : IClassFixture<IdleService>
{
    private readonly RunningService _service = idle.Service;

    [Fact]
    public async Task The_landing_page_leads_to_description_conformance_processes_and_jobs_and_the_links_work()
    {
        var landing = await _service.GetAsync("/");
        var links = landing["links"]!.AsArray().ToDictionary(link => link!["rel"]!.GetValue<string>(), link => link!["href"]!.GetValue<string>());
        foreach (string relation in (string[])["self", "service-desc", "http://www.opengis.net/def/rel/ogc/1.0/conformance", "http://www.opengis.net/def/rel/ogc/1.0/processes", "http://www.opengis.net/def/rel/ogc/1.0/job-list"])
        {
            links.ShouldContainKey(relation);
            (await _service.Client.GetAsync(links[relation])).StatusCode.ShouldBe(HttpStatusCode.OK, relation);
        }
    }

    [Fact]
    public async Task A_browser_is_led_to_the_page()
    {
        var (answer, _) = await _service.SendAsync("GET", "/", change: request => request.Headers.Accept.ParseAdd("text/html"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldBe("/page/");
    }

    [Fact]
    public async Task Conformance_contains_the_core_and_the_connection_speaks_HTTP_1_1()
    {
        var (answer, body) = await _service.SendAsync("GET", "/conformance");
        body["conformsTo"]!.AsArray().Select(name => name!.GetValue<string>()).ShouldContain("http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core");
        answer.Version.ShouldBe(new Version(1, 1));
    }

    [Fact]
    public async Task The_process_list_keeps_its_limit_and_has_links()
    {
        (await _service.GetAsync("/processes"))["processes"]!.AsArray().Count.ShouldBe(2);
        var one = await _service.GetAsync("/processes?limit=1");
        one["processes"]!.AsArray().Count.ShouldBe(1);
        one["links"]!.AsArray().Select(link => link!["rel"]!.GetValue<string>()).ShouldContain("next");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("abc")]
    [InlineData("-1")]
    public async Task A_limit_that_is_none_is_refused(string limit)
    {
        foreach (string list in (string[])["/processes", "/jobs"])
        {
            var (answer, body) = await _service.SendAsync("GET", $"{list}?limit={limit}");
            ((int)answer.StatusCode).ShouldBe(400);
            body["errors"]![0]!["input"]!.GetValue<string>().ShouldBe("limit");
        }
    }

    [Fact]
    public async Task The_description_has_every_parameter_of_the_pipeline_with_its_default_and_range()
    {
        var description = await _service.GetAsync("/processes/gdm-opt-etq");
        var inputs = description["inputs"]!.AsObject();
        foreach (var parameter in ParameterSchema<JobParameters>.Instance.Parameters)
        {
            var schema = inputs[parameter.JsonName].ShouldNotBeNull(parameter.JsonName)["schema"]!;
            JsonNode.DeepEquals(schema["default"], ParameterDocuments.JsonValue(parameter.Default)).ShouldBeTrue(parameter.JsonName);
            (schema["minimum"]?.GetValue<double>()).ShouldBe(parameter.Minimum);
        }

        foreach (var (name, input) in inputs)
            input!["schema"].ShouldNotBeNull(name);
        foreach (var (name, output) in description["outputs"]!.AsObject())
            output!["schema"].ShouldNotBeNull(name);
        description["jobControlOptions"]!.AsArray().Select(mode => mode!.GetValue<string>()).ShouldBe(["async-execute", "dismiss"]);
    }

    [Fact]
    public async Task The_first_input_of_echo_is_a_plain_string_and_an_output_has_its_name()
    {
        var description = await _service.GetAsync("/processes/echo");
        var (name, input) = description["inputs"]!.AsObject().First();
        input!["schema"]!["type"]!.GetValue<string>().ShouldBe("string");
        description["outputs"]![name].ShouldNotBeNull();
        description["jobControlOptions"]!.AsArray().Select(mode => mode!.GetValue<string>()).ShouldContain("sync-execute");
    }

    [Theory]
    [InlineData("/processes/nothing", "no-such-process")]
    [InlineData("/jobs/nothing", "no-such-job")]
    [InlineData("/jobs/..%2f..%2fetc%2fpasswd", "no-such-job")]
    public async Task What_is_not_there_is_said_in_the_words_of_the_standard(string path, string type)
    {
        var (answer, body) = await _service.SendAsync("GET", path);
        ((int)answer.StatusCode).ShouldBe(404);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        body["type"]!.GetValue<string>().ShouldBe($"http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/{type}");
    }

    [Fact]
    public async Task A_client_that_accepts_JSON_only_gets_problems_as_JSON()
    {
        var (answer, body) = await _service.SendAsync("GET", "/processes/nothing", change: request => request.Headers.Accept.ParseAdd("application/json"));
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        body["type"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Paths_and_methods_that_are_not_there_are_problems_too()
    {
        var (nowhere, problem) = await _service.SendAsync("GET", "/nowhere");
        ((int)nowhere.StatusCode, problem["status"]!.GetValue<int>()).ShouldBe((404, 404));
        var (method, refusal) = await _service.SendAsync("DELETE", "/processes");
        ((int)method.StatusCode, refusal["status"]!.GetValue<int>()).ShouldBe((405, 405));
    }
}
