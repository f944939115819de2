using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// An image as a cubic B-spline that passes through every pixel (Unser, Aldroubi and Eden 1993): sampled anywhere, mirrored at the border.
/// A cubic B-spline bends the sub-pixel bias of a match several times less than bilinear or cubic convolution does.
/// </summary>
public sealed class SplineImage
{
    private const int Padding = 3;
    private const int ColumnsPerStrip = 256;
    private const int RowsPerBand = 64;

    // The pole of the cubic B-spline; its 16th power is below the precision of a float.
    private static readonly float Pole = (float)(Math.Sqrt(3) - 2);

    private readonly Raster<float> coefficients;

    private SplineImage(int width, int height, Raster<float> coefficients)
    {
        Width = width;
        Height = height;
        this.coefficients = coefficients;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Spline of <paramref name="image"/>, which must be finite everywhere.</summary>
    public static SplineImage Of(Raster<float> image, Workers workers)
    {
        int width = image.Width, height = image.Height, padding = Padding;
        var padded = new Raster<float>(width + 2 * padding, height + 2 * padding);
        workers.Rows(height, RowsPerBand, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = padded.Row(y + padding).Slice(padding, width);
                image.Row(y).CopyTo(row);
                FilterRow(row);
            }
        });
        workers.Rows(width, ColumnsPerStrip, (first, afterLast) => FilterColumns(padded, first + padding, afterLast - first, height));
        for (int y = 0; y < height; y++)
        {
            var row = padded.Row(y + padding);
            for (int i = 1; i <= padding; i++)
            {
                row[padding - i] = row[padding + Mirror(-i, width)];
                row[padding + width - 1 + i] = row[padding + Mirror(width - 1 + i, width)];
            }
        }

        for (int i = 1; i <= padding; i++)
        {
            padded.Row(padding + Mirror(-i, height)).CopyTo(padded.Row(padding - i));
            padded.Row(padding + Mirror(height - 1 + i, height)).CopyTo(padded.Row(padding + height - 1 + i));
        }

        return new SplineImage(width, height, padded);
    }

    /// <summary>The value at column <paramref name="x"/> and row <paramref name="y"/>, pixel centres at whole numbers; clamped one pixel outside the image.</summary>
    public float Sample(float x, float y)
    {
        float result = 0;
        SampleRow(0, [x], [y], new Span<float>(ref result));
        return result;
    }

    /// <summary>Samples at (x + dx[x], y + dy[x]) for x = 0, 1, 2 ... ; displacements must be finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SampleRow(int y, ReadOnlySpan<float> dx, ReadOnlySpan<float> dy, Span<float> result)
    {
        // Weights of the four taps as cubics of the fraction t, one lane per tap.
        var c3 = Vector128.Create(-1f / 6, 0.5f, -0.5f, 1f / 6);
        var c2 = Vector128.Create(0.5f, -1f, 0.5f, 0f);
        var c1 = Vector128.Create(-0.5f, 0f, 0.5f, 0f);
        var c0 = Vector128.Create(1f / 6, 4f / 6, 1f / 6, 0f);
        int stride = coefficients.Width;
        ref float origin = ref MemoryMarshal.GetArrayDataReference(coefficients.Pixels);
        float right = Width, bottom = Height;
        for (int x = 0; x < result.Length; x++)
        {
            float px = Math.Min(Math.Max(x + dx[x], -1f), right) + Padding;
            float py = Math.Min(Math.Max(y + dy[x], -1f), bottom) + Padding;
            // The last tap must stay inside the padding, also for a position exactly one pixel beyond the image.
            int ix = Math.Min((int)px, Width + Padding - 1), iy = Math.Min((int)py, Height + Padding - 1);
            var tx = Vector128.Create(px - ix);
            float ty = py - iy;
            var wx = ((c3 * tx + c2) * tx + c1) * tx + c0;
            var vy = Vector128.Create(ty);
            var wy = ((c3 * vy + c2) * vy + c1) * vy + c0;
            nuint at = (nuint)((iy - 1) * stride + ix - 1);
            var sum = Vector128.LoadUnsafe(ref origin, at) * wy.GetElement(0)
                + Vector128.LoadUnsafe(ref origin, at + (nuint)stride) * wy.GetElement(1)
                + Vector128.LoadUnsafe(ref origin, at + (nuint)(2 * stride)) * wy.GetElement(2)
                + Vector128.LoadUnsafe(ref origin, at + (nuint)(3 * stride)) * wy.GetElement(3);
            result[x] = Vector128.Sum(sum * wx);
        }
    }

    /// <summary>Index reflected about the first and the last pixel, for any distance.</summary>
    internal static int Mirror(int index, int length)
    {
        if (length == 1)
            return 0;
        int period = 2 * (length - 1);
        index = Math.Abs(index) % period;
        return index < length ? index : period - index;
    }

    // Causal and anticausal recursion of the inverse B-spline filter, mirror symmetric (Unser 1999, box 2).
    private static void FilterRow(Span<float> row)
    {
        int n = row.Length;
        if (n == 1)
            return;
        float z = Pole, power = 1, start = 0;
        for (int k = 0; k < 16; k++, power *= z)
            start += power * row[Mirror(k, n)];
        float previous = start;
        row[0] = start;
        for (int x = 1; x < n; x++)
            row[x] = previous = row[x] + z * previous;
        row[n - 1] = previous = z / (z * z - 1) * (row[n - 1] + z * row[n - 2]);
        for (int x = n - 2; x >= 0; x--)
            row[x] = previous = z * (previous - row[x]);
        for (int x = 0; x < n; x++)
            row[x] *= 6;
    }

    private static void FilterColumns(Raster<float> padded, int firstColumn, int columns, int height)
    {
        if (height == 1)
            return;
        float z = Pole;
        Span<float> Row(int y) => padded.Row(y + Padding).Slice(firstColumn, columns);
        var start = new float[columns];
        float power = 1;
        for (int k = 0; k < 16; k++, power *= z)
            MultiplyAdd(Row(Mirror(k, height)), power, start, start);
        start.CopyTo(Row(0));
        for (int y = 1; y < height; y++)
            MultiplyAdd(Row(y - 1), z, Row(y), Row(y));
        var last = Row(height - 1);
        MultiplyAdd(Row(height - 2), z, last, last);
        Scale(last, z / (z * z - 1));
        for (int y = height - 2; y >= 0; y--)
        {
            // c[y] = z (c[y + 1] - p[y])
            var row = Row(y);
            Scale(row, -z);
            MultiplyAdd(Row(y + 1), z, row, row);
        }

        for (int y = 0; y < height; y++)
            Scale(Row(y), 6);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyAdd(ReadOnlySpan<float> a, float factor, ReadOnlySpan<float> b, Span<float> result)
    {
        ref float pa = ref MemoryMarshal.GetReference(a), pb = ref MemoryMarshal.GetReference(b), pr = ref MemoryMarshal.GetReference(result);
        int x = 0;
        for (; x + 8 <= a.Length; x += 8)
            (Vector256.LoadUnsafe(ref pa, (nuint)x) * factor + Vector256.LoadUnsafe(ref pb, (nuint)x)).StoreUnsafe(ref pr, (nuint)x);
        for (; x < a.Length; x++)
            result[x] = a[x] * factor + b[x];
    }

    private static void Scale(Span<float> row, float factor)
    {
        int x = 0;
        ref float p = ref MemoryMarshal.GetReference(row);
        for (; x + 8 <= row.Length; x += 8)
            (Vector256.LoadUnsafe(ref p, (nuint)x) * factor).StoreUnsafe(ref p, (nuint)x);
        for (; x < row.Length; x++)
            row[x] *= factor;
    }
}
