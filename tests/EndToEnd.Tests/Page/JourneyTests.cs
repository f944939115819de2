using System.IO.Compression;
using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;
using Microsoft.Playwright;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>From two products to a fault offset, as somebody does it who has never seen the page.</summary>
[Collection(PageCollection.Name)]
public sealed class JourneyTests(PageFixture fixture)
{
    private const double OffsetTolerance = 0.5;

    // At right angles to the fault, 1.7 km to each side.
    private static readonly (double East, double North) s_right =
        (1700 * Math.Sin((PageFixture.StrikeDegrees + 90) * Math.PI / 180), 1700 * Math.Cos((PageFixture.StrikeDegrees + 90) * Math.PI / 180));

    [BrowserFact]
    public async Task At_most_twelve_clicks_lead_from_two_products_to_the_offset_of_the_fault()
    {
        await using var session = await PageSession.OpenAsync(fixture);
        var page = session.Page;
        await session.ClickAsync(Card(page, "2019-06-28").GetByRole(AriaRole.Button, new() { Name = "Before" }));
        await session.ClickAsync(Card(page, "2019-07-08").GetByRole(AriaRole.Button, new() { Name = "After" }));
        await page.Locator(".quicklook img").Nth(1).WaitForAsync();
        await session.PictureAsync("images");
        await session.ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "See the plan" }));
        (await page.Locator(".plan").InnerTextAsync()).ShouldContain("T11SMV_20190628_vs_20190708");
        await session.PictureAsync("plan");
        await session.ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }));
        await page.Locator(".badge").WaitForAsync();
        var map = page.GetByRole(AriaRole.Link, new() { Name = "Open the map" });
        await map.WaitForAsync();
        await session.PictureAsync("job");
        await session.ClickAsync(map);
        await page.Locator(".tool").WaitForAsync();

        await session.PointAsync(-1500, 900);
        var (value, easting, northing) = await session.ReadOutAsync();
        Stored(Path.GetFileName(new Uri(page.Url.Replace("/#/", "/", StringComparison.Ordinal)).AbsolutePath.Replace("/map", "", StringComparison.Ordinal)), easting, northing).ShouldBe(value, 1e-6);

        await session.ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "Draw across the fault" }));
        await session.ClickMapAsync(-s_right.East, -s_right.North);
        await session.ClickMapAsync(s_right.East, s_right.North);
        double offset = await session.OffsetAsync();
        session.Clicks.ShouldBeLessThanOrEqualTo(12);
        offset.ShouldBe(-PageFixture.SlipMetres, OffsetTolerance);
        await page.Locator(".chart canvas").WaitForAsync();
        await session.PictureAsync("offset");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Download tables and charts" }).ClickAsync());
        using var archive = ZipFile.OpenRead(await download.PathAsync());
        archive.Entries.Select(entry => entry.FullName).ShouldBe(["profile_001.csv", "profile_001.png", "slip.csv", "slip.geojson", "slip.png"], ignoreOrder: true);
        await page.GetByRole(AriaRole.Link, new() { Name = "Job, files and parameters" }).ClickAsync();
        var raster = page.GetByRole(AriaRole.Link, new() { Name = "MM_Mean_displacement_EW_T11SMV_20190628_to_20190708.tif" });
        download = await page.RunAndWaitForDownloadAsync(() => raster.ClickAsync());
        using var downloaded = RasterFile.Open(await download.PathAsync());
        downloaded.Width.ShouldBe((int)(PageFixture.SideMetres / 10));
    }

    [BrowserFact]
    public async Task The_keyboard_alone_leads_to_the_offset_too()
    {
        await using var session = await PageSession.OpenAsync(fixture);
        var page = session.Page;
        await PressAsync(Card(page, "2019-06-28").GetByRole(AriaRole.Button, new() { Name = "Before" }));
        await PressAsync(Card(page, "2019-07-08").GetByRole(AriaRole.Button, new() { Name = "After" }));
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "See the plan" }));
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }));
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Open the map" }));
        await PressAsync(page.Locator("summary", new() { HasText = "By coordinates" }));
        double middleEasting = 399960 + PageFixture.SideMetres / 2, middleNorthing = 4000020 - PageFixture.SideMetres / 2;
        double[] numbers = [middleEasting - s_right.East, middleNorthing - s_right.North, middleEasting + s_right.East, middleNorthing + s_right.North];
        string[] labels = ["Start, easting", "Start, northing", "End, easting", "End, northing"];
        for (int i = 0; i < labels.Length; i++)
        {
            await session.TabToAsync(page.GetByLabel(labels[i]));
            await page.Keyboard.PressAsync("Control+A");
            await page.Keyboard.TypeAsync(Math.Round(numbers[i]).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Measure this line" }));
        (await session.OffsetAsync()).ShouldBe(-PageFixture.SlipMetres, OffsetTolerance);
        session.Clicks.ShouldBe(0);

        async Task PressAsync(ILocator target)
        {
            await session.TabToAsync(target);
            await page.Keyboard.PressAsync("Enter");
        }
    }

    [BrowserFact]
    public async Task Width_and_length_of_the_swath_are_set_by_dragging()
    {
        await using var session = await PageSession.OpenAsync(fixture, $"jobs/{fixture.Job}/map");
        var page = session.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw across the fault" }).ClickAsync();
        await session.ClickMapAsync(-s_right.East, -s_right.North);
        var first = await MeasuredAsync(() => session.ClickMapAsync(s_right.East, s_right.North));
        await session.OffsetAsync();

        var slider = (await page.GetByLabel("Width of the swath").BoundingBoxAsync())!;
        float y = slider.Y + slider.Height / 2;
        var wider = await MeasuredAsync(() => session.DragAsync((slider.X + slider.Width * 0.3f, y), (slider.X + slider.Width * 0.8f, y)));
        Width(wider).ShouldBeGreaterThan(Width(first) + 0.2);
        (await page.GetByText("Width of the swath: ").InnerTextAsync()).ShouldContain(FormattableString.Invariant($"{Width(wider)} km"));

        await page.Locator(".map").First.ScrollIntoViewIfNeededAsync();
        var longer = await MeasuredAsync(async () => await session.DragAsync(await session.OnMapAsync(s_right.East, s_right.North), await session.OnMapAsync(1.2 * s_right.East, 1.2 * s_right.North)));
        HalfLength(longer).ShouldBe(1.1 * HalfLength(first), 0.05);
        (await session.OffsetAsync()).ShouldBe(-PageFixture.SlipMetres, OffsetTolerance);

        static double Width(JsonNode answer) => answer["widthKilometres"]!.GetValue<double>();
        static double HalfLength(JsonNode answer) => answer["halfLengthKilometres"]!.GetValue<double>();
        async Task<JsonNode> MeasuredAsync(Func<Task> act)
        {
            var answer = await page.RunAndWaitForResponseAsync(act, response => response.Url.EndsWith("/profiles", StringComparison.Ordinal));
            return JsonNode.Parse(await answer.TextAsync())!;
        }
    }

    [BrowserFact]
    public async Task A_trace_gives_the_slip_along_the_fault()
    {
        await using var session = await PageSession.OpenAsync(fixture, $"jobs/{fixture.Job}/map");
        var page = session.Page;
        var choose = page.Locator("input[accept*='.kml']");
        await choose.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await choose.SetInputFilesAsync(Trace("fault.kml", $"<kml><Placemark><LineString><coordinates>{Degrees(-1100)} {Degrees(1100)}</coordinates></LineString></Placemark></kml>"));
        var rows = page.Locator(".tool .scroll tbody tr");
        await rows.Nth(2).WaitForAsync();
        foreach (string row in await rows.AllInnerTextsAsync())
            row.ShouldMatch(@"[\u2212][34]\.\d\d \u00b1");
        await session.PictureAsync("slip");

        static FilePayload Trace(string name, string text) => new() { Name = name, MimeType = "application/vnd.google-earth.kml+xml", Buffer = System.Text.Encoding.UTF8.GetBytes(text) };
    }

    // The place at a distance along the fault from the middle of the scene.
    private static string Degrees(double alongMetres)
    {
        double strike = PageFixture.StrikeDegrees * Math.PI / 180;
        using var transform = new CoordinateTransform(32611, CoordinateTransform.Wgs84);
        var (longitude, latitude) = transform.Transform(
            399960 + PageFixture.SideMetres / 2 + alongMetres * Math.Sin(strike), 4000020 - PageFixture.SideMetres / 2 + alongMetres * Math.Cos(strike));
        return FormattableString.Invariant($"{longitude},{latitude}");
    }

    private double Stored(string job, double easting, double northing)
    {
        using var raster = RasterFile.Open(Directory.GetFiles(Path.Combine(fixture.ResultOf(job), "Analysis"), "*_Mean_displacement_EW_*.tif").Single());
        var pixel = new Window((int)Math.Floor(raster.Grid.Column(easting)), (int)Math.Floor(raster.Grid.Row(northing)), 1, 1);
        return raster.Read<float>(1, pixel)[0, 0];
    }

    private static ILocator Card(IPage page, string date) => page.GetByRole(AriaRole.Group, new() { Name = $"Image of {date}, T11SMV" });
}
