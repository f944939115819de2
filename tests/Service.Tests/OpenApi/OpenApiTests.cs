using GdmOptEtq.Service.Tests.Hosts;
using GdmOptEtq.Service.Tests.Processes;

namespace GdmOptEtq.Service.Tests.OpenApi;

public sealed class OpenApiTests(IdleService idle) : IClassFixture<IdleService>
{
    private const string Lint = "tests/Service.Tests/OpenApi/lint";

    private readonly RunningService _service = idle.Service;

    [Fact]
    public async Task The_document_is_OpenAPI_3_0_and_has_every_route_with_a_name_an_answer_and_its_scope()
    {
        var api = await _service.GetAsync("/api");
        api["openapi"]!.GetValue<string>().ShouldStartWith("3.0");
        var operations = api["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => (Where: $"{method.Key} {path.Key}", Operation: method.Value!))).ToList();
        foreach (string route in (string[])["get /", "get /conformance", "get /api", "get /processes", "get /processes/{processID}", "post /processes/{processID}/execution", "get /jobs", "get /jobs/{jobID}", "delete /jobs/{jobID}", "get /jobs/{jobID}/results", "get /jobs/{jobID}/results/{outputID}", "get /jobs/{jobID}/events", "get /jobs/{jobID}/inputs", "get /jobs/{jobID}/files", "get /catalogue/products", "post /uploads"])
            operations.Select(operation => operation.Where).ShouldContain(route);
        operations.Select(operation => operation.Operation["operationId"]!.GetValue<string>()).ShouldBeUnique();
        foreach (var (where, operation) in operations)
        {
            operation["responses"]!.AsObject().ShouldNotBeEmpty(where);
            operation["x-scope"]!.GetValue<string>().ShouldBeOneOf("none", "read", "submit", "operate");
        }

        operations.Single(operation => operation.Where == "get /jobs").Operation["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>())
            .ShouldBe(["type", "processID", "status", "datetime", "minDuration", "maxDuration", "limit", "offset"]);
    }

    [Fact]
    public async Task Every_schema_that_is_referred_to_is_there()
    {
        var api = await _service.GetAsync("/api");
        var known = api["components"]!["schemas"]!.AsObject().Select(schema => $"#/components/schemas/{schema.Key}").ToHashSet();
        var named = System.Text.RegularExpressions.Regex.Matches(api.ToJsonString(), "\"\\$ref\":\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToHashSet();
        named.Count.ShouldBeGreaterThan(8);
        named.Except(known).ShouldBeEmpty();
    }

    [NodeFact(Lint)]
    public async Task Spectral_and_Redocly_find_no_error()
    {
        using var folder = new ScratchFolder();
        string file = folder["api.json"];
        await File.WriteAllTextAsync(file, (await _service.GetAsync("/api")).ToJsonString());
        var spectral = NodeFactAttribute.Run(Lint, "node_modules/@stoplight/spectral-cli/dist/index.js", "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "error", file);
        spectral.ExitCode.ShouldBe(0, spectral.Output);
        var redocly = NodeFactAttribute.Run(Lint, "node_modules/@redocly/cli/bin/cli.js", "lint", "--config", "redocly.yaml", file);
        redocly.ExitCode.ShouldBe(0, redocly.Output);
    }

    [NodeFact(Lint)]
    public async Task The_linters_would_find_a_fault()
    {
        using var folder = new ScratchFolder();
        string file = folder["api.json"];
        var api = await _service.GetAsync("/api");
        api["paths"]!["/jobs/{jobID}"]!["get"]!.AsObject().Remove("responses");
        await File.WriteAllTextAsync(file, api.ToJsonString());
        NodeFactAttribute.Run(Lint, "node_modules/@stoplight/spectral-cli/dist/index.js", "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "error", file).ExitCode.ShouldNotBe(0);
        NodeFactAttribute.Run(Lint, "node_modules/@redocly/cli/bin/cli.js", "lint", "--config", "redocly.yaml", file).ExitCode.ShouldNotBe(0);
    }
}
