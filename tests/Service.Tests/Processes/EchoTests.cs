using System.Net;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.Processes;

/// <summary>What the conformance suite of OGC API - Processes 1.0 asserts of execution, with the echo process.</summary>
public sealed class EchoTests(IdleService idle) : IClassFixture<IdleService>
{
    private const string Exceptions = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/";
    private const string Execution = "/processes/echo/execution";

    private readonly RunningService _service = idle.Service;

    private static JsonObject Inputs(params (string Name, JsonNode? Value)[] inputs) =>
        new() { ["inputs"] = new JsonObject(inputs.Select(input => KeyValuePair.Create(input.Name, input.Value))) };

    [Fact]
    public async Task Without_Prefer_it_answers_at_once_with_the_raw_value_as_JSON_and_no_Link_header()
    {
        var (answer, _) = await _service.SendAsync("POST", Execution, Inputs(("echo", "teststring")), request => request.Headers.Accept.ParseAdd("application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("\"teststring\"");
        answer.Headers.Contains("Link").ShouldBeFalse();
    }

    [Fact]
    public async Task A_document_maps_outputs_to_values_and_raw_values_of_several_outputs_come_in_parts()
    {
        var body = Inputs(("echo", "teststring"), ("array", new JsonArray("a", "b")));
        body["response"] = "document";
        var (_, document) = await _service.SendAsync("POST", Execution, body);
        JsonNode.DeepEquals(document, new JsonObject { ["echo"] = "teststring", ["array"] = new JsonArray("a", "b") }).ShouldBeTrue(document.ToJsonString());
        body["response"] = "raw";
        var (parts, _) = await _service.SendAsync("POST", Execution, body);
        parts.Content.Headers.ContentType!.MediaType.ShouldBe("multipart/related");
        string text = await parts.Content.ReadAsStringAsync();
        text.ShouldContain("Content-ID: echo");
        text.ShouldContain("Content-ID: array");
        body["outputs"] = new JsonObject { ["array"] = new JsonObject() };
        var (one, _) = await _service.SendAsync("POST", Execution, body);
        (await one.Content.ReadAsStringAsync()).ShouldBe("""["a","b"]""");
    }

    public static TheoryData<string> LenientInputs => new()
    {
        """{"echo":{"href":"https://example.org/x"}}""",
        """{"echo":["teststring","x"]}""",
        """{"echo":{"value":{"a":1}}}""",
        """{"echo":{"value":"dGVzdHN0cmluZw==","encoding":"base64","mediaType":"text/plain"}}""",
        """{"echo":{"bbox":[345345345,345345345,345345345,345345345],"crs":"urn:ogc:def:crs:EPSG:6.6:4326"}}""",
        """{"echo":"teststring","array":"no array"}""",
    };

    [Theory]
    [MemberData(nameof(LenientInputs))]
    public async Task It_takes_values_of_any_kind(string inputs)
    {
        var (answer, body) = await _service.SendAsync("POST", Execution, new JsonObject { ["inputs"] = JsonNode.Parse(inputs) });
        ((int)answer.StatusCode).ShouldBe(200, body.ToJsonString());
    }

    [Fact]
    public async Task Respond_async_gives_201_with_Location_and_statusInfo_and_the_result_later()
    {
        var (accepted, status) = await _service.SendAsync("POST", Execution, Inputs(("echo", "teststring")), request => request.Headers.Add("Prefer", "respond-async"));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
        accepted.Headers.GetValues("Preference-Applied").ShouldBe(["respond-async"]);
        string id = status["jobID"]!.GetValue<string>();
        accepted.Headers.Location!.ToString().ShouldEndWith($"/jobs/{id}");
        status["type"]!.GetValue<string>().ShouldBe("process");
        status["processID"]!.GetValue<string>().ShouldBe("echo");
        var finished = await _service.FinishedAsync(id);
        finished["status"]!.GetValue<string>().ShouldBe("successful");
        finished["progress"]!.GetValue<int>().ShouldBe(100);
        var links = finished["links"]!.AsArray().ToDictionary(link => link!["rel"]!.GetValue<string>(), link => link!["href"]!.GetValue<string>());
        links.ShouldContainKey("monitor");
        var (results, document) = await _service.SendAsync("GET", links["http://www.opengis.net/def/rel/ogc/1.0/results"], change: request => request.Headers.Accept.ParseAdd("application/json"));
        results.StatusCode.ShouldBe(HttpStatusCode.OK);
        document["echo"]!.GetValue<string>().ShouldBe("teststring");
        var (one, _) = await _service.SendAsync("GET", $"/jobs/{id}/results/echo");
        (await one.Content.ReadAsStringAsync()).ShouldBe("\"teststring\"");
        (await _service.SendAsync("GET", $"/jobs/{id}/results/nothing")).Body["type"]!.GetValue<string>().ShouldEndWith("no-such-output");
        (await _service.GetAsync($"/jobs/{id}/inputs"))["inputs"]!["echo"]!.GetValue<string>().ShouldBe("teststring");
    }

    [Fact]
    public async Task Results_of_a_job_that_pauses_are_not_ready_and_dismissing_it_ends_it()
    {
        var (_, status) = await _service.SendAsync("POST", Execution, Inputs(("echo", "x"), ("pause", 50)), request => request.Headers.Add("Prefer", "respond-async"));
        string id = status["jobID"]!.GetValue<string>();
        var (early, problem) = await _service.SendAsync("GET", $"/jobs/{id}/results");
        ((int)early.StatusCode).ShouldBe(404);
        problem["type"]!.GetValue<string>().ShouldBe(Exceptions + "result-not-ready");
        var (dismissed, last) = await _service.SendAsync("DELETE", $"/jobs/{id}");
        ((int)dismissed.StatusCode, last["status"]!.GetValue<string>()).ShouldBe((200, "dismissed"));
        (await _service.GetAsync($"/jobs/{id}"))["status"]!.GetValue<string>().ShouldBe("dismissed");
        (await _service.SendAsync("DELETE", $"/jobs/{id}")).Body["status"]!.GetValue<string>().ShouldBe("dismissed");
        ((int)(await _service.SendAsync("GET", $"/jobs/{id}")).Answer.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task A_wait_shorter_than_the_pause_makes_a_job_of_it()
    {
        var (answer, status) = await _service.SendAsync("POST", Execution, Inputs(("echo", "x"), ("pause", 1)), request => request.Headers.Add("Prefer", "wait=0"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await _service.FinishedAsync(status["jobID"]!.GetValue<string>()))["status"]!.GetValue<string>().ShouldBe("successful");
        var (waited, _) = await _service.SendAsync("POST", Execution, Inputs(("echo", "x")), request => request.Headers.Add("Prefer", "wait=999999999"));
        waited.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_that_is_no_execute_request_is_an_exception_as_JSON_for_a_client_that_wants_JSON()
    {
        var (answer, body) = await _service.SendAsync("POST", Execution, JsonNode.Parse("""{"invalid-execute-request":true}"""), request => request.Headers.Accept.ParseAdd("application/json"));
        ((int)answer.StatusCode).ShouldBe(400);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        body["type"].ShouldNotBeNull();
        body["errors"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Events_tell_every_change_and_end_with_the_job()
    {
        var (_, status) = await _service.SendAsync("POST", Execution, Inputs(("echo", "x"), ("pause", 2)), request => request.Headers.Add("Prefer", "respond-async"));
        using var stream = await _service.Client.GetStreamAsync($"/jobs/{status["jobID"]}/events");
        using var reader = new StreamReader(stream);
        var states = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                states.Add(JsonNode.Parse(line[6..])!["status"]!.GetValue<string>());
        }

        states[^1].ShouldBe("successful");
        states.ShouldContain("running");
    }

    [Fact]
    public async Task The_list_keeps_filters_and_pages()
    {
        var ids = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            var (_, status) = await _service.SendAsync("POST", Execution, Inputs(("echo", $"{i}"), ("pause", i)), request => request.Headers.Add("Prefer", "respond-async"));
            ids.Add(status["jobID"]!.GetValue<string>());
        }

        foreach (string id in ids)
            await _service.FinishedAsync(id);
        var page = await _service.GetAsync("/jobs?limit=1&status=successful&processID=echo,nothing&type=process");
        page["jobs"]!.AsArray().Count.ShouldBe(1);
        page["jobs"]![0]!["jobID"]!.GetValue<string>().ShouldBe(ids[2]);
        string next = page["links"]!.AsArray().Single(link => link!["rel"]!.GetValue<string>() == "next")!["href"]!.GetValue<string>();
        var second = await _service.GetAsync(new Uri(next).PathAndQuery);
        second["jobs"]![0]!["jobID"]!.GetValue<string>().ShouldBe(ids[1]);
        second["links"]!.AsArray().Select(link => link!["rel"]!.GetValue<string>()).ShouldContain("prev");
        (await _service.GetAsync("/jobs?processID=nothing"))["jobs"]!.AsArray().ShouldBeEmpty();
        (await _service.GetAsync("/jobs?minDuration=1.5&limit=1000"))["jobs"]!.AsArray().Select(job => job!["jobID"]!.GetValue<string>()).ShouldContain(ids[2]);
        (await _service.GetAsync("/jobs?maxDuration=1&limit=1000"))["jobs"]!.AsArray().Select(job => job!["jobID"]!.GetValue<string>()).ShouldNotContain(ids[2]);
        (await _service.GetAsync("/jobs?datetime=2000-01-01T00:00:00Z/2001-01-01T00:00:00Z"))["jobs"]!.AsArray().ShouldBeEmpty();
        (await _service.GetAsync("/jobs?datetime=2020-01-01T00:00:00Z/.."))["jobs"]!.AsArray().ShouldNotBeEmpty();
    }
}
