using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

/// <summary>Pixels and masks of the real trees.</summary>
public sealed class RealPixelTests
{
    private const string Data = "data/safe_l1c";

    private static SafeProduct Open(string tree, string? tile = null) => SafeProduct.Open(SharedData.PathOf(Data + "/" + tree), tile);

    [SharedDataFact(Data)]
    public void A_real_band_of_baseline_05_11_reads_on_the_grid_of_its_metadata()
    {
        var product = Open("S2C_MSIL1C_20250228T031721_N0511_R118_T48PVS_20250228T065233.SAFE");
        using var reader = new SafeReader(product);
        var band = SafeBand.Parse("B01");

        reader.Grid(band).ShouldBe(product.Grid(60));
        var (values, validity) = reader.ReadReflectance(band, new Window(600, 600, 200, 100));

        validity.Pixels.ShouldAllBe(v => v == Validity.Valid);
        // Clear to cloudy tropical land seen in coastal blue.
        values.Pixels.Average(v => (double)v).ShouldBeInRange(0.08, 0.4);
        Should.Throw<InputException>(() => reader.ReadBand(SafeBand.B02, new Window(0, 0, 1, 1))).Message.ShouldContain("T48PVS_20250228T031721_B02.jp2 is not there");
        product.DetectorFootprint(SafeBand.B04).ShouldBeNull();
        QualityMasks.Clouds(product).ShouldBe(new CloudEvidence(1.7429305144973, null, null, null, null));
    }

    [SharedDataTheory(Data)]
    [InlineData("wagl/S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip", 172)]
    [InlineData("wagl/S2B_MSIL1C_20170719T000219_N0205_R030_T56JKT_20170719T000218.zip", 172)]
    [InlineData("eo-datasets/S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip", 439)]
    [InlineData("eo-datasets/S2A_MSIL1C_20201031T004711_N0209_R102_T53JQJ_20201031T022859.zip", 20)]
    [InlineData("eo-datasets/S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.zip", 20)]
    public void Decimated_bands_in_archives_read_in_place_whatever_their_format(string tree, int size)
    {
        using var reader = new SafeReader(Open(tree));
        foreach (var band in SafeBand.All)
        {
            var grid = reader.Grid(band);
            reader.ReadBand(band, grid.Bounds).DigitalNumbers.Pixels.Length.ShouldBe(grid.Width * grid.Height);
        }

        (reader.Grid(SafeBand.B04).Width, reader.Grid(SafeBand.B04).Height).ShouldBe((size, size));
        var refusal = Should.Throw<InputException>(() => reader.ReadBand(SafeBand.B04, new Window(0, 0, 10980, 10980)));
        refusal.Message.ShouldContain($"has {size} x {size} pixels");
    }

    [SharedDataTheory(Data)]
    [InlineData("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE", null)]
    [InlineData("s2reader/zipped_safe/S2A_MSIL1C_20170809T100031_N0205_R122_T32TQT_20170809T100028.zip", null)]
    [InlineData("s2reader/zipped_safe/S2A_MSIL1C_20170908T100031_N0205_R122_T33UWP_20170908T100655.zip", null)]
    [InlineData("eo-datasets/S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.zip", null)]
    [InlineData("s2reader/safe/S2A_OPER_PRD_MSIL1C_PDMC_20160905T104813_R002_V20160905T005712_20160905T010424.SAFE", "T53HLA")]
    [InlineData("s2reader/safe/S2A_OPER_PRD_MSIL1C_PDMC_20160905T104813_R002_V20160905T005712_20160905T010424.SAFE", "T53HNA")]
    public void Detectors_of_the_mask_are_those_of_the_view_angles(string tree, string? tile)
    {
        var product = Open(tree, tile);
        foreach (var band in SafeBand.All)
        {
            var footprint = product.DetectorFootprint(band).ShouldNotBeNull();
            // A sliver of a detector between two nodes has no angles.
            product.ViewAngles(band).Keys.ShouldBeSubsetOf(footprint.Polygons!.Select(p => p.Detector));
            footprint.Polygons!.All(p => p.Ring.Count >= 4 && p.Ring[0].Equals(p.Ring[^1])).ShouldBeTrue();
        }
    }

    [SharedDataFact(Data)]
    public void A_detector_polygon_is_the_one_in_the_file()
    {
        var product = Open("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE");

        var polygons = product.DetectorFootprint(SafeBand.B04)!.Polygons!;

        polygons.Select(p => p.Detector).ShouldBe([9, 10, 11, 12]);
        polygons[0].Ring.ShouldBe([(502647.333743418566883, 4700040.0), (499980.0, 4690277.26546251680702), (499980, 4700040), (502647.333743418566883, 4700040.0)]);
    }

    [SharedDataTheory(Data)]
    [InlineData("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE")]
    [InlineData("s2reader/zipped_safe/S2A_MSIL1C_20170908T100031_N0205_R122_T33UWP_20170908T100655.zip")]
    [InlineData("eo-datasets/S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.zip")]
    public void Clouds_counted_in_the_polygons_agree_with_the_declared_per_cent(string tree)
    {
        var evidence = QualityMasks.Clouds(Open(tree));

        evidence.MaskFile.ShouldEndWith("MSK_CLOUDS_B00.gml");
        evidence.CloudPercent!.Value.ShouldBe(evidence.DeclaredPercent!.Value, 0.5);
        evidence.SnowPercent.ShouldBeNull();
    }

    [SharedDataFact(Data)]
    public void Band_quality_is_counted_from_the_polygons()
    {
        var product = Open("s2reader/zipped_safe/S2A_MSIL1C_20170809T100031_N0205_R122_T32TQT_20170809T100028.zip");

        // MSK_NODATA_B11 holds a polygon of a few pixels, MSK_NODATA_B04 none.
        QualityMasks.Band(product, SafeBand.Parse("B11"))!.NoDataPercent.ShouldBeInRange(0, 0.1);
        QualityMasks.Band(product, SafeBand.B04).ShouldBe(new BandQuality(0, 0, 0, 0, 0));
    }

    [SharedDataTheory(RealPairFixture.RequiredData)]
    [InlineData("02.04", 0)]
    [InlineData("02.09", 0)]
    [InlineData("05.11", -1000)]
    public void A_pair_of_real_pixels_and_real_metadata_makes_two_products_on_one_grid(string baseline, double offset)
    {
        using var folder = new TemporaryFolder();
        var area = RealPairFixture.ClearArea with { Width = 300, Height = 240 };

        var (earlierPath, laterPath) = RealPairFixture.Build(folder.Path, baseline, area, SafeBand.B04, SafeBand.B8A);

        SafeProduct earlier = SafeProduct.Open(earlierPath), later = SafeProduct.Open(laterPath);
        foreach (var product in new[] { earlier, later })
        {
            product.ProcessingBaseline.ShouldBe(baseline);
            product.Tile.ShouldBe("T33UUU");
            product.RadiometricOffset(SafeBand.B04).ShouldBe(offset);
            using var reader = new SafeReader(product);
            reader.Grid(SafeBand.B04).ShouldBe(area);
            reader.Grid(SafeBand.B8A).ShouldBe(product.Grid(20));
            reader.ReadReflectance(SafeBand.B04, area.Bounds).Values.Pixels.Average(v => (double)v).ShouldBeInRange(0.03, 0.3);
        }

        earlier.ToAcquisition(SafeBand.B04).DateStamp.ShouldBe("20160529");
        later.ToAcquisition(SafeBand.B04).DateStamp.ShouldBe("20160608");
        var detectors = later.DetectorFootprint(SafeBand.B04);
        if (baseline == "02.04")
            detectors!.Polygons!.Select(p => p.Detector).ShouldBe([9, 10, 11, 12]);
        else if (baseline == "05.11" && SharedData.Has("data/safe_l2a_N0400_masks"))
            detectors!.Detectors!.Pixels.Distinct().Count().ShouldBeGreaterThan(1);
        else
            detectors.ShouldBeNull();
    }
}
