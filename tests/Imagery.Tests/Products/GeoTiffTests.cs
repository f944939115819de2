using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Products;

public sealed class GeoTiffTests : IDisposable
{
    private static readonly GeoTiffOptions s_options = new()
    {
        Description = "Displacement to the South [m], South is positive",
        Unit = "m",
        Metadata = new Dictionary<string, string> { ["GDM_B"] = "2", ["GDM_A"] = "1" },
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_pixels_give_the_same_bytes()
    {
        GeoTiff.Write(_folder["a.tif"], TestRasters.Field(1300, 1100), TestRasters.Utm(1300, 1100), s_options);
        GeoTiff.Write(_folder["b.tif"], TestRasters.Field(1300, 1100), TestRasters.Utm(1300, 1100), s_options);
        _folder.Hash("a.tif").ShouldBe(_folder.Hash("b.tif"));
    }

    [Fact]
    public void Written_in_blocks_the_file_holds_the_same_as_at_once_and_always_the_same_bytes()
    {
        var raster = TestRasters.Field(1300, 1100);
        GeoTiff.Write(_folder["once.tif"], raster, TestRasters.Utm(1300, 1100), s_options);
        foreach (string name in new[] { "rows.tif", "again.tif" })
        {
            using var writer = new GeoTiffWriter<float>(_folder[name], TestRasters.Utm(1300, 1100), s_options);
            for (int y = 0; y < 1100; y += 300)
                writer.WriteRows(y, raster.Crop(new Window(0, y, 1300, Math.Min(300, 1100 - y))));
            File.Exists(_folder[name]).ShouldBeFalse();
            writer.Complete();
        }

        _folder.Hash("again.tif").ShouldBe(_folder.Hash("rows.tif"));
        using (var rows = RasterFile.Open(_folder["rows.tif"]))
        {
            using var once = RasterFile.Open(_folder["once.tif"]);
            rows.Read<float>(1).Bytes.SequenceEqual(once.Read<float>(1).Bytes).ShouldBeTrue();
            rows.Grid.ShouldBe(once.Grid);
            rows.Metadata().ShouldBe(once.Metadata(), ignoreOrder: true);
            rows.BandDescription(1).ShouldBe(once.BandDescription(1));
            rows.BlockSize(1).ShouldBe(once.BlockSize(1));
            rows.OverviewCount(1).ShouldBe(once.OverviewCount(1));
        }

        _folder.Files().Length.ShouldBe(3, "no staging file is left");
    }

    [Fact]
    public void Nothing_is_left_of_a_product_that_was_not_completed()
    {
        using (var writer = new GeoTiffWriter<byte>(_folder["x.tif"], TestRasters.Utm(100, 100)))
            writer.Write(new Raster<byte>(50, 50), 10, 10);
        _folder.Files().ShouldBeEmpty();
    }

    [Fact]
    public void Overviews_average_measurements_around_holes_and_keep_codes()
    {
        var field = new Raster<float>(1100, 1100).Fill(2);
        field[0, 0] = float.NaN;
        GeoTiff.Write(_folder["f.tif"], field, TestRasters.Utm(1100, 1100));
        var codes = new Raster<byte>(1100, 1100);
        for (int i = 0; i < codes.Pixels.Length; i++)
            codes.Pixels[i] = (byte)(i % 1100 < 550 ? 5 : 0);
        GeoTiff.Write(_folder["c.tif"], codes, TestRasters.Utm(1100, 1100), new GeoTiffOptions { Categorical = true });
        using var f = RasterFile.Open(_folder["f.tif"]);
        f.OverviewCount(1).ShouldBeGreaterThanOrEqualTo(2);
        f.Read<float>(1, f.Bounds, 275, 275, Resampling.Nearest)[0, 0].ShouldBe(2);
        using var c = RasterFile.Open(_folder["c.tif"]);
        c.Read<byte>(1, c.Bounds, 275, 275, Resampling.Nearest).Pixels.Distinct().Order().ShouldBe([(byte)0, (byte)5]);
        c.NoData.ShouldBeNull();
    }

    [Fact]
    public void Every_pixel_of_an_overview_is_the_mean_of_the_known_ones_below_it_at_every_seam_and_edge()
    {
        // 2745 rows become 1373, the last of which covers one.
        const int Width = 1001, Height = 2745;
        GeoTiff.Write(_folder["o.tif"], TestRasters.Field(Width, Height), TestRasters.Utm(Width, Height));
        using var file = RasterFile.Open(_folder["o.tif"]);
        file.OverviewCount(1).ShouldBe(3);
        int width = Width, height = Height;
        for (int level = 1; level <= 3; level++)
        {
            var fine = file.Read<float>(1, file.Bounds, width, height, Resampling.Nearest);
            (width, height) = ((width + 1) / 2, (height + 1) / 2);
            var coarse = file.Read<float>(1, file.Bounds, width, height, Resampling.Nearest);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    float[] below = [.. from row in Enumerable.Range(2 * y, 2) from column in Enumerable.Range(2 * x, 2)
                        where row < fine.Height && column < fine.Width && float.IsFinite(fine[column, row]) select fine[column, row]];
                    if (below.Length == 0)
                        float.IsNaN(coarse[x, y]).ShouldBeTrue($"({x}, {y}) of level {level}");
                    else
                        coarse[x, y].ShouldBe((float)below.Average(value => (double)value), 1e-6f, $"({x}, {y}) of level {level}");
                }
            }
        }
    }

    [Fact]
    public void An_overview_of_codes_takes_the_most_frequent_and_of_equals_the_first()
    {
        byte[] Halved(byte[] upper, byte[] lower)
        {
            var halved = new byte[(upper.Length + 1) / 2];
            Overviews.HalveRow<byte>(upper, lower, halved, categorical: true, double.NaN);
            return halved;
        }

        Halved([1, 2, 3, 4, 5, 6, 9], [2, 7, 4, 8, 6, 5, 9]).ShouldBe([(byte)2, (byte)4, (byte)5, (byte)9]);
        Halved([0, 1, 7, 7], [1, 1, 8, 8]).ShouldBe([(byte)1, (byte)7]);
    }

    [Fact]
    public void An_overview_of_integers_is_rounded_and_leaves_the_unknown_out()
    {
        var halved = new byte[3];
        Overviews.HalveRow<byte>([10, 11, 0, 4, 0, 0], [10, 11, 0, 0, 0, 0], halved, categorical: false, noData: 0);
        halved.ShouldBe([(byte)11, (byte)4, (byte)0]);
    }

    [Fact]
    public void The_file_tells_the_statistics_of_its_known_pixels()
    {
        var raster = TestRasters.Field(700, 600);
        raster[3, 5] = float.NaN;
        RasterStatistics statistics;
        using (var writer = new GeoTiffWriter<float>(_folder["s.tif"], TestRasters.Utm(700, 600), s_options))
        {
            for (int y = 0; y < 600; y += 250)
                writer.WriteRows(y, raster.Crop(new Window(0, y, 700, Math.Min(250, 600 - y))));
            statistics = writer.Complete();
        }

        double[] known = [.. raster.Pixels.Where(float.IsFinite).Select(v => (double)v)];
        double mean = known.Average();
        statistics.Count.ShouldBe(known.Length);
        statistics.Mean.ShouldBe(mean, 1e-9);
        statistics.StandardDeviation.ShouldBe(Math.Sqrt(known.Select(v => Math.Pow(v - mean, 2)).Average()), 1e-9);
        using var file = RasterFile.Open(_folder["s.tif"]);
        var metadata = file.BandMetadata(1);
        double.Parse(metadata["STATISTICS_MINIMUM"]).ShouldBe(known.Min(), 1e-6);
        double.Parse(metadata["STATISTICS_MAXIMUM"]).ShouldBe(known.Max(), 1e-6);
        double.Parse(metadata["STATISTICS_VALID_PERCENT"]).ShouldBe(100.0 * known.Length / raster.Pixels.Length, 0.01);
        GeoTiff.Write(_folder["u.tif"], new Raster<float>(50, 50).Fill(float.NaN), TestRasters.Utm(50, 50)).Count.ShouldBe(0);
        using var unknown = RasterFile.Open(_folder["u.tif"]);
        unknown.BandMetadata(1).Keys.ShouldNotContain("STATISTICS_MEAN");
    }

    [CogValidatorFact]
    public void Every_type_passes_gdals_own_cog_validator()
    {
        GeoTiff.Write(_folder["float.tif"], TestRasters.Field(1300, 1100), TestRasters.Utm(1300, 1100), s_options);
        GeoTiff.Write(_folder["byte.tif"], new Raster<byte>(1300, 1100).Fill(3), TestRasters.Utm(1300, 1100), new GeoTiffOptions { Categorical = true });
        GeoTiff.Write(_folder["ushort.tif"], TestRasters.Image(600, 1500), TestRasters.Utm(600, 1500));
        GeoTiff.Write(_folder["small.tif"], TestRasters.Field(100, 90), TestRasters.Utm(100, 90));
        CogValidatorFactAttribute.Validate([.. new[] { "float.tif", "byte.tif", "ushort.tif", "small.tif" }.Select(name => _folder[name])]);
    }

    [SmallDiskFact]
    public void A_full_disk_is_one_sentence_and_leaves_nothing_half_written()
    {
        using var disk = new SmallDisk(_folder["disk"], 1024);
        var noise = TestRasters.Image(1500, 1500);
        Should.Throw<InputException>(() => GeoTiff.Write(Path.Combine(disk.Folder, "x.tif"), noise, TestRasters.Utm(1500, 1500)))
            .Message.ShouldContain("free some space");
        Should.Throw<InputException>(() => RasterCopy.WriteJpeg2000(Path.Combine(disk.Folder, "x.jp2"), noise, TestRasters.Utm(1500, 1500)))
            .Message.ShouldContain("free some space");
        Should.Throw<InputException>(() =>
        {
            using var writer = new GeoTiffWriter<ushort>(Path.Combine(disk.Folder, "y.tif"), TestRasters.Utm(1500, 1500));
            writer.WriteRows(0, noise);
            writer.Complete();
        }).Message.ShouldContain("free some space");
        Directory.GetFiles(disk.Folder, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        File.WriteAllText(_folder["file"], "");
        Should.Throw<InputException>(() => GeoTiff.Write(_folder["file/x.tif"], new Raster<byte>(5, 5), TestRasters.Utm(5, 5)))
            .Message.ShouldContain("choose a place where you may write");
    }
}
