using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>What goes wrong becomes a sentence in the page, never a blank.</summary>
[Collection(PageCollection.Name)]
public sealed class ErrorTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_service_that_is_gone_is_said_and_the_page_goes_on_when_it_is_back()
    {
        await using var session = await PageSession.OpenAsync(fixture, "jobs");
        var page = session.Page;
        await page.Locator(".jobs li").First.WaitForAsync();
        await page.RouteAsync("**/jobs?**", route => route.AbortAsync("connectionrefused"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Refresh" }).ClickAsync();
        await Says(page, "The service does not answer: check that it runs");
        await page.UnrouteAsync("**/jobs?**");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await page.Locator(".notice.error").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    [BrowserFact]
    public async Task A_failed_job_gives_its_reason_and_a_way_on()
    {
        // No match is perfect: nothing is left.
        string job = await fixture.RunAsync(new JsonObject { ["title"] = "Too strict", ["decorrelationThreshold"] = 1.0 }, "failed");
        await using var session = await PageSession.OpenAsync(fixture, $"jobs/{job}");
        await Says(session.Page, "The job failed.");
        (await session.Page.Locator(".notice.error").First.InnerTextAsync()).ShouldContain("No pixel has a valid displacement");
        await session.PictureAsync("failed");
        await session.Page.GetByRole(AriaRole.Link, new() { Name = "Change its parameters or images" }).ClickAsync();
        await session.Page.Locator(".product.before").WaitForAsync();
        (await session.Page.Locator(".product.after").CountAsync()).ShouldBe(1);
    }

    [BrowserFact]
    public async Task Where_the_rasters_cannot_be_read_the_preview_stands_in()
    {
        await using var session = await PageSession.OpenAsync(fixture, "jobs");
        var page = session.Page;
        await page.RouteAsync("**/*.tif", route => route.AbortAsync());
        await session.GoAsync($"jobs/{fixture.Job}/map");
        await Says(page, "cannot be read in parts from the service");
        var picture = page.Locator(".fallback img");
        await picture.WaitForAsync();
        (await picture.EvaluateAsync<int>("async image => { await image.decode(); return image.naturalWidth; }")).ShouldBeGreaterThan(100);
    }

    [BrowserFact]
    public async Task The_map_draws_where_the_browser_has_no_WebGL()
    {
        await using var session = await PageSession.OpenAsync(fixture, $"jobs/{fixture.Job}/map");
        var page = session.Page;
        (await page.EvaluateAsync<bool>("() => document.createElement('canvas').getContext('webgl') === null && document.createElement('canvas').getContext('webgl2') === null")).ShouldBeTrue();
        await page.Locator(".tool").WaitForAsync();
        await page.WaitForFunctionAsync(
            """
            () => [...document.querySelectorAll(".map canvas")].some(canvas => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                const colours = new Set();
                for (let i = 0; i < data.length && colours.size < 50; i += 4 * 97) if (data[i + 3] === 255) colours.add(data[i] * 65536 + data[i + 1] * 256 + data[i + 2]);
                return colours.size >= 50;
            })
            """);
    }

    [BrowserFact]
    public async Task An_invalid_trace_is_refused_with_a_sentence()
    {
        await using var session = await PageSession.OpenAsync(fixture, $"jobs/{fixture.Job}/map");
        var page = session.Page;
        var choose = page.Locator("input[accept*='.kml']");
        await choose.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        foreach (var (text, sentence) in ((string, string)[])
                 [
                     ("this is no drawing", "The fault trace is not valid GeoJSON"),
                     ("<kml><Document/></kml>", "The fault trace holds no line"),
                     ("<!DOCTYPE kml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><kml>&a;</kml>", "The fault trace is neither valid GeoJSON nor valid KML"),
                     ("""{ "type": "LineString", "coordinates": [[10, 10], [11, 11]] }""", "The fault trace lies outside the result"),
                 ])
        {
            await choose.SetInputFilesAsync(new FilePayload { Name = "trace.txt", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes(text) });
            await Says(page, sentence);
        }
    }

    [BrowserFact]
    public async Task Images_that_do_not_go_together_are_flagged_before_anything_runs()
    {
        await using var session = await PageSession.OpenAsync(fixture, "jobs");
        var page = session.Page;
        await page.RouteAsync("**/catalogue/products", async route =>
        {
            var answer = JsonNode.Parse(await fixture.Client.GetStringAsync("/catalogue/products"))!;
            var second = answer["products"]![1]!;
            (second["tile"], second["relativeOrbit"], second["cloudCoverPercent"]) = ("T11SNV", 127, 60);
            await route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = answer.ToJsonString() });
        });
        await session.GoAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Before" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "After" }).Last.ClickAsync();
        await Says(page, "The tiles are mixed");
        string warnings = string.Join('\n', await page.Locator(".notice.warning").AllInnerTextsAsync());
        warnings.ShouldContain("different orbits (R027, R127)");
        warnings.ShouldContain("60 % cloud");
        (await page.GetByRole(AriaRole.Button, new() { Name = "See the plan" }).IsEnabledAsync()).ShouldBeFalse();
    }

    [BrowserFact]
    public async Task A_parameter_out_of_its_range_is_said_at_its_field()
    {
        await using var session = await PageSession.OpenAsync(fixture);
        var page = session.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Before" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "After" }).Last.ClickAsync();
        await page.Locator("summary", new() { HasText = "correlation" }).First.ClickAsync();
        await page.Locator("#parameter-windowSize").FillAsync("9");
        await page.Locator("#parameter-windowSize").BlurAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See the plan" }).ClickAsync();
        await Says(page, "window-size");
        (await page.Locator("#parameter-windowSize").GetAttributeAsync("aria-invalid")).ShouldBe("true");
    }

    private static Task Says(IPage page, string sentence) => page.Locator(".notice.error", new() { HasText = sentence }).First.WaitForAsync();
}
