using System.Globalization;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Tests;

/// <summary>Makes small valid Level-1C products, for tests of everything that starts from one.</summary>
public static class TinyProduct
{
    /// <summary>Tile T11SMV, UTM 11 North; change what the test is about by <c>with</c>.</summary>
    /// <param name="date">yyyyMMdd.</param>
    /// <param name="baseline">02.09 has no radiometric offset and GML masks; 05.11 has the offset -1000 and raster masks.</param>
    /// <param name="size">Columns and rows at 10 m; a multiple of 6.</param>
    public static SafeSpecification Specification(string date = "20190628", string baseline = "05.11", int size = 60) => new()
    {
        Tile = "T11SMV",
        DatatakeStart = DateTimeOffset.ParseExact(date + "183921", "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        Grid = new RasterGrid(32611, 399960, 4000020, 10, size, size),
        Baseline = baseline,
        RelativeOrbit = 70,
        AbsoluteOrbit = 20980,
    };

    /// <summary>Writes a product.</summary>
    /// <param name="reflectance">Of band, column and row (of the band's own grid); by default a texture that has the same shape in all bands.</param>
    /// <returns>Path of the .SAFE folder or the .zip archive.</returns>
    public static string Write(
        string folder, SafeSpecification? specification = null, Func<SafeBand, int, int, double>? reflectance = null, bool zip = false)
    {
        var s = specification ?? Specification();
        return SafeWriter.Write(folder, s, band => Pixels(s, band, reflectance ?? Texture), zip);
    }

    /// <summary>Digital numbers of a band.</summary>
    public static Raster<ushort> Pixels(SafeSpecification s, SafeBand band, Func<SafeBand, int, int, double> reflectance)
    {
        var grid = s.GridOf(band);
        var raster = new Raster<ushort>(grid.Width, grid.Height);
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
                raster[x, y] = s.DigitalNumber(reflectance(band, x, y));
        }

        return raster;
    }

    /// <summary>Between 0.1 and 0.3, different at every pixel scale, no period.</summary>
    public static double Texture(SafeBand band, int x, int y) =>
        0.2 + 0.05 * Math.Sin(0.9 * x + 0.31 * y) + 0.05 * Math.Cos(0.17 * x * (1 + 0.01 * y) - 0.7 * y);
}
