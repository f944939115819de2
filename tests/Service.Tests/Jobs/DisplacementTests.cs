using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.Jobs;

/// <summary>Everything in one process, with four small products in its catalogue.</summary>
public sealed class WholeService : IAsyncLifetime
{
    public ScratchFolder Folder { get; } = new();

    public RunningService Service { get; private set; } = null!;

    /// <summary>Names of the products, oldest first.</summary>
    public string[] Names { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Names = [.. TinyScene.WriteAll(Folder["products/2019"]).Select(path => Path.GetFileName(path)[..^".SAFE".Length])];
        Service = await RunningService.StartAsync(Folder["data"], new ServiceSettings { Products = [Folder["products"]] });
    }

    /// <summary>An execute body for all four products.</summary>
    public JsonObject Body(params (string Name, JsonNode? Value)[] more)
    {
        var inputs = new JsonObject { ["products"] = new JsonArray([.. Names.Select(name => (JsonNode)name)]), ["splitDate"] = TinyScene.SplitDate, ["dem"] = "none", ["tileSize"] = 128 };
        foreach (var (name, value) in more)
            inputs[name] = value;
        return new JsonObject { ["inputs"] = inputs };
    }

    public async Task<JsonObject> SubmitAsync(JsonObject body)
    {
        var (answer, status) = await Service.SendAsync("POST", "/processes/gdm-opt-etq/execution", body);
        ((int)answer.StatusCode).ShouldBe(201, status.ToJsonString());
        return status;
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        Folder.Dispose();
    }
}

public sealed class DisplacementTests(WholeService whole) : IClassFixture<WholeService>
{
    private const string Execution = "/processes/gdm-opt-etq/execution";

    private readonly RunningService _service = whole.Service;

    [Fact]
    public async Task The_catalogue_lists_the_products_with_date_tile_orbit_footprint_and_picture()
    {
        var products = (await _service.GetAsync("/catalogue/products"))["products"]!.AsArray();
        products.Select(product => product!["name"]!.GetValue<string>()).ShouldBe(whole.Names);
        var first = products[0]!;
        first["tile"]!.GetValue<string>().ShouldBe("T11SMV");
        first["relativeOrbit"]!.GetValue<int>().ShouldBe(27);
        first["datetime"]!.GetValue<string>().ShouldStartWith("2019-06-28T");
        var ring = first["geometry"]!["coordinates"]![0]!.AsArray();
        ring.Count.ShouldBe(5);
        ring[0]![0]!.GetValue<double>().ShouldBe(-118.11, 0.02);
        ring[0]![1]!.GetValue<double>().ShouldBe(36.14, 0.02);
        using var picture = await _service.Client.GetAsync(first["links"]![0]!["href"]!.GetValue<string>());
        picture.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        (await picture.Content.ReadAsByteArrayAsync()).AsSpan(1, 3).SequenceEqual("PNG"u8).ShouldBeTrue();
        ((int)(await _service.SendAsync("GET", "/catalogue/products/..%2F..%2Fetc/quicklook")).Answer.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task A_plan_says_pairs_tiles_minutes_memory_and_disk_and_makes_no_job()
    {
        int before = (await _service.GetAsync("/jobs?limit=1000"))["jobs"]!.AsArray().Count;
        var body = whole.Body();
        body["validate_only"] = true;
        var (answer, plan) = await _service.SendAsync("POST", Execution, body);
        ((int)answer.StatusCode).ShouldBe(200, plan.ToJsonString());
        plan["pairs"]!.AsArray().Count.ShouldBe(4);
        plan["tiles"]!.GetValue<int>().ShouldBeGreaterThan(4);
        foreach (string figure in (string[])["minutes", "memoryBytes", "workBytes", "resultBytes"])
            plan["estimate"]![figure]!.GetValue<double>().ShouldBeGreaterThanOrEqualTo(0, figure);
        (await _service.GetAsync("/jobs?limit=1000"))["jobs"]!.AsArray().Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_plan_that_cannot_be_says_all_reasons()
    {
        var body = whole.Body(("splitDate", "2001-01-01"));
        body["validate_only"] = true;
        var (answer, problem) = await _service.SendAsync("POST", Execution, body);
        ((int)answer.StatusCode).ShouldBe(400);
        problem["errors"]!.AsArray().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_job_runs_to_its_results_which_come_in_every_form_and_leave_with_it()
    {
        var body = whole.Body(("title", "<b>Ridgecrest</b>"));
        body["outputs"] = new JsonObject { ["ew"] = new JsonObject { ["transmissionMode"] = "reference" }, ["job"] = new JsonObject() };
        body["response"] = "document";
        var accepted = await whole.SubmitAsync(body);
        string id = accepted["jobID"]!.GetValue<string>();
        accepted["status"]!.GetValue<string>().ShouldBe("accepted");
        var finished = await _service.FinishedAsync(id);
        finished["status"]!.GetValue<string>().ShouldBe("successful", finished.ToJsonString());
        finished["title"]!.GetValue<string>().ShouldBe("<b>Ridgecrest</b>");
        finished["stages"]!.AsArray().Select(stage => stage!["name"]!.GetValue<string>()).ShouldBe(["prepare", "correlate", "aggregate", "summarise", "write", "publish"]);
        finished["stages"]!.AsArray().ShouldAllBe(stage => stage!["done"]!.GetValue<int>() == stage["total"]!.GetValue<int>());
        var results = await _service.GetAsync($"/jobs/{id}/results");
        results.Select(output => output.Key).ShouldBe(["ew", "job"]);
        results["job"]!["value"]!["parameters"]!["tileSize"]!.GetValue<int>().ShouldBe(128);
        using var raster = await _service.Client.GetAsync(results["ew"]!["href"]!.GetValue<string>());
        raster.Content.Headers.ContentType!.MediaType.ShouldBe("image/tiff");
        (await raster.Content.ReadAsByteArrayAsync()).AsSpan(0, 2).SequenceEqual("II"u8).ShouldBeTrue();
        var (parts, _) = await _service.SendAsync("GET", $"/jobs/{id}/results?response=raw");
        (await parts.Content.ReadAsStringAsync()).ShouldContain("Content-Location: http");
        (await _service.GetAsync($"/jobs/{id}/inputs"))["parameters"]!["windowSize"]!.GetValue<int>().ShouldBe(3);
        var (_, again) = await _service.SendAsync("POST", $"/jobs/{id}/resubmit");
        (await _service.FinishedAsync(again["jobID"]!.GetValue<string>()))["status"]!.GetValue<string>().ShouldBe("successful");
        string folder = Path.Combine(_service.Node.ResultsFolder, id);
        Directory.Exists(folder).ShouldBeTrue();
        (await _service.SendAsync("DELETE", $"/jobs/{id}")).Body["status"]!.GetValue<string>().ShouldBe("dismissed");
        Directory.Exists(folder).ShouldBeFalse();
        ((int)(await _service.SendAsync("GET", $"/jobs/{id}/results")).Answer.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task Only_links_that_were_asked_for_come_as_headers_of_an_empty_answer()
    {
        var body = whole.Body();
        body["outputs"] = new JsonObject { ["ew"] = new JsonObject { ["transmissionMode"] = "reference" }, ["ns"] = new JsonObject { ["transmissionMode"] = "reference" } };
        string id = (await whole.SubmitAsync(body))["jobID"]!.GetValue<string>();
        await _service.FinishedAsync(id);
        var (answer, _) = await _service.SendAsync("GET", $"/jobs/{id}/results");
        ((int)answer.StatusCode).ShouldBe(204);
        answer.Headers.GetValues("Link").Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_running_job_is_dismissed_and_nothing_of_it_stays_in_work()
    {
        string id = (await whole.SubmitAsync(whole.Body(("windowSize", 7), ("matchingDirection", "Forward+Backward"), ("regularization", 0.31))))["jobID"]!.GetValue<string>();
        (await _service.SendAsync("DELETE", $"/jobs/{id}")).Body["status"]!.GetValue<string>().ShouldBe("dismissed");
        (await _service.FinishedAsync(id))["status"]!.GetValue<string>().ShouldBe("dismissed");
        var (answer, problem) = await _service.SendAsync("GET", $"/jobs/{id}/results");
        ((int)answer.StatusCode).ShouldBe(404);
        problem["type"]!.GetValue<string>().ShouldEndWith("job-dismissed");
    }

    [Fact]
    public async Task A_job_whose_images_do_not_fit_fails_with_the_sentence_and_its_results_are_the_exception()
    {
        var body = new JsonObject { ["inputs"] = new JsonObject { ["products"] = new JsonArray(whole.Names[0], whole.Names[1]), ["splitDate"] = "2001-01-01", ["dem"] = "none" } };
        string id = (await whole.SubmitAsync(body))["jobID"]!.GetValue<string>();
        var status = await _service.FinishedAsync(id);
        status["status"]!.GetValue<string>().ShouldBe("failed");
        string reason = status["message"]!.GetValue<string>();
        status["links"]!.AsArray().Select(link => link!["rel"]!.GetValue<string>()).ShouldContain("http://www.opengis.net/def/rel/ogc/1.0/exceptions");
        var (answer, problem) = await _service.SendAsync("GET", $"/jobs/{id}/results");
        ((int)answer.StatusCode).ShouldBe(400);
        problem["detail"]!.GetValue<string>().ShouldBe(reason);
        problem["type"]!.GetValue<string>().ShouldEndWith("invalid-input");
    }

    [Fact]
    public async Task A_job_without_any_valid_pixel_fails_with_what_removed_them()
    {
        string id = (await whole.SubmitAsync(whole.Body(("decorrelationThreshold", 1))))["jobID"]!.GetValue<string>();
        (await _service.FinishedAsync(id))["status"]!.GetValue<string>().ShouldBe("failed");
        var (answer, problem) = await _service.SendAsync("GET", $"/jobs/{id}/results");
        ((int)answer.StatusCode).ShouldBe(422);
        problem["type"]!.GetValue<string>().ShouldEndWith("no-valid-result");
        problem["detail"]!.GetValue<string>().ShouldContain("lower --decorrelation-threshold");
    }

    [Fact]
    public async Task An_uploaded_product_is_used_by_its_id_and_can_be_removed()
    {
        using var folder = new ScratchFolder();
        string zip = folder["product.zip"];
        ZipFile.CreateFromDirectory(Path.Combine(whole.Folder["products/2019"], whole.Names[0] + ".SAFE"), zip, CompressionLevel.Fastest, includeBaseDirectory: true);
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(zip));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        using var answer = await _service.Client.PostAsync("/uploads", content);
        var upload = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        ((int)answer.StatusCode).ShouldBe(201, upload.ToJsonString());
        upload["name"]!.GetValue<string>().ShouldBe(whole.Names[0]);
        var body = new JsonObject { ["inputs"] = new JsonObject { ["products"] = new JsonArray(upload["input"]!.DeepClone(), whole.Names[2]), ["dem"] = "none" }, ["validate_only"] = true };
        var (planned, plan) = await _service.SendAsync("POST", Execution, body);
        ((int)planned.StatusCode).ShouldBe(200, plan.ToJsonString());
        plan["pairs"]!.AsArray().Count.ShouldBe(1);
        ((int)(await _service.SendAsync("DELETE", $"/uploads/{upload["id"]}")).Answer.StatusCode).ShouldBe(204);
        ((int)(await _service.SendAsync("POST", Execution, body)).Answer.StatusCode).ShouldBe(400);
    }
}
