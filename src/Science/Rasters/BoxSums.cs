using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Sums over a square window of any radius at one price: running column sums, then a running sum along the row, both in double precision, so
/// that nothing drifts. The window is cut at the image border; the sum of a mask tells how many pixels took part.
/// </summary>
public static class BoxSums
{
    /// <summary>Receives the window sums of one row: <c>sums[plane][x]</c>, valid until it returns. Rows of different bands arrive from different threads.</summary>
    public delegate void RowOfSums(int y, float[][] sums);

    // Fixed, so that the rounding never depends on the number of threads.
    private const int RowsPerBand = 128;

    /// <summary>How many of the 2 radius + 1 places around <paramref name="at"/> lie inside [0, length).</summary>
    public static int Inside(int at, int radius, int length) => Math.Min(length - 1, at + radius) - Math.Max(0, at - radius) + 1;

    /// <summary>Sums of each of <paramref name="planes"/> (same size) over (2 radius + 1) squared pixels around each pixel.</summary>
    public static void ForEachRow(Raster<float>[] planes, int radius, Workers workers, RowOfSums row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        int width = planes[0].Width, height = planes[0].Height;
        workers.Rows(
            height,
            RowsPerBand,
            () => new Scratch(planes.Length, width, radius),
            (first, afterLast, scratch) => SumBand(planes, radius, first, afterLast, scratch, row));
    }

    /// <summary>Window sums of one raster as a raster.</summary>
    public static Raster<float> Sum(Raster<float> plane, int radius, Workers workers) => Sums([plane], radius, workers)[0];

    /// <summary>Window sums of several rasters as rasters.</summary>
    public static Raster<float>[] Sums(Raster<float>[] planes, int radius, Workers workers)
    {
        var results = Array.ConvertAll(planes, plane => new Raster<float>(plane.Width, plane.Height));
        ForEachRow(planes, radius, workers, (y, sums) =>
        {
            for (int p = 0; p < results.Length; p++)
                sums[p].CopyTo(results[p].Row(y));
        });
        return results;
    }

    private static void SumBand(Raster<float>[] planes, int radius, int first, int afterLast, Scratch scratch, RowOfSums row)
    {
        int height = planes[0].Height, width = planes[0].Width;
        for (int p = 0; p < planes.Length; p++)
        {
            Array.Clear(scratch.Columns[p]);
            for (int y = Math.Max(0, first - radius); y < Math.Min(height, first + radius); y++)
                Accumulate(scratch.Columns[p].AsSpan(radius + 1, width), planes[p].Row(y), 1);
        }

        for (int y = first; y < afterLast; y++)
        {
            for (int p = 0; p < planes.Length; p++)
            {
                if (y + radius < height)
                    Accumulate(scratch.Columns[p].AsSpan(radius + 1, width), planes[p].Row(y + radius), 1);
            }

            int pair = 0;
            for (; pair + 2 <= planes.Length; pair += 2)
                AlongRow(scratch.Columns[pair], scratch.Columns[pair + 1], radius, width, scratch.Sums[pair], scratch.Sums[pair + 1]);
            if (pair < planes.Length)
                AlongRow(scratch.Columns[pair], radius, width, scratch.Sums[pair]);
            row(y, scratch.Sums);
            for (int p = 0; p < planes.Length; p++)
            {
                if (y - radius >= 0)
                    Accumulate(scratch.Columns[p].AsSpan(radius + 1, width), planes[p].Row(y - radius), -1);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(Span<double> columns, ReadOnlySpan<float> row, double sign)
    {
        int x = 0;
        var signs = Vector256.Create(sign);
        ref double c = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(columns);
        ref float r = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(row);
        for (; x + 8 <= row.Length; x += 8)
        {
            var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref r, (nuint)x));
            (Vector256.LoadUnsafe(ref c, (nuint)x) + signs * lower).StoreUnsafe(ref c, (nuint)x);
            (Vector256.LoadUnsafe(ref c, (nuint)x + 4) + signs * upper).StoreUnsafe(ref c, (nuint)x + 4);
        }

        for (; x < row.Length; x++)
            columns[x] += sign * row[x];
    }

    // Two planes at a time: the running sum is bound by the latency of one addition, so the second plane costs nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AlongRow(double[] columnsA, double[] columnsB, int radius, int width, float[] sumsA, float[] sumsB)
    {
        var sum = Vector128<double>.Zero;
        for (int x = 0; x < 2 * radius + 1; x++)
            sum += Vector128.Create(columnsA[x], columnsB[x]);
        int window = 2 * radius + 1;
        for (int x = 0; x < width; x++)
        {
            // Entry x of the padded columns is image column x - radius - 1.
            sum += Vector128.Create(columnsA[x + window], columnsB[x + window]) - Vector128.Create(columnsA[x], columnsB[x]);
            sumsA[x] = (float)sum.GetElement(0);
            sumsB[x] = (float)sum.GetElement(1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AlongRow(double[] columns, int radius, int width, float[] sums)
    {
        double sum = 0;
        int window = 2 * radius + 1;
        for (int x = 0; x < window; x++)
            sum += columns[x];
        for (int x = 0; x < width; x++)
        {
            sum += columns[x + window] - columns[x];
            sums[x] = (float)sum;
        }
    }

    private sealed class Scratch
    {
        public Scratch(int planes, int width, int radius)
        {
            Columns = new double[planes][];
            Sums = new float[planes][];
            for (int p = 0; p < planes; p++)
            {
                Columns[p] = new double[width + 2 * radius + 1];
                Sums[p] = new float[width];
            }
        }

        /// <summary>Column sums with radius + 1 zeros before and radius zeros after.</summary>
        public double[][] Columns { get; }

        public float[][] Sums { get; }
    }
}
