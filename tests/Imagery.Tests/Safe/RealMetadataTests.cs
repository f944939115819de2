using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

/// <summary>Every product tree of the real data, against values read off the files themselves.</summary>
public sealed class RealMetadataTests
{
    private const string Data = "data/safe_l1c";
    private const string T01LAC = "stactools/S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE";
    private const string T46RER = "stactools/S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE";
    private const string Sentinel2C = "S2C_MSIL1C_20250228T031721_N0511_R118_T48PVS_20250228T065233.SAFE";
    private const string Old = "s2reader/safe/S2A_OPER_PRD_MSIL1C_PDMC_20160905T104813_R002_V20160905T005712_20160905T010424.SAFE";

    private static SafeProduct Open(string tree, string? tile = null) => SafeProduct.Open(SharedData.PathOf(Data + "/" + tree), tile);

    [SharedDataTheory(Data)]
    [InlineData(T01LAC, "T01LAC", "Sentinel-2A", "02.09", 29, 26481, "2020-07-17T22:19:41.024Z", 0)]
    [InlineData(T46RER, "T46RER", "Sentinel-2A", "03.01", 133, 32448, "2021-09-08T04:27:01.024Z", 0)]
    [InlineData(Sentinel2C, "T48PVS", "Sentinel-2C", "05.11", 118, 2519, "2025-02-28T03:17:21.025Z", -1000)]
    [InlineData("S2A_MSIL1C_20240101T102431_N0510_R065_T30NWM_20240101T122107.SAFE", "T30NWM", "Sentinel-2A", "05.10", 65, 44535, "2024-01-01T10:24:31.024Z", -1000)]
    [InlineData("S2B_MSIL1C_20230601T094549_N0509_R079_T34UDD_20230601T115221.SAFE", "T34UDD", "Sentinel-2B", "05.09", 79, 32566, "2023-06-01T09:45:49.024Z", -1000)]
    [InlineData("S2C_MSIL1C_20241031T100831_N9904_R122_T33TTG_20241031T102919.SAFE", "T33TTG", "Sentinel-2C", "99.04", 122, 807, "2024-10-31T10:08:31.024Z", -1000)]
    [InlineData("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE", "T32TNM", "Sentinel-2A", "02.04", 65, 8785, "2017-02-26T10:20:21.026Z", 0)]
    [InlineData("s2reader/zipped_safe/S2A_MSIL1C_20170809T100031_N0205_R122_T32TQT_20170809T100028.zip", "T32TQT", "Sentinel-2A", "02.05", 122, 11130, "2017-08-09T10:00:31.026Z", 0)]
    [InlineData("s2reader/zipped_safe/S2A_MSIL1C_20170908T100031_N0205_R122_T33UWP_20170908T100655.zip", "T33UWP", "Sentinel-2A", "02.05", 122, 11559, "2017-09-08T10:00:31.026Z", 0)]
    [InlineData("wagl/S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip", "T55JEJ", "Sentinel-2A", "02.06", 116, 12840, "2017-12-07T00:20:51.026Z", 0)]
    [InlineData("wagl/S2B_MSIL1C_20170719T000219_N0205_R030_T56JKT_20170719T000218.zip", "T56JKT", "Sentinel-2B", "02.05", 30, 1915, "2017-07-19T00:02:19.027Z", 0)]
    [InlineData("eo-datasets/S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip", "T56JMM", "Sentinel-2A", "02.06", 30, 15757, "2018-06-29T00:02:41.024Z", 0)]
    [InlineData("eo-datasets/S2A_MSIL1C_20201031T004711_N0209_R102_T53JQJ_20201031T022859.zip", "T53JQJ", "Sentinel-2A", "02.09", 102, 27984, "2020-10-31T00:47:11.024Z", 0)]
    [InlineData("eo-datasets/S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.zip", "T48LWP", "Sentinel-2A", "03.01", 32, 31632, "2021-07-13T03:20:51.024Z", 0)]
    public void Identity_and_radiometry_of_every_compact_product(
        string tree, string tile, string spacecraft, string baseline, int relativeOrbit, int absoluteOrbit, string datatakeStart, double offset)
    {
        var product = Open(tree);

        product.Tile.ShouldBe(tile);
        product.Spacecraft.ShouldBe(spacecraft);
        product.ProcessingBaseline.ShouldBe(baseline);
        product.RelativeOrbit.ShouldBe(relativeOrbit);
        product.AbsoluteOrbit.ShouldBe(absoluteOrbit);
        product.DatatakeStart.ShouldBe(DateTimeOffset.Parse(datatakeStart, CultureInfo.InvariantCulture));
        product.DatatakeType.ShouldBe("INS-NOBS");
        product.Bands.Select(b => b.Name).ShouldBe(SafeBand.All.Select(b => b.Name));
        SafeBand.All.ShouldAllBe(b => product.RadiometricOffset(b) == offset);
        product.QuantificationValue.ShouldBe(10000);
        product.NoDataValue.ShouldBe((ushort)0);
        product.SaturatedValue.ShouldBe((ushort)65535);
    }

    [SharedDataTheory(Data)]
    [InlineData(T01LAC, 32701, 99960, 8300020)]
    [InlineData(T46RER, 32646, 499980, 3100020)]
    [InlineData(Sentinel2C, 32648, 399960, 1200000)]
    [InlineData("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE", 32632, 499980, 4700040)]
    [InlineData("wagl/S2A_MSIL1C_20171207T002051_N0206_R116_T55JEJ_20171207T032513.zip", 32755, 499980, 6900040)]
    [InlineData("eo-datasets/S2A_MSIL1C_20180629T000241_N0206_R030_T56JMM_20180629T012042.zip", 32756, 399960, 6700000)]
    public void Grids_of_the_three_resolutions_share_their_corner(string tree, int epsg, double left, double top)
    {
        var product = Open(tree);

        product.Grid(10).ShouldBe(new RasterGrid(epsg, left, top, 10, 10980, 10980));
        product.Grid(20).ShouldBe(new RasterGrid(epsg, left, top, 20, 5490, 5490));
        product.Grid(SafeBand.Parse("B10")).ShouldBe(new RasterGrid(epsg, left, top, 60, 1830, 1830));
    }

    [SharedDataTheory(Data)]
    [InlineData(T01LAC)]
    [InlineData(T46RER)]
    public void Metadata_agree_with_what_stactools_made_of_the_same_product(string tree)
    {
        var product = Open(tree);
        using var expected = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf($"{Data}/{tree}/expected_output.json")));
        var properties = expected.RootElement.GetProperty("properties");

        product.MeanSunAngle.AzimuthDegrees.ShouldBe(properties.GetProperty("view:sun_azimuth").GetDouble(), 1e-9);
        (90 - product.MeanSunAngle.ZenithDegrees).ShouldBe(properties.GetProperty("view:sun_elevation").GetDouble(), 1e-9);
        product.RelativeOrbit.ShouldBe(properties.GetProperty("sat:relative_orbit").GetInt32());
        product.ProcessingBaseline.ShouldBe(properties.GetProperty("s2:processing_baseline").GetString());
        product.DatatakeStart.ShouldBe(properties.GetProperty("datetime").GetDateTimeOffset());
        $"EPSG:{product.Grid(10).EpsgCode}".ShouldBe(properties.GetProperty("proj:code").GetString());
        product.DeclaredCloudCoverPercent!.Value.ShouldBe(properties.GetProperty("eo:cloud_cover").GetDouble(), 1e-9);
        foreach (var asset in expected.RootElement.GetProperty("assets").EnumerateObject())
        {
            if (!asset.Value.TryGetProperty("eo:bands", out var bands) || bands.GetArrayLength() != 1)
                continue;
            var band = SafeBand.Parse(bands[0].GetProperty("name").GetString()!);
            var transform = asset.Value.GetProperty("proj:transform").EnumerateArray().Select(v => v.GetDouble()).ToArray();
            var shape = asset.Value.GetProperty("proj:shape").EnumerateArray().Select(v => v.GetInt32()).ToArray();
            product.Grid(band).ShouldBe(new RasterGrid(product.Grid(10).EpsgCode, transform[2], transform[5], transform[0], shape[1], shape[0]));
            var raster = asset.Value.GetProperty("raster:bands")[0];
            product.Reflectance(band, 1000).ShouldBe(1000 * raster.GetProperty("scale").GetDouble() + raster.GetProperty("offset").GetDouble(), 1e-12);
            Should.Throw<InputException>(() => product.BandPath(band)).Message
                .ShouldContain(asset.Value.GetProperty("href").GetString()!["./".Length..]);
        }
    }

    [SharedDataFact(Data)]
    public void Angles_of_a_full_tile_keep_their_nodes()
    {
        var product = Open(T01LAC);

        product.SunAngles.StepMetres.ShouldBe(5000);
        (product.SunAngles.Columns, product.SunAngles.Rows).ShouldBe((23, 23));
        product.SunAngles[0, 0].Zenith.ShouldBe(45.083, 5e-4);
        product.SunAngles[22, 22].Zenith.ShouldBe(45.2908, 5e-5);
        product.MeanSunAngle.ShouldBe(new MeanAngle(45.183085206095, 36.1960474596642));
        product.MeanViewAngle(SafeBand.B8A).ShouldBe(new MeanAngle(3.27449452552853, 137.8481810256));
        NodesSeen(product).ShouldBe((529, 30));
    }

    [SharedDataFact(Data)]
    public void Angles_of_a_partial_swath_are_not_a_number_outside_it()
    {
        var product = Open(T46RER);

        product.MeanSunAngle.ShouldBe(new MeanAngle(26.4931642669439, 142.987598836457));
        product.MeanViewAngle(SafeBand.B8A).ShouldBe(new MeanAngle(10.6338139343661, 289.352095701711));
        product.ViewAngles(SafeBand.B8A).Count.ShouldBe(2);
        NodesSeen(product).Seen.ShouldBe(147);
    }

    [SharedDataFact(Data)]
    public void An_old_product_lists_its_tiles_when_none_is_chosen()
    {
        var refusal = Should.Throw<InputException>(() => Open(Old));

        refusal.Message.ShouldContain("T53HLA, T53HMA, T53HNA, T53HNV, T53HPA, T53HPV");
        refusal.Message.ShouldContain("--tile");
        Should.Throw<InputException>(() => Open(Old, "T11SMV")).Message.ShouldContain("T53HLA");
    }

    [SharedDataFact(Data)]
    public void A_tile_of_an_old_product_is_chosen_with_or_without_its_T()
    {
        var product = Open(Old, "53hnv");

        product.Tile.ShouldBe("T53HNV");
        product.TilesInProduct.Count.ShouldBe(6);
        product.RelativeOrbit.ShouldBe(2);
        product.AbsoluteOrbit.ShouldBe(6291);
        product.SensingTime.ShouldBe(new DateTimeOffset(2016, 9, 5, 1, 4, 24, 2, TimeSpan.Zero));
        product.Grid(10).ShouldBe(new RasterGrid(32753, 499980, 6000040, 10, 10980, 10980));
        product.ViewAngles(SafeBand.Parse("B09")).Keys.ShouldBe([12]);
        product.MeanViewAngle(SafeBand.Parse("B10"))!.Value.ZenithDegrees.ShouldBe(11.2372293024206);
        product.MeanViewAngle(SafeBand.B02)!.Value.ZenithDegrees.ShouldBe(11.1848629473562);
        product.ToAcquisition(SafeBand.B04).Id.Value.ShouldBe("S2A_20160905T005712_T53HNV");
        Should.Throw<InputException>(() => product.BandPath(SafeBand.B04)).Message.ShouldContain("S2A_OPER_MSI_L1C_TL_SGS__20160905T073438_A006291_T53HNV_B04.jp2 has 0 bytes");
    }

    [SharedDataFact(Data)]
    public void An_empty_placeholder_of_a_band_is_named()
    {
        var product = Open("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE");

        product.HasBand(SafeBand.B04).ShouldBeFalse();
        Should.Throw<InputException>(() => product.BandPath(SafeBand.B04)).Message.ShouldContain("IMG_DATA/T32TNM_20170226T102021_B04.jp2 has 0 bytes");
    }

    [SharedDataTheory(Data)]
    [InlineData("S2A_MSIL1C_20240101T102431_N0510_R065_T30NWM_20240101T122107.SAFE", "GRANULE/L1C_T30NWM_A044535_20240101T102736/MTD_TL.xml")]
    [InlineData("S2B_MSIL1C_20230601T094549_N0509_R079_T34UDD_20230601T115221.SAFE", "GRANULE/L1C_T34UDD_A032566_20230601T094549/MTD_TL.xml")]
    [InlineData("S2C_MSIL1C_20241031T100831_N9904_R122_T33TTG_20241031T102919.SAFE/MTD_MSIL1C.xml", "GRANULE/L1C_T33TTG_A000807_20241031T100830/MTD_TL.xml")]
    public void A_tree_with_product_metadata_only_says_which_file_is_missing(string tree, string missing)
    {
        var product = Open(tree);

        product.HasTileMetadata.ShouldBeFalse();
        product.DeclaredCloudCoverPercent.ShouldNotBeNull();
        foreach (Action use in new Action[]
        {
            () => _ = product.SensingTime, () => product.Grid(10), () => _ = product.SunAngles, () => _ = product.MeanSunAngle,
            () => product.ViewAngles(SafeBand.B04), () => product.MeanViewAngle(SafeBand.B04), () => product.ToAcquisition(SafeBand.B04),
        })
        {
            Should.Throw<InputException>(use).Message.ShouldContain(missing);
        }
    }

    [SharedDataTheory(Data)]
    [InlineData("S2A_N0204_T34KGD_20161212_MTD_TL.xml", 32734, "2016-12-12T08:44:03.711Z")]
    [InlineData("S2A_N0207_T23LLF_20190425_MTD_TL.xml", 32723, "2019-04-25T13:26:00.865611Z")]
    [InlineData("S2B_N0301_T05VPH_20211016_MTD_TL.xml", 32605, "2021-10-16T21:28:32.222215Z")]
    public void Tile_metadata_alone_are_understood(string file, int epsg, string sensingTime)
    {
        string path = SharedData.PathOf($"{Data}/mtd_tl_only/{file}");
        using var xml = File.OpenRead(path);

        var tile = TileMetadata.Parse(xml, file);

        tile.SensingTime.ShouldBe(DateTimeOffset.Parse(sensingTime, CultureInfo.InvariantCulture));
        tile.Grid(20).EpsgCode.ShouldBe(epsg);
        tile.Masks.Count.ShouldBe(13 * 5 + 1);
        SafeBand.All.ShouldAllBe(b => tile.ViewAngles(b).Count > 0 && tile.MeanViewAngle(b) != null);
        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("not the metadata file of a Level-1C product");
    }

    [SharedDataFact("data/safe_l2a_N0400_masks")]
    public void A_level_2A_product_is_refused_by_name()
    {
        string folder = Directory.GetDirectories(SharedData.PathOf("data/safe_l2a_N0400_masks"))[0];

        Should.Throw<InputException>(() => SafeProduct.Open(folder)).Message.ShouldContain("Level-2A");
    }

    private static (int Seen, int SeenTwice) NodesSeen(SafeProduct product)
    {
        int[] detectors = new int[23 * 23];
        foreach (var grid in product.ViewAngles(SafeBand.B8A).Values)
        {
            for (int i = 0; i < detectors.Length; i++)
                detectors[i] += double.IsNaN(grid.ZenithDegrees[i]) ? 0 : 1;
        }

        return (detectors.Count(d => d > 0), detectors.Count(d => d > 1));
    }
}
