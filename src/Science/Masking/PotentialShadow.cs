using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>Dark hollows in near and short-wave infrared: ground that may lie in the shadow of a cloud.</summary>
internal static class PotentialShadow
{
    private const double BackgroundPercent = 17.5;
    private const float LevelsPerReflectance = 10_000;
    private const int Depth = 200; // 0.02 reflectance

    /// <param name="framed">
    /// Surround the image with the level of the background, as null pixels are: else a shadow that touches the border is no hollow, and a large cloud at
    /// the border never finds its own.
    /// </param>
    /// <returns>Also whether the terrain correction was applied to each of the two bands.</returns>
    public static (BitMask Potential, bool NirCorrected, bool SwirCorrected) Compute(Scene scene, BitMask land, bool framed = true)
    {
        Raster<float>[] bands = [scene.Bands.NarrowNir, scene.Bands.Swir1];
        var correction = scene.Elevation is { } elevation ? new TopographicCorrection(scene, elevation) : null;
        var c = correction?.Fit(land, bands) ?? new double?[bands.Length];
        var deep = new BitMask[bands.Length];
        // One band per thread: the flood itself runs in one.
        scene.Workers.Each(bands.Length, band => deep[band] = Deep(scene, bands[band], land, correction, c[band], framed));
        return (deep[0].And(deep[1]).And(scene.Valid), c[0] is not null, c[1] is not null);
    }

    private static BitMask Deep(Scene scene, Raster<float> band, BitMask land, TopographicCorrection? correction, double? c, bool framed)
    {
        int width = scene.Width;
        var levels = new ushort[band.Pixels.Length];
        var counts = new long[HoleFilling.Levels];
        var scratch = c is null ? null : new TopographicCorrection.Scratch(width);
        for (int y = 0; y < scene.Height; y++)
        {
            scene.Workers.Cancellation.ThrowIfCancellationRequested();
            var from = band.Row(y);
            var to = levels.AsSpan(y * width, width);
            var bits = land.Row(y);
            if (scratch is not null)
                correction!.Illumination(y, scratch);
            for (int x = 0; x < width; x++)
            {
                float value = scratch is null ? from[x] : from[x] * correction!.Factor(scratch, x, c!.Value);
                to[x] = (ushort)Math.Clamp(MathF.Round(value * LevelsPerReflectance), 0, HoleFilling.Levels - 1);
                if ((bits[x >> 6] >> (x & 63) & 1) != 0)
                    counts[to[x]]++;
            }
        }

        double percentile = ScenePercentile.OfHistogram(counts, BackgroundPercent);
        ushort background = double.IsNaN(percentile) ? (ushort)0 : (ushort)Math.Round(percentile);
        for (int y = 0; y < scene.Height; y++)
        {
            var flags = scene.Bands.Flags.Row(y);
            for (int x = 0; x < width; x++)
            {
                if ((flags[x] & PixelFlags.Null) != 0)
                    levels[y * width + x] = background;
            }
        }

        return HoleFilling.DeeperThan(levels, width, scene.Height, Depth, framed ? background : (ushort)0);
    }
}
