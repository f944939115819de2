using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.EndToEnd.Tests.Run;

/// <summary>Real Sentinel-2 pixels with real metadata of several processing baselines, through the whole program.</summary>
public sealed class RealPairTests
{
    /// <summary>Shift between the dates, pixels, by phase correlation (SOURCE.txt of the data): later minus earlier is the opposite.</summary>
    private const double ShiftEast = -0.65, ShiftSouth = 1.82;

    // Inside the clear area; sides in multiples of 6 pixels.
    private static readonly RasterGrid s_area = RealPairFixture.ClearArea.Crop(new Window(300, 240, 480, 420));

    [SharedDataTheory(RealPairFixture.RequiredData)]
    [InlineData("02.04")]
    [InlineData("02.09")]
    [InlineData("05.11")]
    public void Real_products_of_every_baseline_give_all_products_on_their_grid(string baseline)
    {
        using var folder = new ScratchFolder();
        var (earlier, later) = RealPairFixture.Build(folder["products"], baseline, s_area);
        string output = folder["result"];
        var (code, text, error) = GdmProcess.Run("run", earlier, later, "--dem", "none", "--apply-correction", "false", "--spatial-matching-range", "3", "--out", output);
        code.ShouldBe(0, error);
        var files = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in (string[])["MM_Mean_displ_magnitude_T33UUU_20160529_to_20160608.tif", "MM_EW_displ_T33UUU_20160529_vs_20160608_corrected.tif", "MM_Corr_T33UUU_20160529_20160608.tif", "T33UUU_20160608_spectral_mask.tif"])
            files.ShouldContain(file => Path.GetFileName(file) == name);
        files.ShouldAllBe(file => File.Exists(file));
        double east = Median(files.Single(file => file.EndsWith("MM_EW_displ_T33UUU_20160529_vs_20160608_corrected.tif", StringComparison.Ordinal)));
        double south = Median(files.Single(file => file.EndsWith("MM_NS_displ_T33UUU_20160529_vs_20160608_corrected.tif", StringComparison.Ordinal)));
        // The data state the shift as reference (the later image) minus target.
        Math.Abs(east).ShouldBe(Math.Abs(ShiftEast), 0.1);
        Math.Abs(south).ShouldBe(Math.Abs(ShiftSouth), 0.1);
        (east * south).ShouldBeLessThan(0);
        JsonNode.Parse(File.ReadAllText(Path.Combine(output, "job.json")))!["inputs"]!.AsArray().Select(input => input!["processingBaseline"]!.GetValue<string>())
            .ShouldAllBe(found => found == baseline);
    }

    private static double Median(string path)
    {
        using var file = RasterFile.Open(path);
        var grid = file.Grid;
        (grid.EpsgCode, grid.OriginX, grid.OriginY, grid.PixelSizeMetres, grid.Width, grid.Height)
            .ShouldBe((s_area.EpsgCode, s_area.OriginX, s_area.OriginY, s_area.PixelSizeMetres, s_area.Width, s_area.Height));
        return OrderStatistics.Median(file.Read<float>(1, file.Bounds).Pixels.Where(float.IsFinite).ToArray());
    }
}
