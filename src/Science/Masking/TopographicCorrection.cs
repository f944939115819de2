using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// SCS+C (Soenen et al. 2005): brings slopes to the light of flat ground, so that hillsides turned from the sun are not taken for cloud shadow.
/// corrected = band (cos s cos z + C) / (cos i + C), where band = m cos i + b over clear ground and C = b / m.
/// </summary>
internal sealed class TopographicCorrection
{
    private const int SamplePixels = 40_000;
    private const int Strata = 21; // cos i from -1 to 1 in steps of 0.1

    private readonly Scene scene;
    private readonly Raster<float> elevation;
    private readonly double cosZenith;
    private readonly double sinZenith;
    private readonly double sinAzimuth;
    private readonly double cosAzimuth;

    public TopographicCorrection(Scene scene, Raster<float> elevation)
    {
        this.scene = scene;
        this.elevation = elevation;
        (sinZenith, cosZenith) = Math.SinCos(scene.Angles.SunZenithDegrees * Math.PI / 180);
        (sinAzimuth, cosAzimuth) = Math.SinCos(scene.Angles.SunAzimuthDegrees * Math.PI / 180);
    }

    /// <summary>Scratch of <see cref="Illumination"/> for one thread.</summary>
    public sealed class Scratch(int width)
    {
        public float[] East { get; } = new float[width];

        public float[] South { get; } = new float[width];

        public float[] Rows { get; } = TerrainGradient.Scratch(width);

        /// <summary>Cosine of the angle between the sun and the normal of the ground.</summary>
        public float[] CosIncidence { get; } = new float[width];

        /// <summary>Cosine of the slope.</summary>
        public float[] CosSlope { get; } = new float[width];
    }

    public void Illumination(int y, Scratch scratch)
    {
        TerrainGradient.Row(elevation, scene.Bands.PixelSizeMetres, y, scratch.East, scratch.South, scratch.Rows);
        for (int x = 0; x < scratch.East.Length; x++)
        {
            double east = scratch.East[x], south = scratch.South[x];
            double cosSlope = 1 / Math.Sqrt(1 + east * east + south * south);
            // The ground falls towards (-east, south) in (East, North): its share towards the sun lights it.
            double towardsSun = -east * sinAzimuth + south * cosAzimuth;
            scratch.CosSlope[x] = (float)cosSlope;
            scratch.CosIncidence[x] = (float)(cosSlope * (cosZenith + sinZenith * towardsSun));
        }
    }

    /// <summary>C of each band; null where the ground of this scene does not brighten with its illumination, so that nothing can be corrected.</summary>
    public double?[] Fit(BitMask land, params Raster<float>[] bands)
    {
        var counts = StratumCounts(land);
        int filled = counts.Count(static n => n > 0);
        if (filled == 0)
            return new double?[bands.Length];
        double quota = Math.Round((double)SamplePixels / filled);
        const int rowsPerBand = 64;
        var sums = new double[(scene.Height + rowsPerBand - 1) / rowsPerBand][];
        scene.Workers.Rows(scene.Height, rowsPerBand, () => new Scratch(scene.Width), (first, afterLast, scratch) =>
        {
            var part = sums[first / rowsPerBand] = new double[3 + 2 * bands.Length];
            for (int y = first; y < afterLast; y++)
            {
                Illumination(y, scratch);
                for (int x = 0; x < scene.Width; x++)
                {
                    if (!land[x, y])
                        continue;
                    double cos = scratch.CosIncidence[x];
                    // A fixed pseudo-random draw by position: the sample does not depend on the order of work.
                    if (Draw(x, y) * counts[Stratum(cos)] >= quota)
                        continue;
                    part[0]++;
                    part[1] += cos;
                    part[2] += cos * cos;
                    for (int band = 0; band < bands.Length; band++)
                    {
                        part[3 + 2 * band] += bands[band][x, y];
                        part[4 + 2 * band] += bands[band][x, y] * cos;
                    }
                }
            }
        });

        var total = new double[3 + 2 * bands.Length];
        foreach (double[] part in sums)
        {
            for (int i = 0; i < total.Length; i++)
                total[i] += part[i];
        }

        return bands.Select((_, band) =>
        {
            double determinant = total[0] * total[2] - total[1] * total[1];
            double slope = (total[0] * total[4 + 2 * band] - total[1] * total[3 + 2 * band]) / determinant;
            double intercept = (total[3 + 2 * band] - slope * total[1]) / total[0];
            double c = intercept / slope;
            return slope > 0 && double.IsFinite(c) ? c : (double?)null;
        }).ToArray();
    }

    /// <summary>Factor to multiply a pixel of the row last given to <see cref="Illumination"/> with.</summary>
    public float Factor(Scratch scratch, int x, double c)
    {
        double denominator = scratch.CosIncidence[x] + c;
        return Math.Abs(denominator) < 1e-6 ? 1 : (float)((scratch.CosSlope[x] * cosZenith + c) / denominator);
    }

    private long[] StratumCounts(BitMask land)
    {
        var parts = new System.Collections.Concurrent.ConcurrentBag<long[]>();
        scene.Workers.Rows(scene.Height, 64, () =>
        {
            var counts = new long[Strata];
            parts.Add(counts);
            return (Counts: counts, Light: new Scratch(scene.Width));
        }, (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                Illumination(y, scratch.Light);
                for (int x = 0; x < scene.Width; x++)
                {
                    if (land[x, y])
                        scratch.Counts[Stratum(scratch.Light.CosIncidence[x])]++;
                }
            }
        });
        var sum = new long[Strata];
        foreach (long[] part in parts)
        {
            for (int i = 0; i < Strata; i++)
                sum[i] += part[i];
        }

        return sum;
    }

    private static int Stratum(double cos) => Math.Clamp((int)Math.Floor((cos + 1) * 10), 0, Strata - 1);

    /// <summary>Evenly spread over [0, 1) by position (finaliser of SplitMix64).</summary>
    private static double Draw(int x, int y)
    {
        ulong z = ((ulong)(uint)y << 32 | (uint)x) + 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return ((z ^ z >> 31) >> 11) * (1.0 / (1UL << 53));
    }
}
