using System.Diagnostics;
using System.Globalization;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Masking;

public class SlopeMaskTests
{
    [Theory]
    [InlineData(5.671281819617709, 0, 80.0)]
    [InlineData(0.3, -0.4, 26.56505117707799)]
    public void A_plane_has_the_slope_of_its_gradient_everywhere_even_on_the_border(double east, double south, double degrees)
    {
        var elevation = Terrain(20, 15, (x, y) => 10 * (east * x + south * y));
        var slope = SlopeMask.Degrees(elevation, 10, Workers.Single);
        foreach (float value in slope.Pixels)
            ((double)value).ShouldBe(degrees, 1e-3);
    }

    [Fact]
    public void A_spike_tilts_its_neighbours_and_not_itself()
    {
        var elevation = Terrain(9, 9, (_, _) => 0);
        elevation[4, 4] = 100;
        var slope = SlopeMask.Degrees(elevation, 20, Workers.Single);
        slope[4, 4].ShouldBe(0);
        double side = Math.Atan(100 / (4 * 20.0)) * 180 / Math.PI, corner = Math.Atan(Math.Sqrt(2) * 100 / (8 * 20.0)) * 180 / Math.PI;
        ((double)slope[3, 4]).ShouldBe(side, 1e-4);
        ((double)slope[4, 5]).ShouldBe(side, 1e-4);
        ((double)slope[5, 5]).ShouldBe(corner, 1e-4);
        slope[1, 1].ShouldBe(0);
    }

    [Fact]
    public void Unknown_elevation_is_not_masked_and_its_neighbours_take_the_centre_for_it()
    {
        var elevation = Terrain(7, 7, (x, _) => 100 * x);
        elevation[3, 3] = float.NaN;
        var slope = SlopeMask.Degrees(elevation, 10, Workers.Single);
        float.IsNaN(slope[3, 3]).ShouldBeTrue();
        // West of the hole: the middle of the East column counts as the centre, so (4 + 2) / 8 of the gradient of 10 remains.
        ((double)slope[2, 3]).ShouldBe(Math.Atan(7.5) * 180 / Math.PI, 1e-3);
        var mask = SlopeMask.Compute(elevation, 10, new SlopeMaskParameters(), Workers.Single);
        mask[3, 3].ShouldBe(KeepCode.Kept);
        mask[0, 0].ShouldBe(KeepCode.Removed, "atan(10) is 84 degrees");
    }

    [Fact]
    public void Both_ends_of_the_range_are_removed()
    {
        var flat = Terrain(5, 5, (_, _) => 3);
        SlopeMask.Compute(flat, 10, new SlopeMaskParameters { SlopeMaskMinimum = 0, SlopeMaskMaximum = 0 }, Workers.Single)
            .Pixels.ShouldAllBe(code => code == KeepCode.Removed);
        SlopeMask.Compute(flat, 10, new SlopeMaskParameters { SlopeMaskMinimum = 0.001, SlopeMaskMaximum = 90 }, Workers.Single)
            .Pixels.ShouldAllBe(code => code == KeepCode.Kept);
    }

    [GdalDemFact]
    public void Slopes_equal_those_of_gdaldem()
    {
        const int width = 60, height = 45;
        var random = new Random(7);
        var elevation = Terrain(width, height, (x, y) => (float)(500 + 80 * Math.Sin(x / 7.0) + 60 * Math.Cos(y / 5.0) + 4 * random.NextDouble()));
        elevation[20, 20] = float.NaN;
        elevation[0, 12] = float.NaN;
        string folder = Directory.CreateTempSubdirectory("slope").FullName;
        try
        {
            using (var file = new StreamWriter(Path.Combine(folder, "dem.asc")))
            {
                file.Write($"ncols {width}\nnrows {height}\nxllcorner 300000\nyllcorner 4000000\ncellsize 30\nNODATA_value -9999\n");
                for (int y = 0; y < height; y++)
                    file.WriteLine(string.Join(' ', elevation.Row(y).ToArray().Select(v => float.IsNaN(v) ? "-9999" : v.ToString("R", CultureInfo.InvariantCulture))));
            }

            GdalDemFactAttribute.Run("slope", Path.Combine(folder, "dem.asc"), Path.Combine(folder, "slope.bil"), "-compute_edges", "-of", "ENVI", "-q");
            var expected = new Raster<float>(width, height);
            Buffer.BlockCopy(File.ReadAllBytes(Path.Combine(folder, "slope.bil")), 0, expected.Pixels, 0, 4 * width * height);
            var slope = SlopeMask.Degrees(elevation, 30, new Workers(2));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    // In the corners gdaldem repeats the border column instead of continuing it.
                    if ((x == 0 || x == width - 1) && (y == 0 || y == height - 1))
                        continue;
                    if (expected[x, y] == -9999)
                        float.IsNaN(slope[x, y]).ShouldBeTrue($"({x}, {y})");
                    else
                        slope[x, y].ShouldBe(expected[x, y], 2e-4f, $"({x}, {y})");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static Raster<float> Terrain(int width, int height, Func<int, int, double> metres)
    {
        var elevation = new Raster<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                elevation[x, y] = (float)metres(x, y);
        }

        return elevation;
    }

    private sealed class GdalDemFactAttribute : FactAttribute
    {
        public GdalDemFactAttribute()
        {
            if (Find() is null)
                Skip = "gdaldem (Debian package gdal-bin) is not installed.";
        }

        public static void Run(params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(Find()!, arguments) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(0, errors);
        }

        private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "gdaldem")).FirstOrDefault(File.Exists);
    }
}
