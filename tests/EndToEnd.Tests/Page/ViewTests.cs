using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>What holds on every view: nobody is kept out by it, nothing is cut off on a phone, and the first load is light.</summary>
[Collection(PageCollection.Name)]
public sealed class ViewTests(PageFixture fixture)
{
    private static readonly string s_axe = Path.Combine(SharedData.RepositoryRoot, "src/Service/web/node_modules/axe-core/axe.min.js");

    [BrowserFact]
    public Task No_view_has_a_serious_fault_of_accessibility_in_light_colours() => NoFaultAsync(dark: false, phone: false);

    [BrowserFact]
    public Task No_view_has_a_serious_fault_of_accessibility_in_dark_colours_on_a_phone() => NoFaultAsync(dark: true, phone: true);

    [BrowserFact]
    public async Task On_a_screen_of_390_pixels_nothing_is_cut_off()
    {
        await using var session = await PageSession.OpenAsync(fixture, phone: true);
        foreach (var (name, view, ready) in Views())
        {
            await ShowAsync(session, view, ready);
            var cut = await session.Page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll("main *, header *")].filter(element => {
                    const box = element.getBoundingClientRect();
                    if (box.width === 0 || element.closest(".scroll, .hidden, svg, .timeline, .ol-viewport, .u-wrap")) return false;
                    return box.right > innerWidth + 1 || box.left < -1;
                }).map(element => `${element.tagName}.${element.className} ends at ${Math.round(element.getBoundingClientRect().right)}`)
                """);
            cut.ShouldBeEmpty(name);
            (await session.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, name);
            await session.PictureAsync($"phone-{name}");
        }

        // What the colours mean is in view with the map.
        await ShowAsync(session, $"jobs/{fixture.Job}/map", ".tool");
        var legend = (await session.Page.Locator(".legendbox .words").BoundingBoxAsync())!;
        (legend.Y + legend.Height).ShouldBeLessThan(844);
    }

    [BrowserFact]
    public async Task The_first_load_takes_at_most_600_kB_and_the_map_at_most_5_MB_more()
    {
        await using var session = await PageSession.OpenAsync(fixture);
        await session.Page.Locator(".product").First.WaitForAsync();
        (await TransferredAsync(session.Page)).ShouldBeInRange(10_000, 600_000);
        await session.GoAsync($"jobs/{fixture.Job}/map");
        await session.Page.Locator(".tool").WaitForAsync();
        await session.PointAsync(500, 500);
        await session.ReadOutAsync();
        (await TransferredAsync(session.Page)).ShouldBeLessThanOrEqualTo(5_600_000);
    }

    [BrowserFact]
    public async Task Every_layer_of_the_result_can_be_shown_and_read()
    {
        await using var session = await PageSession.OpenAsync(fixture, $"jobs/{fixture.Job}/map");
        var page = session.Page;
        var layer = page.Locator(".side select").First;
        await page.Locator(".tool").WaitForAsync();
        string[] keys = await layer.Locator("option").EvaluateAllAsync<string[]>("options => options.map(option => option.value)");
        keys.Length.ShouldBeGreaterThan(10);
        foreach (string key in keys)
        {
            await layer.SelectOptionAsync(key);
            string title = (await layer.Locator($"option[value='{key}']").InnerTextAsync()).Split(',')[0];
            await page.Locator(".legendbox strong", new() { HasText = title }).WaitForAsync();
            (await page.Locator(".notice.error").CountAsync()).ShouldBe(0, key);
        }

        await layer.SelectOptionAsync("mean_displacement_ns");
        await page.Locator(".legendbox", new() { HasText = "South is positive" }).WaitForAsync();
        await page.GetByLabel("Arrows").CheckAsync();
        await page.Locator(".arrowscale").WaitForAsync();
        await page.GetByLabel("Swipe against").SelectOptionAsync(new SelectOptionValue { Label = "Image of 2019-07-08" });
        await page.GetByLabel("Edge of the swipe").WaitForAsync();
        await session.PictureAsync("swipe");
    }

    [BrowserFact]
    public async Task Two_jobs_stand_side_by_side_or_as_their_difference_with_what_differs()
    {
        string other = await fixture.RunAsync(new JsonObject { ["title"] = "Higher threshold", ["decorrelationThreshold"] = 0.5 });
        await using var session = await PageSession.OpenAsync(fixture, $"compare/{fixture.Job}/{other}");
        var page = session.Page;
        await page.Locator(".twomaps .map").Nth(1).WaitForAsync();
        var row = page.Locator("tbody tr", new() { HasText = "decorrelation threshold" });
        (await row.InnerTextAsync()).ShouldMatch(@"decorrelation threshold\s+0\.2\s+0\.5");
        (await page.Locator("tbody tr").CountAsync()).ShouldBe(1);
        await session.PictureAsync("compare");
        await page.GetByRole(AriaRole.Button, new() { Name = "Difference" }).ClickAsync();
        await page.Locator(".onemap .map canvas").First.WaitForAsync();
        var box = (await page.Locator(".onemap .map").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width / 3, box.Y + box.Height / 2);
        // The threshold removes pixels and changes none.
        await page.Locator(".readout", new() { HasTextRegex = new System.Text.RegularExpressions.Regex(@"difference (0\.00 m|no value)") }).WaitForAsync();
    }

    private (string Name, string View, string Ready)[] Views() =>
    [
        ("new", "", ".product"),
        ("jobs", "jobs", ".jobs li"),
        ("job", $"jobs/{fixture.Job}", ".files"),
        ("map", $"jobs/{fixture.Job}/map", ".tool"),
        ("compare", "compare", "h1"),
        ("operate", "operate", ".all details"),
    ];

    private async Task NoFaultAsync(bool dark, bool phone)
    {
        string axe = await File.ReadAllTextAsync(s_axe);
        await using var session = await PageSession.OpenAsync(fixture, dark: dark, phone: phone);
        foreach (var (name, view, ready) in Views())
        {
            await ShowAsync(session, view, ready);
            await session.PictureAsync($"{name}-{(dark ? "dark" : "light")}");
            await session.Page.EvaluateAsync(axe + "; 0");
            string report = await session.Page.EvaluateAsync<string>(
                "async () => JSON.stringify((await axe.run({ resultTypes: ['violations'] })).violations.map(v => ({ impact: v.impact, id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)) })))");
            var severe = JsonSerializer.Deserialize<JsonElement[]>(report)!.Where(fault => fault.GetProperty("impact").GetString() is "serious" or "critical").ToList();
            severe.ShouldBeEmpty($"{name}: {report}");
        }
    }

    private static async Task ShowAsync(PageSession session, string view, string ready)
    {
        await session.GoAsync(view);
        await session.Page.Locator(ready).First.WaitForAsync();
        // Closed parts are part of the view.
        await session.Page.EvaluateAsync("() => document.querySelectorAll('main details').forEach(details => { details.open = true; })");
        await session.Page.Locator(".waiting").First.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
    }

    private static Task<long> TransferredAsync(IPage page) => page.EvaluateAsync<long>(
        "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.transferSize, 0)");
}
