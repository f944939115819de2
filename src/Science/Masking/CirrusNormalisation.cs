using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Cirrus band above what clear ground returns at the same elevation: the dry air over high ground lets some of its light through
/// (Qiu et al. 2019, section 3.4 of the specification).
/// </summary>
internal static class CirrusNormalisation
{
    private const double SliceMetres = 100;
    private const double BasePercent = 2;
    private const float Levels = 10_000;

    /// <returns>Normalised cirrus reflectance, at least 0; and the base of each elevation slice from the lowest up (one without terrain).</returns>
    public static (Raster<float> Cirrus, double[] Bases) Compute(Scene scene, Raster<float> cirrus, BitMask potentialCloud)
    {
        int width = scene.Width, height = scene.Height;
        var clear = scene.Valid.Clone().AndNot(potentialCloud);
        double lowest = 0;
        int slices = 1;
        if (scene.Elevation is { } elevation)
        {
            var range = scene.Percentiles(elevation, scene.Valid, 0.001, 99.999);
            if (range[1] - range[0] >= SliceMetres)
            {
                lowest = range[0];
                slices = (int)((range[1] - range[0]) / SliceMetres) + 1;
            }
        }

        var parts = new System.Collections.Concurrent.ConcurrentBag<long[]>();
        scene.Workers.Rows(height, 64, () =>
        {
            var part = new long[slices << 16];
            parts.Add(part);
            return part;
        }, (first, afterLast, counts) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var values = cirrus.Row(y);
                var bits = clear.Row(y);
                for (int i = 0; i < bits.Length; i++)
                {
                    for (ulong word = bits[i]; word != 0; word &= word - 1)
                    {
                        int x = 64 * i + System.Numerics.BitOperations.TrailingZeroCount(word);
                        if ((scene.Bands.Flags[x, y] & PixelFlags.NoCirrus) == 0)
                            counts[SliceAt(x, y) << 16 | Math.Clamp((int)MathF.Round(values[x] * Levels), 0, 0xFFFF)]++;
                    }
                }
            }
        });

        var bases = new double[slices];
        var histogram = new long[1 << 16];
        for (int slice = 0; slice < slices; slice++)
        {
            Array.Clear(histogram);
            foreach (long[] part in parts)
            {
                for (int level = 0; level < histogram.Length; level++)
                    histogram[level] += part[slice << 16 | level];
            }

            double found = ScenePercentile.OfHistogram(histogram, BasePercent) / Levels;
            bases[slice] = double.IsNaN(found) ? (slice > 0 ? bases[slice - 1] : 0) : found;
        }

        var normalised = new Raster<float>(width, height);
        scene.Workers.Rows(height, 64, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var from = cirrus.Row(y);
                var to = normalised.Row(y);
                var flags = scene.Bands.Flags.Row(y);
                for (int x = 0; x < width; x++)
                    to[x] = (flags[x] & (PixelFlags.Null | PixelFlags.NoCirrus)) != 0 ? 0 : Math.Max(0, from[x] - (float)bases[SliceAt(x, y)]);
            }
        });
        return (normalised, bases);

        // Slices are centred on lowest + k * 100 m; half open, so that no elevation falls between two.
        int SliceAt(int x, int y) => slices == 1 ? 0
            : Math.Clamp((int)Math.Floor((scene.Elevation![x, y] - lowest) / SliceMetres + 0.5), 0, slices - 1);
    }
}
