using System.Security.Cryptography;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.Products.Drawing;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Products;

public sealed class PreviewsTests : IDisposable
{
    private static readonly PreviewOptions s_options = new()
    {
        Title = "Mean displacement E-W",
        Caption = "metres, East is positive",
        Inputs = ["S2A 2019-06-28", "S2B 2019-07-08"],
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Unknown_is_transparent_and_zero_is_not()
    {
        var raster = new Raster<float>(600, 300);
        raster[10, 20] = float.NaN;
        raster[30, 40] = 5;
        var files = Previews.Write(_folder["p.png"], raster, TestRasters.Utm(600, 300), s_options with { Limit = 2 });
        using var picture = RasterFile.Open(files.Overlay);
        picture.BandCount.ShouldBe(4);
        var alpha = picture.Read<byte>(4);
        alpha[10, 20].ShouldBe((byte)0);
        alpha[11, 20].ShouldBe((byte)255);
        var zero = ColourMap.Diverging.At(0.5);
        (picture.Read<byte>(1)[0, 0], picture.Read<byte>(3)[0, 0]).ShouldBe((zero.Red, zero.Blue));
        picture.Read<byte>(1)[30, 40].ShouldBe(ColourMap.Diverging.At(1).Red, "beyond the limit, the colour of the end");
        zero.Blue.ShouldBeLessThan((byte)235, "zero is not white");
    }

    [Fact]
    public void Limits_are_symmetric_percentiles_for_signed_values_and_fixed_for_quality()
    {
        var raster = new Raster<float>(1000, 100);
        for (int i = 0; i < raster.Pixels.Length; i++)
            raster.Pixels[i] = (i % 2 == 0 ? 1 : -1) * (i / 100_000f);
        var signed = Previews.Write(_folder["s.png"], raster, TestRasters.Utm(1000, 100), s_options);
        signed.Maximum.ShouldBe(0.98, 0.001);
        signed.Minimum.ShouldBe(-signed.Maximum);
        Previews.Write(_folder["m.png"], raster, TestRasters.Utm(1000, 100), s_options with { Kind = PreviewKind.Magnitude }).Minimum.ShouldBe(0);
        var quality = Previews.Write(_folder["q.png"], raster, TestRasters.Utm(1000, 100), s_options with { Kind = PreviewKind.Quality });
        (quality.Minimum, quality.Maximum).ShouldBe((0, 100));
    }

    [Fact]
    public void A_big_product_becomes_a_picture_of_at_most_2048_pixels_in_the_right_place()
    {
        var raster = TestRasters.Field(4500, 4100);
        var grid = TestRasters.Utm(4500, 4100);
        var copy = new ReducedCopy(grid);
        for (int row = 0; row < raster.Height; row += 100)
            copy.Add(row, raster.Crop(new Window(0, row, raster.Width, Math.Min(100, raster.Height - row))));
        var fromRows = Previews.Write(_folder["rows.png"], copy, s_options);
        var fromMemory = Previews.Write(_folder["memory.png"], raster, grid, s_options);
        SHA256.HashData(File.ReadAllBytes(fromRows.Picture)).ShouldBe(SHA256.HashData(File.ReadAllBytes(fromMemory.Picture)));
        var kept = Previews.Write(_folder["kept.png"], new ReducedCopy(grid, copy.Means), s_options);
        SHA256.HashData(File.ReadAllBytes(kept.Picture)).ShouldBe(SHA256.HashData(File.ReadAllBytes(fromMemory.Picture)));
        Should.Throw<ArgumentException>(() => new ReducedCopy(TestRasters.Utm(4500, 4600), copy.Means));
        using var picture = RasterFile.Open(fromRows.Picture);
        picture.Width.ShouldBe(1500);
        picture.Height.ShouldBeLessThanOrEqualTo(2048);
        File.ReadAllText(_folder["rows.pgw"]).ShouldBe("30\n0\n0\n-30\n399975\n5300025\n");
        picture.GeoTransform.OriginX.ShouldBe(399960);
    }

    [Fact]
    public void The_ground_overlay_names_the_picture_and_its_corners()
    {
        var files = Previews.Write(_folder["p.png"], TestRasters.Field(600, 600), TestRasters.Utm(600, 600), s_options);
        var kml = XDocument.Load(files.Kml!);
        kml.Descendants().Single(e => e.Name.LocalName == "href").Value.ShouldBe("p_overlay.png");
        string[] corners = kml.Descendants().Single(e => e.Name.LocalName == "coordinates").Value.Split(' ');
        corners.Length.ShouldBe(4);
        double[] lowerLeft = [.. corners[0].Split(',').Select(double.Parse)];
        lowerLeft[0].ShouldBeInRange(13.6, 13.7);
        lowerLeft[1].ShouldBeInRange(47.7, 47.9);
    }

    [Fact]
    public void A_raster_that_is_unknown_everywhere_still_makes_a_picture() =>
        Previews.Write(_folder["n.png"], new Raster<float>(50, 40).Fill(float.NaN), new RasterGrid(0, 0, 0, 1, 50, 40), s_options).Kml.ShouldBeNull();

    [Fact]
    public void Lightness_rises_evenly_and_symmetrically_and_no_colour_is_white()
    {
        foreach (var map in new[] { ColourMap.Diverging, ColourMap.Sequential, ColourMap.Quality })
        {
            for (int i = 0; i <= 255; i++)
                (map.At(i / 255.0) is { Red: > 240, Green: > 240, Blue: > 240 }).ShouldBeFalse();
        }

        for (int i = 1; i <= 127; i++)
            Luma(ColourMap.Diverging.At(i / 255.0)).ShouldBeGreaterThanOrEqualTo(Luma(ColourMap.Diverging.At((i - 1) / 255.0)) - 1);
        for (int i = 1; i <= 255; i++)
            Luma(ColourMap.Sequential.At(i / 255.0)).ShouldBeLessThanOrEqualTo(Luma(ColourMap.Sequential.At((i - 1) / 255.0)) + 1);
        ColourMap.Diverging.At(double.NaN).Alpha.ShouldBe((byte)0);
    }

    private static double Luma(Rgba colour) => 0.2126 * colour.Red + 0.7152 * colour.Green + 0.0722 * colour.Blue;

    [Theory]
    [InlineData(-2.3, 2.3, 5, "-2 -1 0 1 2")]
    [InlineData(0, 100, 5, "0 20 40 60 80 100")]
    [InlineData(0, 0.0007, 4, "0 0.0002 0.0004 0.0006")]
    public void Ticks_are_round_numbers(double minimum, double maximum, int count, string expected) =>
        string.Join(' ', Axis.Ticks(minimum, maximum, count).Select(Axis.Label)).ShouldBe(expected);

    [Fact]
    public void A_chart_draws_its_series_inside_the_frame_and_survives_missing_values()
    {
        var chart = new Chart
        {
            Title = "Offset across the fault",
            XLabel = "Distance [km]",
            YLabel = "Displacement [m]",
            Series =
            [
                new Series("measured", [-2, -1, 0, 1, 2], [-1.5, -1.4, double.NaN, 1.4, 1.6], SeriesStyle.LineAndPoints, new Rgba(255, 0, 0)),
                new Series("truth", [-2, 2], [-1.5, 1.5]),
            ],
        };
        var canvas = chart.Draw(700, 400);
        int red = 0;
        for (int y = 0; y < 400; y++)
        {
            for (int x = 0; x < 700; x++)
                red += canvas[x, y] == new Rgba(255, 0, 0) ? 1 : 0;
        }

        red.ShouldBeGreaterThan(200);
        new Chart { Series = [new Series("", [], [])] }.Draw(300, 200).Width.ShouldBe(300);
        canvas.SavePng(_folder["chart.png"]);
        File.Exists(_folder["chart.png"]).ShouldBeTrue();
    }

    [Fact]
    public void Text_has_a_glyph_for_every_printable_character()
    {
        for (char c = '!'; c <= '~'; c++)
        {
            int dots = 0, box = 0;
            for (int row = 0; row < BitmapFont.LineDots; row++)
            {
                for (int column = 0; column < BitmapFont.AdvanceDots; column++)
                {
                    dots += BitmapFont.Dot(c, column, row) ? 1 : 0;
                    box += BitmapFont.Dot(c, column, row) == BitmapFont.Dot('\uFFFF', column, row) ? 1 : 0;
                }
            }

            dots.ShouldBeGreaterThan(1, $"glyph {c}");
            box.ShouldBeLessThan(BitmapFont.LineDots * BitmapFont.AdvanceDots, $"glyph {c} is missing");
        }
    }
}
