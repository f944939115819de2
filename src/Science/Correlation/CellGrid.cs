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
        Mix(a, near, b, 1 - near, line);
        Expand(line, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(Span<float> a, float shareOfA, Span<float> b, float shareOfB, Span<float> line)
    {
        ref float first = ref MemoryMarshal.GetReference(a), second = ref MemoryMarshal.GetReference(b), output = ref MemoryMarshal.GetReference(line);
        int c = 0;
        for (; c + 8 <= line.Length; c += 8)
            (Vector256.LoadUnsafe(ref first, (nuint)c) * shareOfA + Vector256.LoadUnsafe(ref second, (nuint)c) * shareOfB).StoreUnsafe(ref output, (nuint)c);
        for (; c < line.Length; c++)
            line[c] = shareOfA * a[c] + shareOfB * b[c];
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

    /// <summary>Mean of the pixels of each cell.</summary>
    public static Raster<float> Mean(Plane plane, Workers workers)
    {
        var cells = Create(plane.Width, plane.Height);
        workers.Rows(cells.Height, 4, (first, afterLast) =>
        {
            for (int cellRow = first; cellRow < afterLast; cellRow++)
            {
                var row = cells.Row(cellRow);
                int top = cellRow * Side, bottom = Math.Min(plane.Height, top + Side);
                for (int y = top; y < bottom; y++)
                {
                    var pixels = plane.Row(y);
                    for (int x = 0; x < pixels.Length; x++)
                        row[x / Side] += pixels[x];
                }

                for (int c = 0; c < row.Length; c++)
                    row[c] /= (bottom - top) * Math.Min(Side, plane.Width - c * Side);
            }
        });
        return cells;
    }

    /// <summary>Bilinear reading of the cells at a place given in pixels; beyond the rim the rim counts.</summary>
    public static float At(Raster<float> cells, float x, float y)
    {
        const float centre = 0.5f * (Side - 1);
        float column = Math.Clamp((x - centre) / Side, 0, cells.Width - 1), row = Math.Clamp((y - centre) / Side, 0, cells.Height - 1);
        int i = Math.Min((int)column, cells.Width - 2), j = Math.Min((int)row, cells.Height - 2);
        float fx = column - i, fy = row - j;
        return (1 - fy) * ((1 - fx) * cells[i, j] + fx * cells[i + 1, j]) + fy * ((1 - fx) * cells[i, j + 1] + fx * cells[i + 1, j + 1]);
    }

    /// <summary>1 in the seeds and in the cells within about <paramref name="radius"/> cells of one.</summary>
    public static Raster<byte> Around(Raster<byte> seeds, int radius)
    {
        var result = new Raster<byte>(seeds.Width, seeds.Height);
        for (int y = 0; y < seeds.Height; y++)
            for (int x = 0; x < seeds.Width; x++)
            {
                if (seeds[x, y] == 0)
                    continue;
                for (int j = Math.Max(0, y - radius); j <= Math.Min(seeds.Height - 1, y + radius); j++)
                    for (int i = Math.Max(0, x - radius); i <= Math.Min(seeds.Width - 1, x + radius); i++)
                        if ((i - x) * (i - x) + (j - y) * (j - y) <= radius * (radius + 1))
                            result[i, j] = 1;
            }

        return result;
    }

    /// <summary>Distance in cells from the nearest seed along rows, columns and diagonals (chamfer).</summary>
    public static Raster<float> Distance(Raster<byte> seeds)
    {
        int w = seeds.Width, h = seeds.Height;
        var distance = new Raster<float>(w, h);
        for (int c = 0; c < seeds.Pixels.Length; c++)
            distance.Pixels[c] = seeds.Pixels[c] != 0 ? 0 : 1e6f;
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                Shorten(x, y, -1);
        for (int y = h - 1; y >= 0; y--)
            for (int x = w - 1; x >= 0; x--)
                Shorten(x, y, 1);
        return distance;

        void Shorten(int x, int y, int step)
        {
            float best = Math.Min(distance[x, y], Math.Min(Seen(x + step, y), Seen(x, y + step)) + 1);
            distance[x, y] = Math.Min(best, Math.Min(Seen(x + step, y + step), Seen(x - step, y + step)) + 1.4142f);
        }

        float Seen(int x, int y) => (uint)x < (uint)w && (uint)y < (uint)h ? distance[x, y] : 1e6f;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Expand(Span<float> line, Span<float> row)
    {
        ref float output = ref MemoryMarshal.GetReference(row);
        var before = Vector128.Create(0.375f, 0.125f, 0, 0);
        var here = Vector128.Create(0.625f, 0.875f, 0.875f, 0.625f);
        var after = Vector128.Create(0, 0, 0.125f, 0.375f);
        void One(int c, Span<float> line, ref float output)
        {
            var value = before * line[Math.Max(0, c - 1)] + here * line[c] + after * line[Math.Min(line.Length - 1, c + 1)];
            value.StoreUnsafe(ref output, (nuint)(4 * c));
        }

        ref float input = ref MemoryMarshal.GetReference(line);
        One(0, line, ref output);
        int c = 1;
        var (own, other) = (Vector256.Create(here, here), Vector256.Create(before + after, before + after));
        // Of the eight cells from c - 1 on, two at a time are written: each column from its own cell and the nearer neighbour.
        for (; c + 7 <= line.Length; c += 6)
        {
            var cells = Vector256.LoadUnsafe(ref input, (nuint)(c - 1));
            ref float to = ref Unsafe.Add(ref output, 4 * c);
            (own * Vector256.Shuffle(cells, Vector256.Create(1, 1, 1, 1, 2, 2, 2, 2)) + other * Vector256.Shuffle(cells, Vector256.Create(0, 0, 2, 2, 1, 1, 3, 3))).StoreUnsafe(ref to);
            (own * Vector256.Shuffle(cells, Vector256.Create(3, 3, 3, 3, 4, 4, 4, 4)) + other * Vector256.Shuffle(cells, Vector256.Create(2, 2, 4, 4, 3, 3, 5, 5))).StoreUnsafe(ref to, 8);
            (own * Vector256.Shuffle(cells, Vector256.Create(5, 5, 5, 5, 6, 6, 6, 6)) + other * Vector256.Shuffle(cells, Vector256.Create(4, 4, 6, 6, 5, 5, 7, 7))).StoreUnsafe(ref to, 16);
        }

        for (; c < line.Length; c++)
            One(c, line, ref output);
    }
}
