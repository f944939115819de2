using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Cells of 4 x 4 pixels: what varies slowly (gain, noise, slope of the field) is gathered, smoothed and read back on them at a sixteenth of the cost.
/// </summary>
internal static class CellGrid
{
    public const int Side = 4;

    public static Raster<float> Create(int width, int height) => new((width + Side - 1) / Side, (height + Side - 1) / Side);

    /// <summary>cells[c] = sum of the four columns of <paramref name="sums"/> that lie in cell c; the columns beyond the image must be 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(ReadOnlySpan<float> sums, Span<float> cells)
    {
        ref float from = ref MemoryMarshal.GetReference(sums), to = ref MemoryMarshal.GetReference(cells);
        int c = 0;
        for (; c + 4 <= cells.Length; c += 4)
        {
            var (left, right) = (Pairs(ref from, 4 * c), Pairs(ref from, 4 * c + 8));
            (Vector128.Create(left.GetLower(), right.GetLower()) + Vector128.Create(left.GetUpper(), right.GetUpper())).StoreUnsafe(ref to, (nuint)c);
        }

        for (; c < cells.Length; c++)
            cells[c] = sums[4 * c] + sums[4 * c + 1] + (sums[4 * c + 2] + sums[4 * c + 3]);
    }

    /// <summary>Of eight numbers: first and second, fifth and sixth, third and fourth, seventh and eighth, added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pairs(ref float from, int at)
    {
        var sorted = Vector256.Shuffle(Vector256.LoadUnsafe(ref from, (nuint)at), Vector256.Create(0, 4, 2, 6, 1, 5, 3, 7));
        return sorted.GetLower() + sorted.GetUpper();
    }

    /// <summary>Bilinear reading of the cells along pixel row <paramref name="y"/>; writes whole cells, so <paramref name="row"/> holds a multiple of four.</summary>
    public static void Read(Raster<float> cells, int y, Span<float> row, Span<float> line)
    {
        int cellRow = y / Side, phase = y % Side;
        float near = phase is 1 or 2 ? 0.875f : 0.625f;
        var a = cells.Row(cellRow);
        var b = cells.Row(Math.Clamp(phase < 2 ? cellRow - 1 : cellRow + 1, 0, cells.Height - 1));
        line = line[..a.Length];
        for (int c = 0; c < line.Length; c++)
            line[c] = near * a[c] + (1 - near) * b[c];
        Expand(line, row);
    }

    /// <summary>Gaussian smoothing on the cells; sigma in cells.</summary>
    public static Raster<float> Smooth(Raster<float> cells, double sigma, Workers workers)
    {
        int reach = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        var taps = new float[reach + 1];
        double total = 0;
        for (int k = 0; k <= reach; k++)
        {
            taps[k] = (float)Math.Exp(-0.5 * k * k / (sigma * sigma));
            total += (k == 0 ? 1 : 2) * taps[k];
        }

        for (int k = 0; k <= reach; k++)
            taps[k] = (float)(taps[k] / total);
        var result = new Raster<float>(cells.Width, cells.Height);
        SymmetricFilter.Apply(cells, result, taps, 1, workers);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Expand(Span<float> line, Span<float> row)
    {
        ref float output = ref MemoryMarshal.GetReference(row);
        var before = Vector128.Create(0.375f, 0.125f, 0, 0);
        var here = Vector128.Create(0.625f, 0.875f, 0.875f, 0.625f);
        var after = Vector128.Create(0, 0, 0.125f, 0.375f);
        for (int c = 0; c < line.Length; c++)
        {
            var value = before * line[Math.Max(0, c - 1)] + here * line[c] + after * line[Math.Min(line.Length - 1, c + 1)];
            value.StoreUnsafe(ref output, (nuint)(4 * c));
        }
    }
}
