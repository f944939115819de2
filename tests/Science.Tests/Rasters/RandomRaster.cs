using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Rasters;

/// <summary>Images without structure, the same for one seed.</summary>
internal static class RandomRaster
{
    /// <summary>Each pixel on its own between 0 and 1.</summary>
    public static Raster<float> Uniform(int width, int height, int seed)
    {
        var random = new Random(seed);
        var image = new Raster<float>(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (float)random.NextDouble();
        return image;
    }
}
