using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Tests.LocalRun;

public class ResultTests(TinyJob job) : IClassFixture<TinyJob>
{
    [Fact]
    public void A_job_writes_the_documented_files_on_the_grid_of_the_images()
    {
        var places = job.Places("documented");
        var result = job.Run(TinyJob.Parameters, places).Result;
        foreach (string name in (string[])[
            "Analysis/MM_Mean_displ_magnitude_T11SMV_20190628_to_20190713.tif", "Analysis/MM_Mean_displacement_EW_T11SMV_20190628_to_20190713.tif",
            "Analysis/MM_Mean_displacement_NS_T11SMV_20190628_to_20190713.tif", "Displacements/MM_EW_displ_T11SMV_20190703_vs_20190708_corrected.tif",
            "Displacements/MM_NS_displ_T11SMV_20190703_vs_20190708_FILTER_Displmax.tif", "Displacements/MM_Corr_T11SMV_20190703_20190708.tif",
            "Masks/T11SMV_20190703_20190708_decorrel_mask.tif", "Masks/T11SMV_20190703_spectral_mask.tif", "Masks/T11SMV_slope_mask_mask.tif",
            "Preview/MM_Mean_displacement_EW_T11SMV_20190628_to_20190713.png", "job.json"])
        {
            result.Products.ShouldContain(name);
            File.Exists(Path.Combine(places.Out, name)).ShouldBeTrue(name);
        }

        foreach (string product in result.Products.Where(p => p.EndsWith(".tif", StringComparison.Ordinal)))
        {
            using var file = RasterFile.Open(Path.Combine(places.Out, product));
            var grid = file.Grid;
            (grid.EpsgCode, grid.OriginX, grid.OriginY).ShouldBe((TinyScene.Grid.EpsgCode, TinyScene.Grid.OriginX, TinyScene.Grid.OriginY), product);
            (grid.Width * grid.PixelSizeMetres).ShouldBe(TinyScene.Grid.Width * 10, product);
            file.BandDescription(1).ShouldNotBeEmpty(product);
        }

        Directory.GetFileSystemEntries(places.Out).Select(f => Path.GetFileName(f)).Order().ShouldBe([".gdm-work", "Analysis", "Displacements", "Masks", "Preview", "README.md", "job.json", "stac-item.json"], ignoreOrder: true);
    }

    [Fact]
    public void The_slip_of_the_scene_is_measured_in_metres_with_the_documented_sign()
    {
        var places = job.Places("slip");
        var result = job.Run(TinyJob.With(("jitter-correction", "false"), ("plane-protection", "none")), places).Result;
        using var east = RasterFile.Open(Path.Combine(places.Out, result.Products.Single(p => p.StartsWith("Analysis/MM_Mean_displacement_EW", StringComparison.Ordinal) && p.EndsWith(".tif", StringComparison.Ordinal))));
        int half = TinyScene.Side / 2, border = 24;
        var upper = east.Read<float>(1, new Window(border, border, TinyScene.Side - 2 * border, half - border - 20));
        var lower = east.Read<float>(1, new Window(border, half + 20, TinyScene.Side - 2 * border, half - border - 20));
        double offset = Median(lower) - Median(upper);
        // A plane through a scene this small takes part of the step; what is left has its sign and most of its size.
        offset.ShouldBeInRange(0.1 * 10 * TinyScene.SlipPixels, 1.1 * 10 * TinyScene.SlipPixels);
    }

    [Fact]
    public void Without_corrections_the_fields_are_as_measured_and_there_is_no_filtered_file()
    {
        var places = job.Places("raw");
        var result = job.Run(TinyJob.With(("apply-correction", "false")), places).Result;
        result.Products.ShouldNotContain(p => p.Contains("FILTER", StringComparison.Ordinal) || p.Contains("removed", StringComparison.Ordinal));
        using var file = RasterFile.Open(Path.Combine(places.Out, result.Products.Single(p => p.EndsWith("MM_EW_displ_T11SMV_20190628_vs_20190708_corrected.tif", StringComparison.Ordinal))));
        file.Metadata()["CORRECTIONS"].ShouldBe("none");
        int half = TinyScene.Side / 2, border = 24;
        var upper = file.Read<float>(1, new Window(border, border, TinyScene.Side - 2 * border, half - border - 20));
        var lower = file.Read<float>(1, new Window(border, half + 20, TinyScene.Side - 2 * border, half - border - 20));
        Median(upper).ShouldBe(-0.17 - TinyScene.SlipPixels / 2, 0.05);
        Median(lower).ShouldBe(-0.17 + TinyScene.SlipPixels / 2, 0.05);
    }

    [Fact]
    public void Job_json_tells_parameters_inputs_stages_and_what_each_pixel_fell_to()
    {
        var places = job.Places("json");
        job.Run(TinyJob.Parameters, places);
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(places.Out, "job.json")))!;
        record["parameters"]!["splitDate"]!.GetValue<string>().ShouldBe(TinyScene.SplitDate);
        record["parameters"]!["windowSize"]!.GetValue<int>().ShouldBe(3);
        record["inputs"]!.AsArray().Count.ShouldBe(4);
        record["stages"]!.AsArray().Select(s => s!["stage"]!.GetValue<string>()).ShouldContain("correlate-tile");
        record["masks"]!.AsArray().Count.ShouldBe(4);
        foreach (var pair in record["pairs"]!.AsArray())
        {
            long valid = pair!["valid"]!.GetValue<long>(), pixels = pair["pixels"]!.GetValue<long>();
            pixels.ShouldBe((long)TinyScene.Side * TinyScene.Side);
            long removed = pair["removedBy"]!.AsObject().Sum(r => r.Value!.GetValue<long>());
            (valid + removed).ShouldBeGreaterThanOrEqualTo(pixels);
            valid.ShouldBeGreaterThan(pixels / 2);
        }
    }

    [Fact]
    public void A_backward_pair_gives_the_opposite_field_and_the_same_mean()
    {
        var forward = job.Places("forward");
        var both = job.Places("both");
        string mean = job.Run(TinyJob.Parameters, forward).Result.Products[1];
        job.Run(TinyJob.With(("matching-direction", "Forward+Backward")), both);
        double one = MedianOf(Path.Combine(forward.Out, "Displacements/MM_EW_displ_T11SMV_20190628_vs_20190708_corrected.tif"));
        double other = MedianOf(Path.Combine(both.Out, "Displacements/MM_EW_displ_T11SMV_20190708_vs_20190628_corrected.tif"));
        other.ShouldBe(-one, 0.05);
        MedianOf(Path.Combine(both.Out, mean)).ShouldBe(MedianOf(Path.Combine(forward.Out, mean)), 0.3);
    }

    private static double MedianOf(string path)
    {
        using var file = RasterFile.Open(path);
        return Median(file.Read<float>(1, new Window(24, TinyScene.Side / 2 + 20, TinyScene.Side - 48, 70)));
    }

    private static double Median(Raster<float> raster) => OrderStatistics.Median(raster.Pixels.Where(float.IsFinite).ToArray());
}
