using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>Removes terrain whose slope lies in a range.</summary>
public static class SlopeMask
{
    public const string MethodVersion = "slope-1";

    /// <summary>Rows and columns a block needs around itself so that its slopes equal those of the whole raster.</summary>
    public const int Halo = 1;

    /// <summary>
    /// Slope angle in degrees, [0, 90], by Horn's formula; NaN where the elevation is NaN. Inside the raster equal to <c>gdaldem slope -compute_edges</c>;
    /// on the border too, but for the four corner pixels, where the terrain is continued linearly in both directions.
    /// </summary>
    /// <param name="elevation">Metres above any datum, on a projected grid; NaN where unknown.</param>
    /// <param name="pixelSizeMetres">Side of a pixel.</param>
    public static Raster<float> Degrees(Raster<float> elevation, double pixelSizeMetres, Workers workers)
    {
        var slope = new Raster<float>(elevation.Width, elevation.Height);
        int width = elevation.Width;
        workers.Rows(elevation.Height, 64, () => (East: new float[width], South: new float[width], Rows: TerrainGradient.Scratch(width)), (first, afterLast, scratch) =>
        {
            var (east, south, rows) = scratch;
            for (int y = first; y < afterLast; y++)
            {
                TerrainGradient.Row(elevation, pixelSizeMetres, y, east, south, rows);
                var to = slope.Row(y);
                for (int x = 0; x < width; x++)
                    to[x] = (float)(Math.Atan(Math.Sqrt((double)east[x] * east[x] + (double)south[x] * south[x])) * (180 / Math.PI));
            }
        });
        return slope;
    }

    /// <summary>
    /// <see cref="KeepCode.Removed"/> where minimum &lt;= slope &lt;= maximum (both ends included), <see cref="KeepCode.Kept"/> elsewhere, also where the
    /// elevation is unknown.
    /// </summary>
    public static Raster<byte> Compute(Raster<float> elevation, double pixelSizeMetres, SlopeMaskParameters parameters, Workers workers)
    {
        var slope = Degrees(elevation, pixelSizeMetres, workers);
        var mask = new Raster<byte>(elevation.Width, elevation.Height);
        float minimum = (float)parameters.SlopeMaskMinimum, maximum = (float)parameters.SlopeMaskMaximum;
        for (int i = 0; i < mask.Pixels.Length; i++)
        {
            float degrees = slope.Pixels[i];
            mask.Pixels[i] = degrees >= minimum && degrees <= maximum ? KeepCode.Removed : KeepCode.Kept;
        }

        return mask;
    }
}
