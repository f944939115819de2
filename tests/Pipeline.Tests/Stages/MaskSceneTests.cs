using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Tests.Stages;

public sealed class MaskSceneTests : IDisposable
{
    private const int Size = 600;

    private readonly string folder = Directory.CreateTempSubdirectory("gdm-mask").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_mask_is_the_same_with_and_without_a_radiometric_offset_and_for_any_number_of_threads()
    {
        var without = Mask("02.09", 1);
        var with = Mask("05.11", 2);
        with.Result.Codes.Pixels.ShouldBe(without.Result.Codes.Pixels);
        without.Grid.PixelSizeMetres.ShouldBe(20);
        without.Result.Codes[150, 150].ShouldBe(MaskCode.Cloud);
        without.Result.PixelsByCode[MaskCode.CloudShadow].ShouldBeGreaterThan(500);
        without.Result.Notes.ShouldContain(note => note.StartsWith("Terrain: none given", StringComparison.Ordinal));
    }

    [Fact]
    public void Null_and_saturation_are_told_from_the_numbers_before_any_mean_and_ten_metre_bands_are_averaged()
    {
        var specification = TinyProduct.Specification(size: 120);
        string path = SafeWriter.Write(folder, specification, band =>
        {
            var pixels = TinyProduct.Pixels(specification, band, Reflectance);
            switch (band.Name)
            {
                case "B03":
                    pixels[21, 31] = 0;
                    break;
                case "B02":
                    pixels[40, 40] = 65535;
                    break;
                case "B10":
                    pixels[5, 7] = 0;
                    break;
                case "B08":
                    pixels[80, 81] = 0;
                    break;
            }

            return pixels;
        });
        var (bands, grid) = SpectralBandReader.Read(SafeProduct.Open(path), new Workers(2));
        (grid.Width, grid.Height, grid.PixelSizeMetres).ShouldBe((60, 60, 20));
        for (int y = 0; y < 60; y++)
        {
            for (int x = 0; x < 60; x++)
            {
                var expected = (x, y) == (10, 15) ? PixelFlags.Null
                    : (x, y) == (20, 20) ? PixelFlags.SaturatedBlue
                    : x / 3 == 5 && y / 3 == 7 ? PixelFlags.NoCirrus
                    : (x, y) == (40, 40) ? PixelFlags.NoDisplacement
                    : PixelFlags.None;
                bands.Flags[x, y].ShouldBe(expected, $"({x}, {y})");
            }
        }

        double mean = Enumerable.Range(0, 4).Average(i => Math.Round(Reflectance(SafeBand.B03, 14 + i % 2, 18 + i / 2) * 10_000)) / 10_000;
        ((double)bands.Green[7, 9]).ShouldBe(mean, 1e-6);
        ((double)bands.Swir1[7, 9]).ShouldBe(Reflectance(SafeBand.Parse("B11"), 7, 9), 1e-4);
    }

    [Fact]
    public void The_written_mask_says_what_it_is()
    {
        var mask = Mask("05.11", 2);
        string file = Path.Combine(folder, "T11SMV_20190628_spectral_mask.tif");
        MaskScene.Write(file, mask);
        using var raster = RasterFile.Open(file);
        raster.NoData.ShouldBe(MaskCode.Null);
        raster.Grid.ShouldBe(mask.Grid);
        raster.BandDescription(1).ShouldContain("3 = cloud shadow");
        raster.Read<byte>(1).Pixels.ShouldBe(mask.Result.Codes.Pixels);
        var report = MaskScene.Report(mask.Result);
        ((long)report["pixelsByCode"]!["cloud"]!).ShouldBe(mask.Result.PixelsByCode[MaskCode.Cloud]);
    }

    [Fact]
    public void A_product_with_the_matched_band_alone_is_told_that_no_cloud_mask_is_possible()
    {
        var specification = TinyProduct.Specification() with { Bands = [SafeBand.B04] };
        var product = SafeProduct.Open(TinyProduct.Write(folder, specification));
        MaskScene.MissingBands(product).ShouldBe(["B02", "B03", "B8A", "B11", "B12"]);
        Should.Throw<InputException>(() => MaskScene.Compute(product, null, null, new SpectralMaskParameters(), Workers.Single))
            .Message.ShouldContain("no cloud mask is possible");
    }

    [SharedDataTheory("data/safe_l1c")]
    [InlineData("wagl/S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip")]
    [InlineData("wagl/S2B_MSIL1C_20170719T000219_N0205_R030_T56JKT_20170719T000218.zip")]
    [InlineData("eo-datasets/S2A_MSIL1C_20201031T004711_N0209_R102_T53JQJ_20201031T022859.zip")]
    [InlineData("eo-datasets/S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.zip")]
    public void Real_products_with_decimated_bands_pass_and_say_that_they_are_coarse(string file)
    {
        var mask = MaskScene.Compute(SafeProduct.Open(SharedData.PathOf("data/safe_l1c/" + file)), null, null, new SpectralMaskParameters(), Workers.Single);
        mask.Result.Notes.ShouldContain(note => note.Contains("instead of 20 m"));
        mask.Result.PixelsByCode.Sum().ShouldBe(mask.Result.Codes.Pixels.Length);
    }

    [SharedDataTheory("data/safe_l1c")]
    [InlineData("eo-datasets/S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip")]
    public void Real_products_whose_bands_do_not_fit_each_other_are_refused_in_one_sentence(string file) =>
        Should.Throw<InputException>(() => MaskScene.Compute(SafeProduct.Open(SharedData.PathOf("data/safe_l1c/" + file)), null, null, new SpectralMaskParameters(), Workers.Single))
            .Message.ShouldContain("do not belong together");

    private SceneMask Mask(string baseline, int threads)
    {
        string path = TinyProduct.Write(folder, TinyProduct.Specification(baseline: baseline, size: Size), Reflectance);
        return MaskScene.Compute(SafeProduct.Open(path), null, null, new SpectralMaskParameters(), new Workers(threads));
    }

    /// <summary>Fields, one cloud in the middle, and its shadow 1200 m below it at the writer's default sun (zenith 40, azimuth 150 degrees).</summary>
    private static double Reflectance(SafeBand band, int x, int y)
    {
        double metres = band.ResolutionMetres, east = (x + 0.5) * metres, south = (y + 0.5) * metres;
        double shift = 1200 * Math.Tan(40 * Math.PI / 180);
        bool cloud = InDisc(east, south, 3000, 3000);
        bool shadow = !cloud && InDisc(east + shift * Math.Sin(150 * Math.PI / 180), south - shift * Math.Cos(150 * Math.PI / 180), 3000, 3000);
        bool field = ((int)(east / 700) + (int)(south / 500)) % 2 == 0;
        double[] ground = field ? [0.085, 0.08, 0.05, 0.3, 0.3, 0.29, 0.16, 0.08] : [0.105, 0.11, 0.13, 0.22, 0.22, 0.21, 0.26, 0.2];
        double[] spectrum = cloud ? [0.6, 0.58, 0.58, 0.64, 0.64, 0.63, 0.48, 0.34] : ground;
        int index = band.Name switch { "B02" => 0, "B03" => 1, "B04" => 2, "B8A" => 3, "B08" => 4, "B07" => 5, "B11" => 6, "B12" => 7, _ => -1 };
        double texture = 0.01 * Math.Sin(east / 37) * Math.Cos(south / 29);
        double parallax = cloud && band.Name == "B08" ? 0.05 * Math.Sin(east / 11) * Math.Sin(south / 13) : 0;
        double value = index < 0 ? (cloud ? 0.012 : 0.001) : spectrum[index] * (1 + texture + parallax);
        return shadow && index >= 0 ? 0.45 * value : value;
    }

    private static bool InDisc(double east, double south, double centreEast, double centreSouth) =>
        (east - centreEast) * (east - centreEast) + (south - centreSouth) * (south - centreSouth) < 500 * 500;
}
