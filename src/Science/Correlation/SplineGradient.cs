using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>First derivatives, at the pixels, of the cubic spline through an image: an antisymmetric kernel cut where it falls below 1e-4.</summary>
internal static class SplineGradient
{
    private const int Reach = 6;

    /// <summary>Taps[k] multiplies image(x + k) - image(x - k).</summary>
    private static readonly float[] Taps = MakeTaps();

    public static void Apply(Raster<float> image, Plane gradientX, Plane gradientY, Workers workers)
    {
        int width = image.Width, height = image.Height;
        workers.Rows(height, 16, () => new float[gradientX.Padded + 2 * Reach + 8], (first, afterLast, line) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                image.Row(y).CopyTo(line.AsSpan(Reach));
                for (int i = 1; i <= Reach; i++)
                {
                    line[Reach - i] = line[Reach + SymmetricFilter.Mirror(-i, width)];
                    line[Reach + width - 1 + i] = line[Reach + SymmetricFilter.Mirror(width - 1 + i, width)];
                }

                Along(line, gradientX.Row(y));
                Down(image, y, gradientY.Row(y));
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Along(float[] line, Span<float> result)
    {
        ref float input = ref MemoryMarshal.GetArrayDataReference(line);
        ref float output = ref MemoryMarshal.GetReference(result);
        int x = 0;
        for (; x + 8 <= result.Length; x += 8)
        {
            var sum = Vector256<float>.Zero;
            for (int k = 1; k <= Reach; k++)
                sum += Vector256.Create(Taps[k]) * (Vector256.LoadUnsafe(ref input, (nuint)(x + Reach + k)) - Vector256.LoadUnsafe(ref input, (nuint)(x + Reach - k)));
            sum.StoreUnsafe(ref output, (nuint)x);
        }

        for (; x < result.Length; x++)
        {
            result[x] = 0;
            for (int k = 1; k <= Reach; k++)
                result[x] += Taps[k] * (line[x + Reach + k] - line[x + Reach - k]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Down(Raster<float> image, int y, Span<float> result)
    {
        ref float output = ref MemoryMarshal.GetReference(result);
        result.Clear();
        for (int k = 1; k <= Reach; k++)
        {
            var below = image.Row(SymmetricFilter.Mirror(y + k, image.Height));
            var above = image.Row(SymmetricFilter.Mirror(y - k, image.Height));
            ref float lower = ref MemoryMarshal.GetReference(below), upper = ref MemoryMarshal.GetReference(above);
            int x = 0;
            for (; x + 8 <= result.Length; x += 8)
                (Vector256.LoadUnsafe(ref output, (nuint)x) + Vector256.Create(Taps[k]) * (Vector256.LoadUnsafe(ref lower, (nuint)x) - Vector256.LoadUnsafe(ref upper, (nuint)x)))
                    .StoreUnsafe(ref output, (nuint)x);
            for (; x < result.Length; x++)
                result[x] += Taps[k] * (below[x] - above[x]);
        }
    }

    /// <summary>The prefilter's response sqrt(3) z^|k|, z = sqrt(3) - 2, differenced by (f(x + 1) - f(x - 1)) / 2.</summary>
    private static float[] MakeTaps()
    {
        double Response(int k) => Math.Sqrt(3) * Math.Pow(Math.Sqrt(3) - 2, Math.Abs(k));
        var taps = new double[Reach + 1];
        double slope = 0;
        for (int k = 1; k <= Reach; k++)
        {
            taps[k] = 0.5 * (Response(k - 1) - Response(k + 1));
            slope += 2 * k * taps[k];
        }

        return Array.ConvertAll(taps, tap => (float)(tap / slope));
    }
}
