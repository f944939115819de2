using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Gdal;

public sealed class RasterWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_pixel_waits_in_the_cache_of_blocks_where_any_thread_may_write_it_out()
    {
        const int Side = 1500;
        var raster = TestRasters.Field(Side, Side);
        string Write(string name)
        {
            using (var writer = new RasterWriter(_folder[name], TestRasters.Utm(Side, Side), PixelType.Float32, new BandAttributes("Height [m]", "m", double.NaN), "BLOCKYSIZE=16"))
            {
                for (int y = 0; y < Side; y += 100)
                    writer.Write(raster.Crop(new Window(0, y, Side, 100)), 0, y);
                writer.Complete();
            }

            return _folder.Hash(name);
        }

        string expected = Write("expected.tif");
        NativeMethods.GDALSetCacheMax64(1 << 20);
        try
        {
            using var stop = new CancellationTokenSource();
            var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                using var file = RasterFile.Open(_folder["expected.tif"]);
                while (!stop.IsCancellationRequested)
                    file.Read<float>(1, new Window(0, Random.Shared.Next(Side - 200), Side, 200));
            })).ToArray();
            try
            {
                Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Write($"{i}.tif").ShouldBe(expected));
            }
            finally
            {
                stop.Cancel();
                await Task.WhenAll(readers);
            }
        }
        finally
        {
            NativeMethods.GDALSetCacheMax64(GdalLibrary.BlockCacheBytes);
        }
    }

    [Fact]
    public void The_order_of_the_windows_does_not_change_a_byte()
    {
        var raster = TestRasters.Field(700, 500);
        var windows = Enumerable.Range(0, 35).Select(i => new Window(i % 7 * 100, i / 7 * 100, 100, 100)).ToArray();
        string[] hashes = [.. new[] { 1, 2, 3 }.Select(seed =>
        {
            string name = $"{seed}.tif";
            var order = windows.ToArray();
            new Random(seed).Shuffle(order);
            using (var writer = new RasterWriter(_folder[name], TestRasters.Utm(700, 500), PixelType.Float32, new BandAttributes(), "TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "COMPRESS=DEFLATE"))
            {
                foreach (var window in order)
                    writer.Write(raster.Crop(window), window.X, window.Y);
                writer.Complete();
            }

            return _folder.Hash(name);
        })];
        hashes.Distinct().ShouldHaveSingleItem();
        using var file = RasterFile.Open(_folder["1.tif"]);
        file.Read<float>(1).Bytes.SequenceEqual(raster.Bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-9999.0)]
    public void What_was_never_written_is_no_data(double noData)
    {
        using (var writer = new RasterWriter(_folder["gaps.tif"], TestRasters.Utm(300, 200), PixelType.Float32, new BandAttributes(NoData: noData), "TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"))
        {
            writer.Write(new Raster<float>(10, 10).Fill(7), 60, 60);
            writer.Complete();
        }

        using var file = RasterFile.Open(_folder["gaps.tif"]);
        var pixels = file.Read<float>(1);
        for (int y = 0; y < 200; y++)
        {
            for (int x = 0; x < 300; x++)
                pixels[x, y].ShouldBe(x is >= 60 and < 70 && y is >= 60 and < 70 ? 7f : (float)noData, $"({x}, {y})");
        }
    }

    [Fact]
    public void A_pixel_that_comes_twice_a_window_beyond_the_edge_and_another_type_are_faults_of_the_caller()
    {
        using var writer = new RasterWriter(_folder["x.tif"], TestRasters.Utm(64, 64), PixelType.Byte, new BandAttributes());
        writer.Write(new Raster<byte>(64, 64), 0, 0);
        Should.Throw<InvalidOperationException>(() => writer.Write(new Raster<byte>(1, 1), 5, 5)).Message.ShouldContain("twice");
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Write(new Raster<byte>(2, 2), 63, 63));
        Should.Throw<ArgumentException>(() => writer.Write(new Raster<float>(1, 1), 5, 5)).Message.ShouldContain("Byte");
    }
}
