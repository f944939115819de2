using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>A map of 10980 x 10980 pixels: only the blocks and overviews that are looked at come over the wire.</summary>
[Collection(PageCollection.Name)]
public sealed class WholeTileTests(PageFixture fixture, ITestOutputHelper output)
{
    private const int Side = 10980;

    // Noise in the overviews that a screen shows compresses as badly as a real map does; equal pixels below them keep the test short.
    private const int EqualPixels = 8;

    private const long MostBytes = 5_000_000;

    private const string BytesOfRasters =
        "() => performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('.tif')).reduce((sum, entry) => sum + entry.transferSize, 0)";

    [BrowserFact]
    public async Task The_first_view_of_a_whole_tile_takes_at_most_5_MB_and_a_look_at_single_pixels_a_few_blocks()
    {
        string job = await fixture.RunAsync(new JsonObject { ["title"] = "Whole tile" });
        string path = Directory.GetFiles(Path.Combine(fixture.ResultOf(job), "Analysis"), "*_Mean_displacement_EW_*.tif").Single();
        Write(path);
        using var raster = RasterFile.Open(path);
        foreach (var (width, height) in ((int, int)[])[(1280, 860), (1920, 1080)])
        {
            await using var session = await PageSession.OpenAsync(fixture, size: new ViewportSize { Width = width, Height = height });
            var page = session.Page;
            await page.EvaluateAsync("() => performance.setResourceTimingBufferSize(5000)");
            await session.GoAsync($"jobs/{job}/map");
            await page.Locator(".tool").WaitForAsync();
            long first = await SettledAsync(page);
            first.ShouldBeInRange(100_000, MostBytes, $"{width} x {height}");

            var box = (await page.Locator(".map").First.BoundingBoxAsync())!;
            await page.Mouse.MoveAsync(box.X + box.Width / 2 + 7, box.Y + box.Height / 2 + 5);
            var (value, easting, northing) = await session.ReadOutAsync();
            raster.Read<float>(1, new Window((int)raster.Grid.Column(easting), (int)raster.Grid.Row(northing), 1, 1))[0, 0].ShouldBe((float)value, 1e-6f);
            for (int turn = 0; turn < 8; turn++)
                await page.Mouse.WheelAsync(0, -400);
            long near = await SettledAsync(page);
            await page.Mouse.WheelAsync(0, -400);
            await session.DragAsync((box.X + box.Width / 2, box.Y + box.Height / 2), (box.X + box.Width / 4, box.Y + box.Height / 4));
            long moved = await SettledAsync(page);
            (moved - first).ShouldBeLessThan(3 * MostBytes, $"{width} x {height}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{width} x {height}: first view {first / 1e6:0.00} MB, then {(near - first) / 1e6:0.00} MB for a value and going near, {(moved - near) / 1e6:0.00} MB for moving on; the file has {new FileInfo(path).Length / 1e6:0} MB"));
        }
    }

    // Until nothing more has come for a while.
    private static async Task<long> SettledAsync(IPage page)
    {
        long before = -1, bytes = 0;
        for (int turn = 0; turn < 120 && (bytes == 0 || bytes != before); turn++)
        {
            await page.WaitForTimeoutAsync(800);
            (before, bytes) = (bytes, await page.EvaluateAsync<long>(BytesOfRasters));
        }

        return bytes;
    }

    private static void Write(string path)
    {
        var random = new Random(5);
        using var writer = new GeoTiffWriter<float>(path, new RasterGrid(32611, 399960, 4000020, 10, Side, Side), new GeoTiffOptions { Description = "Mean displacement East-West [m], East is positive", Unit = "m" });
        for (int first = 0; first < Side; first += 128)
        {
            var rows = new Raster<float>(Side, Math.Min(128, Side - first));
            for (int y = 0; y < rows.Height; y++)
            {
                if (y % EqualPixels != 0)
                {
                    rows.Row(y - 1).CopyTo(rows.Row(y));
                    continue;
                }

                for (int x = 0; x < Side; x += EqualPixels)
                    rows.Row(y)[x..Math.Min(Side, x + EqualPixels)].Fill((float)(4 * random.NextDouble() - 2));
            }

            writer.WriteRows(first, rows);
        }

        writer.Complete();
    }
}
