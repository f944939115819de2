using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Means over square windows by running sums: the cost of a pixel does not depend on the window. Windows are cut at the border and divided by what is left of them.
/// </summary>
public static class BoxMean
{
    /// <summary>Rows between two fresh starts of the column sums: bounds the drift of the running sums, and sets the bands of the threads.</summary>
    private const int RowsPerBand = 64;

    /// <summary>target = mean of source over the (2 radius + 1)^2 window around each pixel.</summary>
    public static void Apply(Raster<float> source, Raster<float> target, int radius, Workers workers)
    {
        int width = source.Width, height = source.Height;
        if (ReferenceEquals(source, target))
            throw new ArgumentException("A filter cannot write onto its own input.", nameof(target));
        workers.Rows(height, RowsPerBand, () => (Sums: new double[width + 8], Line: new float[width + 2 * radius + 16]), (first, afterLast, scratch) =>
        {
            var sums = scratch.Sums.AsSpan(0, width);
            sums.Clear();
            for (int y = Math.Max(0, first - radius); y <= Math.Min(height - 1, first + radius); y++)
                Add(sums, source.Row(y), 1);
            for (int y = first; y < afterLast; y++)
            {
                int rows = Math.Min(height - 1, y + radius) - Math.Max(0, y - radius) + 1;
                Across(sums, target.Row(y), radius, rows);
                if (y + radius + 1 < height)
                    Add(sums, source.Row(y + radius + 1), 1);
                if (y - radius >= 0)
                    Add(sums, source.Row(y - radius), -1);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(Span<double> sums, Span<float> row, double sign)
    {
        ref double sum = ref MemoryMarshal.GetReference(sums);
        ref float value = ref MemoryMarshal.GetReference(row);
        int x = 0;
        var factor = Vector256.Create(sign);
        for (; x + 8 <= row.Length; x += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref value, (nuint)x));
            (Vector256.LoadUnsafe(ref sum, (nuint)x) + factor * low).StoreUnsafe(ref sum, (nuint)x);
            (Vector256.LoadUnsafe(ref sum, (nuint)x + 4) + factor * high).StoreUnsafe(ref sum, (nuint)x + 4);
        }

        for (; x < row.Length; x++)
            sums[x] += sign * row[x];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Across(Span<double> sums, Span<float> target, int radius, int rows)
    {
        int width = target.Length;
        double sum = 0;
        for (int x = 0; x < Math.Min(width, radius); x++)
            sum += sums[x];
        double full = 1.0 / ((2 * radius + 1) * (double)rows);
        for (int x = 0; x < width; x++)
        {
            if (x + radius < width)
                sum += sums[x + radius];
            if (x - radius - 1 >= 0)
                sum -= sums[x - radius - 1];
            int columns = Math.Min(width - 1, x + radius) - Math.Max(0, x - radius) + 1;
            target[x] = (float)(columns == 2 * radius + 1 ? sum * full : sum / (columns * (double)rows));
        }
    }
}
