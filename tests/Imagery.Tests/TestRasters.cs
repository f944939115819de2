using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests;

internal static class TestRasters
{
    public static RasterGrid Utm(int width, int height, double pixelSize = 10) => new(32633, 399960, 5_300_040, pixelSize, width, height);

    /// <summary>Smooth relief with reproducible grain, in metres, with a hole of NaN in the middle.</summary>
    public static Raster<float> Field(int width, int height, int seed = 1)
    {
        var random = new Random(seed);
        var raster = new Raster<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                raster[x, y] = (float)(2 * Math.Sin(x / 40.0) * Math.Cos(y / 55.0) + 0.05 * random.NextDouble());
        }

        for (int y = height / 2; y < height / 2 + height / 10; y++)
            raster.Row(y).Slice(width / 2, width / 10).Fill(float.NaN);
        return raster;
    }

    public static Raster<ushort> Image(int width, int height, int seed = 1)
    {
        var random = new Random(seed);
        var raster = new Raster<ushort>(width, height);
        for (int i = 0; i < raster.Pixels.Length; i++)
            raster.Pixels[i] = (ushort)(1000 + 500 * Math.Sin(i % width / 9.0) + random.Next(200));
        return raster;
    }
}
