using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Cloud Displacement Index (Frantz et al. 2018): B08 and B8A look at high objects from more different angles than B07 and B8A do, so that over clouds
/// the ratio B08/B8A varies more than B07/B8A. (V87 - V88) / (V87 + V88) with local variances over 7 x 7 pixels: near -1 over clouds, above 0 over ground.
/// </summary>
internal static class CloudDisplacementIndex
{
    private const int Radius = 3, Side = 2 * Radius + 1;
    private const double Confident = -0.5, Strong = -0.8;

    /// <summary>Below this the variances are rounding noise of flat ground, and the index counts as 0.</summary>
    private const double LeastVariance = 1e-10;

    /// <returns>Where the index is below -0.5 (a cloud for certain) and below -0.8.</returns>
    public static (BitMask Confident, BitMask Strong) Compute(Scene scene, Raster<float> redEdge3, Raster<float> nir)
    {
        int width = scene.Width, height = scene.Height;
        var confident = new BitMask(width, height);
        var strong = new BitMask(width, height);
        scene.Workers.Rows(height, 64, () => new Columns(width), (first, afterLast, columns) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                columns.Clear();
                for (int dy = -Radius; dy <= Radius; dy++)
                    columns.Add(scene.Bands, redEdge3, nir, AbsoluteSnow.Mirror(y + dy, height));
                columns.Test(confident.Row(y), strong.Row(y));
            }
        });
        return (confident.And(scene.Valid), strong.And(scene.Valid));
    }

    /// <summary>Sums over seven rows for each column, with three mirrored columns at each end.</summary>
    private sealed class Columns(int width)
    {
        private readonly float[] ratio8 = new float[width + 2 * Radius];
        private readonly float[] ratio7 = new float[width + 2 * Radius];
        private readonly double[] sum8 = new double[width + 2 * Radius];
        private readonly double[] squares8 = new double[width + 2 * Radius];
        private readonly double[] sum7 = new double[width + 2 * Radius];
        private readonly double[] squares7 = new double[width + 2 * Radius];
        private readonly int[] missing = new int[width + 2 * Radius];

        public void Clear()
        {
            Array.Clear(sum8);
            Array.Clear(squares8);
            Array.Clear(sum7);
            Array.Clear(squares7);
            Array.Clear(missing);
        }

        public void Add(SpectralBands bands, Raster<float> redEdge3, Raster<float> nir, int y)
        {
            ReadOnlySpan<float> narrow = bands.NarrowNir.Row(y), band7 = redEdge3.Row(y), band8 = nir.Row(y);
            var flags = bands.Flags.Row(y);
            for (int x = 0; x < width; x++)
            {
                bool absent = (flags[x] & (PixelFlags.Null | PixelFlags.NoDisplacement)) != 0;
                // Ratios near 1, taken from 1, so that the difference of sums keeps its digits.
                ratio8[x + Radius] = absent ? 0 : band8[x] / narrow[x] - 1;
                ratio7[x + Radius] = absent ? 0 : band7[x] / narrow[x] - 1;
                missing[x + Radius] += absent ? 1 : 0;
            }

            for (int i = Radius; i < width + Radius; i++)
            {
                double a = ratio8[i], b = ratio7[i];
                sum8[i] += a;
                squares8[i] += a * a;
                sum7[i] += b;
                squares7[i] += b * b;
            }
        }

        public void Test(Span<ulong> confident, Span<ulong> strong)
        {
            for (int i = 0; i < Radius; i++)
            {
                int left = Radius + AbsoluteSnow.Mirror(-Radius + i, width), right = Radius + AbsoluteSnow.Mirror(width + i, width);
                foreach (double[] sums in (double[][])[sum8, squares8, sum7, squares7])
                {
                    sums[i] = sums[left];
                    sums[width + Radius + i] = sums[right];
                }

                missing[i] = missing[left];
                missing[width + Radius + i] = missing[right];
            }

            for (int x = 0; x < width; x++)
            {
                double s8 = 0, q8 = 0, s7 = 0, q7 = 0;
                int absent = 0;
                for (int i = x; i < x + Side; i++)
                {
                    s8 += sum8[i];
                    q8 += squares8[i];
                    s7 += sum7[i];
                    q7 += squares7[i];
                    absent += missing[i];
                }

                if (absent > 0)
                    continue;
                const double count = Side * Side;
                double variance8 = (q8 - s8 * s8 / count) / (count - 1), variance7 = (q7 - s7 * s7 / count) / (count - 1);
                double total = variance7 + variance8;
                if (total < LeastVariance)
                    continue;
                double index = (variance7 - variance8) / total;
                if (index < Confident)
                    confident[x >> 6] |= 1UL << (x & 63);
                if (index < Strong)
                    strong[x >> 6] |= 1UL << (x & 63);
            }
        }
    }
}
