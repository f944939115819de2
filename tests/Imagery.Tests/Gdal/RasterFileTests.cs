using System.IO.Compression;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Gdal;

public sealed class RasterFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_library_says_its_version() => GdalLibrary.Version.ShouldMatch(@"^3\.\d+\.\d+");

    [Fact]
    public void Every_pixel_type_comes_back_as_it_was_written()
    {
        RoundTrip<byte>(i => (byte)i);
        RoundTrip<ushort>(i => (ushort)(i * 7));
        RoundTrip<short>(i => (short)(i * 3 - 5000));
        RoundTrip<int>(i => i * 100_003);
        RoundTrip<float>(i => i / 7f);
        RoundTrip<double>(i => i / 7.0);
        RoundTrip<Validity>(i => (Validity)(1 << (i % 15)));
    }

    private void RoundTrip<T>(Func<int, T> value)
        where T : unmanaged
    {
        var raster = new Raster<T>(70, 45);
        for (int i = 0; i < raster.Pixels.Length; i++)
            raster.Pixels[i] = value(i);
        string path = _folder[$"{typeof(T).Name}.tif"];
        GeoTiff.Write(path, raster, TestRasters.Utm(70, 45));
        using var file = RasterFile.Open(path);
        file.Read<T>(1).Pixels.ShouldBe(raster.Pixels);
        var window = new Window(13, 7, 21, 30);
        file.Read<T>(1, window).Pixels.ShouldBe(raster.Crop(window).Pixels);
    }

    [Fact]
    public void A_file_tells_its_grid_bands_blocks_and_no_data()
    {
        var grid = TestRasters.Utm(700, 600);
        GeoTiff.Write(_folder["field.tif"], TestRasters.Field(700, 600), grid, new GeoTiffOptions
        {
            Description = "Displacement to the East [m], East is positive",
            Unit = "m",
            Metadata = new Dictionary<string, string> { ["GDM_INPUT_1"] = "S2A" },
        });
        using var file = RasterFile.Open(_folder["field.tif"]);
        file.Grid.ShouldBe(grid);
        file.BandCount.ShouldBe(1);
        file.BlockSize(1).ShouldBe((512, 512));
        file.BandType(1).ShouldBe(PixelType.Float32);
        file.NoData.ShouldNotBeNull();
        file.NoData!.Value.ShouldBe(double.NaN);
        file.BandDescription(1).ShouldBe("Displacement to the East [m], East is positive");
        file.BandUnit(1).ShouldBe("m");
        file.Metadata()["GDM_INPUT_1"].ShouldBe("S2A");
        file.Driver.ShouldBe("GTiff");
    }

    [Fact]
    public void A_decimated_read_averages()
    {
        var raster = new Raster<float>(64, 64);
        for (int i = 0; i < raster.Pixels.Length; i++)
            raster.Pixels[i] = i % 64;
        GeoTiff.Write(_folder["ramp.tif"], raster, TestRasters.Utm(64, 64));
        using var file = RasterFile.Open(_folder["ramp.tif"]);
        var half = file.Read<float>(1, file.Bounds, 16, 16, Resampling.Average);
        half[0, 0].ShouldBe(1.5f);
        half[15, 9].ShouldBe(61.5f);
    }

    [Fact]
    public void A_raster_without_a_place_has_a_plain_pixel_grid()
    {
        RasterCopy.WritePng(_folder["plain.png"], new Raster<byte>(30, 20).Fill(7));
        using var file = RasterFile.Open(_folder["plain.png"]);
        file.HasGeoTransform.ShouldBeFalse();
        file.Grid.ShouldBe(new RasterGrid(0, 0, 0, 1, 30, 20));
        file.Read<byte>(1).Pixels.ShouldAllBe(v => v == 7);
    }

    [Fact]
    public void Lossless_jpeg_2000_returns_every_pixel_and_the_grid()
    {
        var image = TestRasters.Image(300, 260);
        RasterCopy.WriteJpeg2000(_folder["band.jp2"], image, TestRasters.Utm(300, 260));
        using var file = RasterFile.Open(_folder["band.jp2"]);
        file.Driver.ShouldBe("JP2OpenJPEG");
        file.Grid.ShouldBe(TestRasters.Utm(300, 260));
        file.Read<ushort>(1).Pixels.ShouldBe(image.Pixels);
        _folder.Files().Length.ShouldBe(1, "no side file");
    }

    [Fact]
    public void Jpeg_2000_decoded_by_two_threads_gives_the_same_pixels()
    {
        var image = TestRasters.Image(600, 500);
        RasterCopy.WriteJpeg2000(_folder["band.jp2"], image, TestRasters.Utm(600, 500), blockSize: 256);
        using var file = RasterFile.Open(_folder["band.jp2"], decodingThreads: 2);
        file.Read<ushort>(1).Pixels.ShouldBe(image.Pixels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_truncated_jpeg_2000_file_is_an_input_error_with_the_remedy_whatever_other_threads_read(int threads)
    {
        using var stop = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                GdalErrors.Clear();
        });
        RasterCopy.WriteJpeg2000(_folder["whole.jp2"], TestRasters.Image(600, 600), TestRasters.Utm(600, 600), blockSize: 256);
        byte[] bytes = File.ReadAllBytes(_folder["whole.jp2"]);
        File.WriteAllBytes(_folder["half.jp2"], bytes[..(bytes.Length / 2)]);
        var error = Should.Throw<InputException>(() =>
        {
            using var file = RasterFile.Open(_folder["half.jp2"], threads);
            file.Read<ushort>(1);
        });
        await stop.CancelAsync();
        await others;
        error.Message.ShouldContain("half.jp2");
        error.Message.ShouldContain("GDAL says");
        error.Message.ShouldNotContain("no reason given");
        error.Message.ShouldContain("fetch it again");
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void A_missing_file_and_a_file_that_is_no_raster_are_told_apart()
    {
        Should.Throw<InputException>(() => RasterFile.Open(_folder["nothing.tif"])).Message.ShouldContain("does not exist");
        File.WriteAllText(_folder["text.tif"], "not a raster");
        Should.Throw<InputException>(() => RasterFile.Open(_folder["text.tif"])).Message.ShouldContain("cannot be opened as a raster");
    }

    [Fact]
    public void A_small_file_that_claims_two_billion_pixels_is_refused()
    {
        using (var writer = new RasterWriter(_folder["huge.tif"], TestRasters.Utm(65536, 32768), PixelType.Byte, new BandAttributes(), "SPARSE_OK=TRUE", "TILED=YES"))
            writer.Complete();
        new FileInfo(_folder["huge.tif"]).Length.ShouldBeLessThan(2_000_000);
        Should.Throw<InputException>(() => RasterFile.Open(_folder["huge.tif"])).Message.ShouldContain("claims 65536 x 32768 pixels");
    }

    [Fact]
    public void Wrong_bands_and_windows_and_late_reads_are_programming_errors()
    {
        GeoTiff.Write(_folder["a.tif"], new Raster<byte>(20, 10), TestRasters.Utm(20, 10));
        var file = RasterFile.Open(_folder["a.tif"]);
        Should.Throw<ArgumentOutOfRangeException>(() => file.Read<byte>(2)).Message.ShouldContain("bands 1 to 1");
        Should.Throw<ArgumentOutOfRangeException>(() => file.Read<byte>(1, new Window(15, 0, 10, 10))).Message.ShouldContain("10x10+15+0");
        Should.Throw<ArgumentOutOfRangeException>(() => file.Read<byte>(1, new Window(0, 0, 0, 0)));
        file.Dispose();
        file.Dispose();
        Should.Throw<ObjectDisposedException>(() => file.Read<byte>(1));
    }

    [Fact]
    public void A_rotated_raster_has_no_grid_and_says_what_to_do()
    {
        File.WriteAllText(_folder["r.vrt"], "<VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"><GeoTransform>0,10,1,0,1,-10</GeoTransform><VRTRasterBand dataType=\"Byte\" band=\"1\"/></VRTDataset>");
        using var file = RasterFile.Open(_folder["r.vrt"]);
        Should.Throw<InputException>(() => file.Grid).Message.ShouldContain("gdalwarp");
    }

    [Fact]
    public void Failures_of_many_threads_land_on_the_thread_that_caused_them()
    {
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            string name = $"missing-{i}.tif";
            Should.Throw<InputException>(() => RasterFile.Open(_folder[name])).Message.Split(name).Length.ShouldBeGreaterThanOrEqualTo(3, "path and GDAL's message both name it");
        });
    }

    [Fact]
    public void Reads_of_one_file_from_several_threads_agree()
    {
        var raster = TestRasters.Field(600, 600);
        GeoTiff.Write(_folder["f.tif"], raster, TestRasters.Utm(600, 600));
        using var file = RasterFile.Open(_folder["f.tif"]);
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            file.Read<float>(1, new Window(0, i * 10, 600, 10)).Pixels.ShouldBe(raster.Crop(new Window(0, i * 10, 600, 10)).Pixels));
    }

    [Fact]
    public void Rasters_are_read_out_of_a_zip()
    {
        RasterCopy.WriteJpeg2000(_folder["b.jp2"], TestRasters.Image(100, 80), TestRasters.Utm(100, 80));
        using (var zip = ZipFile.Open(_folder["p.zip"], ZipArchiveMode.Create))
            zip.CreateEntryFromFile(_folder["b.jp2"], "X.SAFE/IMG/b.jp2");
        using var file = RasterFile.Open($"/vsizip/{_folder["p.zip"]}/X.SAFE/IMG/b.jp2");
        file.Read<ushort>(1).Pixels.ShouldBe(TestRasters.Image(100, 80).Pixels);
    }

    [SharedDataFact("data/s2_pair_T33UUU")]
    public void A_real_band_tells_its_utm_grid()
    {
        string path = Directory.GetFiles(SharedData.PathOf("data/s2_pair_T33UUU"), "*.jp2", SearchOption.AllDirectories).Order().First();
        using var file = RasterFile.Open(path);
        file.Grid.EpsgCode.ShouldBe(32633);
        file.Grid.PixelSizeMetres.ShouldBe(10);
        file.Read<ushort>(1, new Window(file.Width / 2, file.Height / 2, 64, 64)).Pixels.ShouldContain(v => v > 0);
    }
}
