using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Gradient of the terrain by Horn's 3 x 3 weights (Horn 1981, Proc. IEEE 69:14). Outside the raster the terrain is continued linearly; a neighbour
/// without elevation takes the value of the centre; a centre without elevation (NaN) has no gradient (NaN).
/// </summary>
internal static class TerrainGradient
{
    /// <summary>Three rows with one more pixel at each end.</summary>
    public static float[] Scratch(int width) => new float[3 * (width + 2)];

    /// <param name="east">Receives rise per metre to the East.</param>
    /// <param name="south">Receives rise per metre to the South.</param>
    public static void Row(Raster<float> elevation, double pixelSizeMetres, int y, Span<float> east, Span<float> south, float[] scratch)
    {
        int width = elevation.Width, stride = width + 2;
        var above = scratch.AsSpan(0, stride);
        var here = scratch.AsSpan(stride, stride);
        var below = scratch.AsSpan(2 * stride, stride);
        FillRow(elevation, y - 1, above);
        FillRow(elevation, y, here);
        FillRow(elevation, y + 1, below);
        float scale = (float)(1 / (8 * pixelSizeMetres));
        for (int x = 0; x < width; x++)
        {
            float e = here[x + 1];
            float a = Or(above[x], e), b = Or(above[x + 1], e), c = Or(above[x + 2], e);
            float d = Or(here[x], e), f = Or(here[x + 2], e);
            float g = Or(below[x], e), h = Or(below[x + 1], e), i = Or(below[x + 2], e);
            // The zero term carries a missing centre into the result even where all neighbours exist.
            east[x] = ((c + f + f + i) - (a + d + d + g)) * scale + (e - e);
            south[x] = ((g + h + h + i) - (a + b + b + c)) * scale + (e - e);
        }
    }

    private static float Or(float value, float otherwise) => float.IsNaN(value) ? otherwise : value;

    private static void FillRow(Raster<float> elevation, int y, Span<float> padded)
    {
        int width = elevation.Width, height = elevation.Height;
        var inside = padded.Slice(1, width);
        if (y >= 0 && y < height)
        {
            elevation.Row(y).CopyTo(inside);
        }
        else
        {
            int near = y < 0 ? 0 : height - 1;
            int next = Math.Clamp(y < 0 ? 1 : height - 2, 0, height - 1);
            var nearRow = elevation.Row(near);
            var nextRow = elevation.Row(next);
            for (int x = 0; x < width; x++)
                inside[x] = 2 * nearRow[x] - nextRow[x];
        }

        padded[0] = 2 * padded[1] - padded[Math.Min(2, width)];
        padded[width + 1] = 2 * padded[width] - padded[Math.Max(1, width - 1)];
    }
}
