using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Tests;

/// <summary>
/// Small products whose ground is a sum of waves, so that any displacement is exact: the lower half moves East by half the slip, the upper half West, and
/// every image has its own shift. All 13 bands, so that masks run too.
/// </summary>
public static class TinyScene
{
    public const int Side = 240;

    /// <summary>Displacement of the lower against the upper half, pixels to the East.</summary>
    public const double SlipPixels = 0.6;

    public static RasterGrid Grid { get; } = new(32611, 399960, 4000020, 10, Side, Side);

    private static readonly Wave[] s_waves = Waves(seed: 5, count: 48);

    private static readonly Dictionary<string, double> s_reflectance = new()
    {
        ["B01"] = 0.11, ["B02"] = 0.10, ["B03"] = 0.11, ["B04"] = 0.13, ["B05"] = 0.17, ["B06"] = 0.22, ["B07"] = 0.25, ["B08"] = 0.27, ["B8A"] = 0.28,
        ["B09"] = 0.10, ["B10"] = 0.0012, ["B11"] = 0.30, ["B12"] = 0.22,
    };

    private static readonly (string Date, double ShiftX, double ShiftY)[] s_images =
        [("2019-06-28", 0, 0), ("2019-07-03", 0.21, -0.13), ("2019-07-08", -0.17, 0.24), ("2019-07-13", 0.09, 0.31)];

    /// <summary>The earthquake: between the second and the third image.</summary>
    public const string SplitDate = "2019-07-05";

    /// <summary>Writes image <paramref name="number"/> (0 to 3; the last two after the earthquake).</summary>
    /// <param name="eastPixels">Moves the image over the same ground, for a neighbouring tile.</param>
    /// <param name="grid">Where the image lies, when not on <see cref="Grid"/>; as large as that.</param>
    /// <returns>Path of the product.</returns>
    public static string Write(string folder, int number, string tile = "T11SMV", IReadOnlyList<SafeBand>? bands = null, bool allNoData = false, bool zip = false, int eastPixels = 0, RasterGrid? grid = null)
    {
        var (date, shiftX, shiftY) = s_images[number];
        var specification = new SafeSpecification
        {
            Tile = tile,
            DatatakeStart = DateTimeOffset.Parse(date + "T18:39:21Z"),
            Grid = grid ?? (Grid with { OriginX = Grid.OriginX + 10 * eastPixels }),
            RelativeOrbit = 27,
            Bands = bands ?? SafeBand.All,
        };
        double slip = number >= 2 ? SlipPixels : 0;
        return SafeWriter.Write(folder, specification, band => Render(specification, band, shiftX - eastPixels, shiftY, slip, allNoData), zip);
    }

    /// <summary>Writes all four images.</summary>
    public static string[] WriteAll(string folder) => [.. Enumerable.Range(0, 4).Select(i => Write(folder, i))];

    private static Raster<ushort> Render(SafeSpecification s, SafeBand band, double shiftX, double shiftY, double slip, bool allNoData)
    {
        var grid = s.GridOf(band);
        var raster = new Raster<ushort>(grid.Width, grid.Height);
        if (allNoData)
            return raster;
        int pixel = band.ResolutionMetres / 10;
        double level = s_reflectance[band.Name];
        // Waves shorter than two pixels of a coarse band would alias; they carry nothing there.
        var waves = s_waves.Where(w => w.Length > 2.5 * pixel).ToArray();
        Parallel.For(0, grid.Height, y =>
        {
            double row = (y + 0.5) * pixel - shiftY;
            double side = row > Side / 2.0 ? 0.5 : -0.5;
            for (int x = 0; x < grid.Width; x++)
            {
                double column = (x + 0.5) * pixel - shiftX - side * slip, sum = 0;
                foreach (var wave in waves)
                    sum += wave.Amplitude * Math.Sin(wave.X * column + wave.Y * row + wave.Phase);
                raster[x, y] = s.DigitalNumber(level * (1 + 0.35 * sum));
            }
        });
        return raster;
    }

    private static Wave[] Waves(int seed, int count)
    {
        var random = new Random(seed);
        var waves = new Wave[count];
        double amplitude = Math.Sqrt(2.0 / count);
        for (int i = 0; i < count; i++)
        {
            double length = 4.5 * Math.Pow(10, random.NextDouble()), angle = 2 * Math.PI * random.NextDouble(), k = 2 * Math.PI / length;
            waves[i] = new Wave(k * Math.Cos(angle), k * Math.Sin(angle), 2 * Math.PI * random.NextDouble(), amplitude, length);
        }

        return waves;
    }

    private sealed record Wave(double X, double Y, double Phase, double Amplitude, double Length);
}
