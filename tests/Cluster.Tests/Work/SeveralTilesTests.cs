using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Tests.Worker;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class SeveralTilesTests
{
    private const int East = 200;

    private static JobParameters Parameters { get; } = new()
    {
        Pairing = new PairingParameters { SplitDate = DateOnly.Parse(TinyScene.SplitDate) },
        Terrain = new TerrainParameters { Dem = ["none"] },
        Tiling = new TilingParameters { TileSize = 256 },
        SpectralMask = new SpectralMaskParameters { CloudMask = false, SnowMask = false },
    };

    private const string StacCheck = "tests/Pipeline.Tests/ResultDocuments/stac";

    [NodeFact(StacCheck)]
    public async Task A_job_over_two_neighbouring_tiles_gives_each_tile_its_results_and_one_mosaic_per_product()
    {
        using var folder = new ScratchFolder();
        var bands = new[] { SafeBand.Parse("B04") };
        // The second tile is named first: order is by name, not as given.
        string[] products =
        [
            TinyScene.Write(folder["scene"], 0, "T11SNV", bands, eastPixels: East), TinyScene.Write(folder["scene"], 2, "T11SNV", bands, eastPixels: East),
            TinyScene.Write(folder["scene"], 0, "T11SMV", bands), TinyScene.Write(folder["scene"], 2, "T11SMV", bands),
        ];
        string output = folder["result"];
        var ended = await RunAsync(folder, products, output);
        ended.Shape!.Stacks.ShouldBe(2);
        ended.UnitsDone.ShouldBe(ended.UnitsTotal);

        string[] mosaics = Directory.GetFiles(Path.Combine(output, "Analysis"), "*.tif");
        mosaics.Length.ShouldBe(Directory.GetFiles(Path.Combine(output, "T11SMV", "Analysis"), "*.tif").Length);
        mosaics.Length.ShouldBeGreaterThan(5);
        int compared = 0;
        foreach (string mosaic in mosaics)
        {
            using var whole = RasterFile.Open(mosaic);
            string Of(string tile) => Path.Combine(output, tile, "Analysis", Path.GetFileName(mosaic).Replace("mosaic", tile, StringComparison.Ordinal));
            using RasterFile first = RasterFile.Open(Of("T11SMV")), second = RasterFile.Open(Of("T11SNV"));
            whole.Width.ShouldBe(TinyScene.Side + East);
            whole.Height.ShouldBe(TinyScene.Side);
            whole.Grid.ShouldBe(TinyScene.Grid with { Width = TinyScene.Side + East });
            var (all, left, right) = (All(whole), All(first), All(second));
            for (int y = 0; y < TinyScene.Side; y++)
            {
                for (int x = 0; x < TinyScene.Side + East; x++)
                {
                    // The first tile lies on top wherever it has a value.
                    float expected = x < TinyScene.Side && !float.IsNaN(left[x, y]) ? left[x, y] : x >= East ? right[x - East, y] : float.NaN;
                    if (all[x, y] != expected && !(float.IsNaN(all[x, y]) && float.IsNaN(expected)))
                        throw new ShouldAssertException($"{Path.GetFileName(mosaic)} at ({x}, {y}) is {all[x, y]}, not {expected}.");
                    compared += float.IsNaN(expected) ? 0 : 1;
                }
            }
        }

        compared.ShouldBeGreaterThan(100_000);
        foreach (string mosaic in mosaics)
            File.ReadAllText(Path.ChangeExtension(mosaic, ".qml")).ShouldContain("singlebandpseudocolor");
        var item = JsonNode.Parse(File.ReadAllText(Path.Combine(output, "stac-item.json")))!;
        item["id"]!.GetValue<string>().ShouldBe("GDM-OPT-ETQ_mosaic_20190628_to_20190708");
        item["assets"]!.AsObject().Select(asset => Path.GetFileName(asset.Value!["href"]!.GetValue<string>())).Order()
            .ShouldBe(Directory.GetFiles(Path.Combine(output, "Analysis")).Select(Path.GetFileName).Order());
        item["assets"]!["mean_displacement_ew"]!["proj:shape"]!.AsArray().Select(side => side!.GetValue<int>()).ShouldBe([TinyScene.Side, TinyScene.Side + East]);
        item["links"]!.AsArray().Where(link => link!["rel"]!.GetValue<string>() == "related").Select(link => File.Exists(Path.Combine(output, link!["href"]!.GetValue<string>()))).ShouldBe([true, true]);
        item["links"]!.AsArray().Count(link => link!["rel"]!.GetValue<string>() == "derived_from").ShouldBe(4);
        var (exitCode, faults) = NodeFactAttribute.Run(StacCheck, "check.mjs", Path.Combine(output, "stac-item.json"));
        faults.ShouldBe("");
        exitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_tile_of_the_next_zone_is_resampled_into_the_zone_of_the_first_and_its_displacements_are_turned_with_it()
    {
        // At 114 degrees West, where zone 11 ends and 12 begins; the second tile begins in the middle of the first.
        using var folder = new ScratchFolder();
        var bands = new[] { SafeBand.Parse("B04") };
        var west = TinyScene.Grid with { OriginX = 768_000 };
        RasterGrid east;
        using (var across = new CoordinateTransform(32611, 32612))
        {
            var (x, y) = across.Transform(west.OriginX + 1200, west.OriginY);
            east = west with { EpsgCode = 32612, OriginX = Math.Round(x / 60) * 60, OriginY = Math.Round(y / 60) * 60 };
        }

        string[] products =
        [
            TinyScene.Write(folder["scene"], 0, "T11SQV", bands, grid: west), TinyScene.Write(folder["scene"], 2, "T11SQV", bands, grid: west),
            TinyScene.Write(folder["scene"], 0, "T12STE", bands, grid: east), TinyScene.Write(folder["scene"], 2, "T12STE", bands, grid: east),
        ];
        string output = folder["result"];
        await RunAsync(folder, products, output);

        string[] mosaics = Directory.GetFiles(Path.Combine(output, "Analysis"), "*.tif");
        mosaics.Length.ShouldBe(8);
        foreach (string mosaic in mosaics)
        {
            string name = Path.GetFileName(mosaic);
            using var whole = RasterFile.Open(mosaic);
            whole.Grid.EpsgCode.ShouldBe(32611);
            whole.Grid.OriginX.ShouldBe(west.OriginX);
            whole.Width.ShouldBeInRange(350, 400);
            RasterFile Of(string tile, string product) => RasterFile.Open(Path.Combine(output, tile, "Analysis", product.Replace("mosaic", tile, StringComparison.Ordinal)));
            using RasterFile first = Of("T11SQV", name), second = Of("T12STE", name);
            var (all, left, right) = (All(whole), All(first), All(second));
            bool isEastWest = name.Contains("displacement_EW", StringComparison.Ordinal), isNorthSouth = name.Contains("displacement_NS", StringComparison.Ordinal);
            using var other = isEastWest || isNorthSouth ? Of("T12STE", isEastWest ? name.Replace("_EW_", "_NS_", StringComparison.Ordinal) : name.Replace("_NS_", "_EW_", StringComparison.Ordinal)) : null;
            var across = other is null ? null : All(other);
            using var there = new CoordinateTransform(32611, 32612);
            using var geographic = new CoordinateTransform(32611, CoordinateTransform.Wgs84);
            int up = (int)Math.Round((whole.Grid.OriginY - west.OriginY) / 10), ofFirst = 0, ofSecond = 0;
            double worst = 0;
            for (int y = 0; y < whole.Height; y++)
            {
                for (int x = 0; x < whole.Width; x++)
                {
                    if (x < TinyScene.Side && y - up is >= 0 and < TinyScene.Side && !float.IsNaN(left[x, y - up]))
                    {
                        all[x, y].ShouldBe(left[x, y - up]);
                        ofFirst++;
                        continue;
                    }

                    double easting = whole.Grid.Easting(x + 0.5), northing = whole.Grid.Northing(y + 0.5);
                    var (e, n) = there.Transform(easting, northing);
                    double column = (e - second.Grid.OriginX) / 10 - 0.5, row = (second.Grid.OriginY - n) / 10 - 0.5;
                    double expected = Bilinear(right, column, row);
                    if (across is not null)
                    {
                        // Meridian convergence on the sphere, in each zone clockwise from true North; the axes differ by its difference.
                        var (longitude, latitude) = geographic.Transform(easting, northing);
                        double turn = Convergence(longitude, latitude, -111) - Convergence(longitude, latitude, -117);
                        expected = Math.Cos(turn) * expected + (isEastWest ? -1 : 1) * Math.Sin(turn) * Bilinear(across, column, row);
                    }

                    if (double.IsNaN(expected))
                        continue;
                    worst = Math.Max(worst, Math.Abs(all[x, y] - expected));
                    ofSecond++;
                }
            }

            ofFirst.ShouldBeGreaterThan(20_000, name);
            ofSecond.ShouldBeGreaterThan(10_000, name);
            worst.ShouldBeLessThan(0.01 * Math.Max(1, right.Pixels.ToArray().Where(float.IsFinite).Max(Math.Abs)), name);
        }
    }

    private static async Task<StoredJob> RunAsync(ScratchFolder folder, string[] products, string output)
    {
        var work = new PipelineWork(folder["work"], null, 1, TimeProvider.System);
        await using var cluster = await StubCluster.StartAsync(work, work);
        var job = StubCluster.NewJob() with { Request = new JobRequest(products, Parameters, output).ToJson() };
        await cluster.Store.AcceptAsync(job, default);
        var ended = await cluster.UntilEndedAsync(job.Id);
        ended.Phase.ShouldBe(JobPhase.Succeeded, ended.Message);
        return ended;
    }

    private static double Convergence(double longitude, double latitude, double meridian) =>
        Math.Atan(Math.Tan((longitude - meridian) * Math.PI / 180) * Math.Sin(latitude * Math.PI / 180));

    private static double Bilinear(Raster<float> raster, double x, double y)
    {
        int column = (int)Math.Floor(x), row = (int)Math.Floor(y);
        if (column < 0 || row < 0 || column + 1 >= raster.Width || row + 1 >= raster.Height)
            return double.NaN;
        double right = x - column, below = y - row;
        return (1 - below) * ((1 - right) * raster[column, row] + right * raster[column + 1, row]) + below * ((1 - right) * raster[column, row + 1] + right * raster[column + 1, row + 1]);
    }

    private static Raster<float> All(RasterFile file) => file.Read<float>(1, new Window(0, 0, file.Width, file.Height));
}
