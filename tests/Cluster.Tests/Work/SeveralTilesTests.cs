using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Tests.Worker;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class SeveralTilesTests
{
    private const int East = 200;

    [Fact]
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
        var parameters = new JobParameters
        {
            Pairing = new PairingParameters { SplitDate = DateOnly.Parse(TinyScene.SplitDate) },
            Terrain = new TerrainParameters { Dem = ["none"] },
            Tiling = new TilingParameters { TileSize = 256 },
            SpectralMask = new SpectralMaskParameters { CloudMask = false, SnowMask = false },
        };
        string output = folder["result"];
        var work = new PipelineWork(folder["work"], null, 1, TimeProvider.System);
        await using var cluster = await StubCluster.StartAsync(work, work);
        var job = StubCluster.NewJob() with { Request = new JobRequest(products, parameters, output).ToJson() };
        await cluster.Store.AcceptAsync(job, default);
        var ended = await cluster.UntilEndedAsync(job.Id);
        ended.Phase.ShouldBe(JobPhase.Succeeded, ended.Message);
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
    }

    private static Raster<float> All(RasterFile file) => file.Read<float>(1, new Window(0, 0, file.Width, file.Height));
}
