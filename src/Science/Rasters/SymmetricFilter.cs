using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Separable convolution by a symmetric kernel, optionally with holes; the image is mirrored about its border pixels. Deterministic for any thread count.
/// </summary>
public static class SymmetricFilter
{
    private const int RowsPerBand = 32;

    /// <summary>
    /// target(x, y) = sum over i, j of taps[|i|] taps[|j|] source(x + i step, y + j step), |i|, |j| below the number of taps.
    /// </summary>
    public static void Apply(Raster<float> source, Raster<float> target, float[] taps, int step, Workers workers)
    {
        int width = source.Width, height = source.Height, reach = (taps.Length - 1) * step;
        if (ReferenceEquals(source, target))
            throw new ArgumentException("A filter cannot write onto its own input.", nameof(target));
        int stride = width + 2 * reach;
        workers.Rows(height, RowsPerBand, () => new float[stride + 8], (first, afterLast, line) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                Columns(source, y, taps, step, line.AsSpan(reach, width));
                for (int i = 1; i <= reach; i++)
                {
                    line[reach - i] = line[reach + Mirror(-i, width)];
                    line[reach + width - 1 + i] = line[reach + Mirror(width - 1 + i, width)];
                }

                Line(line, target.Row(y), taps, step, reach);
            }
        });
    }

    /// <summary>Index reflected about the first and last pixel: -1 is 1, n is n - 2.</summary>
    public static int Mirror(int index, int length)
    {
        if ((uint)index < (uint)length)
            return index;
        if (length == 1)
            return 0;
        int period = 2 * (length - 1);
        index = Math.Abs(index) % period;
        return index < length ? index : period - index;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns(Raster<float> source, int y, float[] taps, int step, Span<float> line)
    {
        ref float result = ref MemoryMarshal.GetReference(line);
        int width = line.Length, vectorEnd = width - width % Vector256<float>.Count;
        for (int k = 0; k < taps.Length; k++)
        {
            float tap = taps[k];
            ref float above = ref MemoryMarshal.GetReference(source.Row(Mirror(y - k * step, source.Height)));
            ref float below = ref MemoryMarshal.GetReference(source.Row(Mirror(y + k * step, source.Height)));
            if (k == 0)
            {
                for (int x = 0; x < width; x++)
                    Unsafe.Add(ref result, x) = tap * Unsafe.Add(ref above, x);
                continue;
            }

            var weight = Vector256.Create(tap);
            int column = 0;
            for (; column < vectorEnd; column += Vector256<float>.Count)
            {
                var sum = Vector256.LoadUnsafe(ref above, (nuint)column) + Vector256.LoadUnsafe(ref below, (nuint)column);
                Vector256.FusedMultiplyAdd(sum, weight, Vector256.LoadUnsafe(ref result, (nuint)column)).StoreUnsafe(ref result, (nuint)column);
            }

            for (; column < width; column++)
                Unsafe.Add(ref result, column) = MathF.FusedMultiplyAdd(Unsafe.Add(ref above, column) + Unsafe.Add(ref below, column), tap, Unsafe.Add(ref result, column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line(float[] line, Span<float> target, float[] taps, int step, int reach)
    {
        ref float input = ref MemoryMarshal.GetArrayDataReference(line);
        ref float output = ref MemoryMarshal.GetReference(target);
        int width = target.Length, x = 0;
        for (; x + Vector256<float>.Count <= width; x += Vector256<float>.Count)
        {
            var sum = Vector256.LoadUnsafe(ref input, (nuint)(x + reach)) * taps[0];
            for (int k = 1; k < taps.Length; k++)
            {
                var pair = Vector256.LoadUnsafe(ref input, (nuint)(x + reach - k * step)) + Vector256.LoadUnsafe(ref input, (nuint)(x + reach + k * step));
                sum = Vector256.FusedMultiplyAdd(pair, Vector256.Create(taps[k]), sum);
            }

            sum.StoreUnsafe(ref output, (nuint)x);
        }

        for (; x < width; x++)
        {
            float sum = line[x + reach] * taps[0];
            for (int k = 1; k < taps.Length; k++)
                sum = MathF.FusedMultiplyAdd(line[x + reach - k * step] + line[x + reach + k * step], taps[k], sum);
            target[x] = sum;
        }
    }
}
