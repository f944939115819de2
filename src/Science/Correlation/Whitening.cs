using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Weights of the frequency bands of an image pair, so that every band counts by what it knows of the shift: with coherence g between the images and texture
/// density S, a band deserves the amplitude g / sqrt((1 - g^2) S) (maximum likelihood; Hannan and Thomson 1973, Biometrika 60, 527-533). Bands are the wavelet transform
/// with holes (Shensa 1992, IEEE Trans. Signal Processing 40, 2464-2482).
/// </summary>
internal static class Whitening
{
    public const int Bands = 5;

    /// <summary>Standard deviation of white noise of variance 1 in each band.</summary>
    private static readonly double[] BandNoise = [0.8908, 0.2007, 0.0857, 0.0413, 0.0205];

    /// <summary>The image and its five low passes, each twice as wide as the one before.</summary>
    public static Raster<float>[] LowPasses(Raster<float> image, Workers workers)
    {
        var levels = new Raster<float>[Bands + 1];
        levels[0] = image;
        for (int band = 0; band < Bands; band++)
        {
            levels[band + 1] = new Raster<float>(image.Width, image.Height);
            SymmetricFilter.Apply(levels[band], levels[band + 1], Pyramid.Binomial, 1 << band, workers);
        }

        return levels;
    }

    /// <summary>Amplitude of each band, from the low passes of the reference and an image that is aligned with it already.</summary>
    public static double[] Amplitudes(Raster<float>[] reference, Raster<float> aligned, Raster<float> weight, Workers workers)
    {
        int width = weight.Width, height = weight.Height;
        var sums = new double[height * 3 * Bands];
        EachLowPass(aligned, workers, (band, fine, smooth) => workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                Moments(reference[band].Row(y), reference[band + 1].Row(y), fine.Row(y), smooth.Row(y), weight.Row(y), sums.AsSpan((y * Bands + band) * 3, 3));
        }));
        double count = 0;
        foreach (float w in weight.Pixels)
            count += w;
        var amplitudes = new double[Bands];
        for (int band = 0; band < Bands; band++)
        {
            double aa = 0, bb = 0, ab = 0;
            for (int y = 0; y < height; y++)
            {
                int at = (y * Bands + band) * 3;
                (aa, bb, ab) = (aa + sums[at], bb + sums[at + 1], ab + sums[at + 2]);
            }

            // The cap stands for what no pair reaches: interpolation and changes of light leave more than 0.05 % of the power unlike.
            double coherence = ab > 0 ? Math.Min(0.9995, ab * ab / (aa * bb)) : 0;
            double density = count > 0 ? aa / count / (BandNoise[band] * BandNoise[band]) : 0;
            amplitudes[band] = density > 1e-12 ? Math.Sqrt(coherence / ((1 - coherence) * density)) : 0;
        }

        return amplitudes;
    }

    /// <summary>The image with its bands multiplied by <paramref name="amplitudes"/>; the lowest pass is left out.</summary>
    public static Raster<float> Filter(Raster<float>[] lowPasses, double[] amplitudes, Workers workers)
    {
        var result = new Raster<float>(lowPasses[0].Width, lowPasses[0].Height);
        for (int level = 0; level <= Bands; level++)
            Accumulate(lowPasses[level], Factor(amplitudes, level), result, workers);
        return result;
    }

    /// <summary>The same from the image itself, when its low passes are needed for nothing else.</summary>
    public static Raster<float> Filter(Raster<float> image, double[] amplitudes, Workers workers)
    {
        var result = new Raster<float>(image.Width, image.Height);
        Accumulate(image, Factor(amplitudes, 0), result, workers);
        EachLowPass(image, workers, (band, _, smooth) => Accumulate(smooth, Factor(amplitudes, band + 1), result, workers));
        return result;
    }

    /// <summary>Calls <paramref name="use"/> with each band's number, what it is taken from, and that smoothed; both are overwritten two bands on.</summary>
    private static void EachLowPass(Raster<float> image, Workers workers, Action<int, Raster<float>, Raster<float>> use)
    {
        var (fine, smooth, spare) = (image, new Raster<float>(image.Width, image.Height), new Raster<float>(image.Width, image.Height));
        for (int band = 0; band < Bands; band++)
        {
            SymmetricFilter.Apply(fine, smooth, Pyramid.Binomial, 1 << band, workers);
            use(band, fine, smooth);
            (fine, smooth, spare) = (smooth, spare, smooth);
        }
    }

    /// <summary>A band is the difference of two low passes, so each low pass enters two bands.</summary>
    private static float Factor(double[] amplitudes, int level) => (float)((level < Bands ? amplitudes[level] : 0) - (level > 0 ? amplitudes[level - 1] : 0));

    private static void Accumulate(Raster<float> values, float factor, Raster<float> sum, Workers workers) => workers.Rows(sum.Height, 32, (first, afterLast) =>
        Accumulate(values.Pixels.AsSpan(first * sum.Width, (afterLast - first) * sum.Width), factor, sum.Pixels.AsSpan(first * sum.Width, (afterLast - first) * sum.Width)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(Span<float> values, float factor, Span<float> sum)
    {
        int i = 0;
        ref float from = ref MemoryMarshal.GetReference(values), to = ref MemoryMarshal.GetReference(sum);
        for (; i + 8 <= values.Length; i += 8)
            Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, (nuint)i), Vector256.Create(factor), Vector256.LoadUnsafe(ref to, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        for (; i < values.Length; i++)
            sum[i] = MathF.FusedMultiplyAdd(values[i], factor, sum[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Moments(Span<float> a, Span<float> aSmooth, Span<float> b, Span<float> bSmooth, Span<float> weight, Span<double> sums)
    {
        Vector256<float> aa = default, bb = default, ab = default;
        ref float pa = ref MemoryMarshal.GetReference(a), pas = ref MemoryMarshal.GetReference(aSmooth), pb = ref MemoryMarshal.GetReference(b);
        ref float pbs = ref MemoryMarshal.GetReference(bSmooth), pw = ref MemoryMarshal.GetReference(weight);
        int x = 0;
        for (; x + 8 <= a.Length; x += 8)
        {
            var w = Vector256.LoadUnsafe(ref pw, (nuint)x);
            var u = Vector256.LoadUnsafe(ref pa, (nuint)x) - Vector256.LoadUnsafe(ref pas, (nuint)x);
            var v = Vector256.LoadUnsafe(ref pb, (nuint)x) - Vector256.LoadUnsafe(ref pbs, (nuint)x);
            aa += w * u * u;
            bb += w * v * v;
            ab += w * u * v;
        }

        (sums[0], sums[1], sums[2]) = (Vector256.Sum(aa), Vector256.Sum(bb), Vector256.Sum(ab));
        for (; x < a.Length; x++)
        {
            float u = a[x] - aSmooth[x], v = b[x] - bSmooth[x];
            sums[0] += weight[x] * u * u;
            sums[1] += weight[x] * v * v;
            sums[2] += weight[x] * u * v;
        }
    }
}
