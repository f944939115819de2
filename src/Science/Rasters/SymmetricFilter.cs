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
        ref float input = ref MemoryMarshal.GetArrayDataReference(source.Pixels), output = ref MemoryMarshal.GetReference(line);
        Span<int> above = stackalloc int[taps.Length], below = stackalloc int[taps.Length];
        for (int k = 0; k < taps.Length; k++)
            (above[k], below[k]) = (source.Width * Mirror(y - k * step, source.Height), source.Width * Mirror(y + k * step, source.Height));
        int width = line.Length, x = 0;
        // Four sums at once: one alone would wait for itself at every tap.
        for (; x + 32 <= width; x += 32)
        {
            ref float centre = ref Unsafe.Add(ref input, above[0] + x);
            var first = Vector256.Create(taps[0]);
            var (a, b, c, d) = (Vector256.LoadUnsafe(ref centre) * first, Vector256.LoadUnsafe(ref centre, 8) * first,
                Vector256.LoadUnsafe(ref centre, 16) * first, Vector256.LoadUnsafe(ref centre, 24) * first);
            for (int k = 1; k < taps.Length; k++)
                AddPair(ref Unsafe.Add(ref input, above[k] + x), ref Unsafe.Add(ref input, below[k] + x), taps[k], ref a, ref b, ref c, ref d);
            Store(ref Unsafe.Add(ref output, x), a, b, c, d);
        }

        for (; x + Vector256<float>.Count <= width; x += Vector256<float>.Count)
        {
            var sum = Vector256.LoadUnsafe(ref input, (nuint)(above[0] + x)) * taps[0];
            for (int k = 1; k < taps.Length; k++)
            {
                var pair = Vector256.LoadUnsafe(ref input, (nuint)(above[k] + x)) + Vector256.LoadUnsafe(ref input, (nuint)(below[k] + x));
                sum = Vector256.FusedMultiplyAdd(pair, Vector256.Create(taps[k]), sum);
            }

            sum.StoreUnsafe(ref output, (nuint)x);
        }

        for (; x < width; x++)
        {
            float sum = Unsafe.Add(ref input, above[0] + x) * taps[0];
            for (int k = 1; k < taps.Length; k++)
                sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref input, above[k] + x) + Unsafe.Add(ref input, below[k] + x), taps[k], sum);
            line[x] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line(float[] line, Span<float> target, float[] taps, int step, int reach)
    {
        ref float input = ref MemoryMarshal.GetArrayDataReference(line);
        ref float output = ref MemoryMarshal.GetReference(target);
        int width = target.Length, x = 0;
        for (; x + 32 <= width; x += 32)
        {
            ref float centre = ref Unsafe.Add(ref input, x + reach);
            var first = Vector256.Create(taps[0]);
            var (a, b, c, d) = (Vector256.LoadUnsafe(ref centre) * first, Vector256.LoadUnsafe(ref centre, 8) * first,
                Vector256.LoadUnsafe(ref centre, 16) * first, Vector256.LoadUnsafe(ref centre, 24) * first);
            for (int k = 1; k < taps.Length; k++)
                AddPair(ref Unsafe.Add(ref centre, -k * step), ref Unsafe.Add(ref centre, k * step), taps[k], ref a, ref b, ref c, ref d);
            Store(ref Unsafe.Add(ref output, x), a, b, c, d);
        }

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPair(
        ref float one, ref float other, float tap, ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c, ref Vector256<float> d)
    {
        var weight = Vector256.Create(tap);
        a = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref one) + Vector256.LoadUnsafe(ref other), weight, a);
        b = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref one, 8) + Vector256.LoadUnsafe(ref other, 8), weight, b);
        c = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref one, 16) + Vector256.LoadUnsafe(ref other, 16), weight, c);
        d = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref one, 24) + Vector256.LoadUnsafe(ref other, 24), weight, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float to, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        a.StoreUnsafe(ref to);
        b.StoreUnsafe(ref to, 8);
        c.StoreUnsafe(ref to, 16);
        d.StoreUnsafe(ref to, 24);
    }
}
