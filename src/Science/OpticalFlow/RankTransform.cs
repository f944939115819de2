using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>
/// Rank transform (Zabih and Woodfill 1994): how many pixels of the surrounding square are brighter (or darker) than its centre. Unchanged by any
/// increasing change of brightness, hence robust to what the ground does between two dates.
/// </summary>
internal static class RankTransform
{
    private const int RowsPerBand = 64;
    private const float SmallestShare = 0.7f;

    /// <summary>
    /// Ranks scaled to [0, 1]; 0.5, the mean of a rank, where <paramref name="mask"/> is 0. Masked neighbours do not count, and the rank is scaled up for
    /// them; the border is mirrored. <paramref name="usable"/> becomes the mask without the pixels that have too few valid neighbours: their ranks follow
    /// the edge of the mask, which does not move with the ground.
    /// </summary>
    /// <param name="darker">Counts strictly darker neighbours instead of strictly brighter ones.</param>
    public static Raster<float> Compute(Raster<float> image, Raster<float> mask, int radius, bool darker, Workers workers, out Raster<float> usable)
    {
        int width = image.Width, height = image.Height;
        // A masked neighbour must lose every comparison.
        float loser = float.NegativeInfinity;
        int paddedWidth = width + 2 * radius + 8;
        var padded = new Raster<float>(paddedWidth, height + 2 * radius);
        workers.Rows(padded.Height, RowsPerBand, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = padded.Row(y);
                int from = SplineImage.Mirror(y - radius, height);
                var source = image.Row(from);
                var sourceMask = mask.Row(from);
                for (int x = 0; x < paddedWidth; x++)
                {
                    int column = SplineImage.Mirror(x - radius, width);
                    row[x] = sourceMask[column] == 0 ? loser : darker ? -source[column] : source[column];
                }
            }
        });

        var ranks = new Raster<float>(width, height);
        int all = (2 * radius + 1) * (2 * radius + 1) - 1;
        bool anyMasked = mask.Pixels.AsSpan().Contains(0f);
        var used = anyMasked ? new Raster<float>(width, height) : mask;
        workers.Rows(height, RowsPerBand, () => new int[2 * paddedWidth], (first, afterLast, counts) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = ranks.Row(y);
                CountRow(padded, y, radius, anyMasked, counts, row.Length);
                var maskRow = mask.Row(y);
                for (int x = 0; x < width; x++)
                {
                    int possible = anyMasked ? counts[paddedWidth + x] - 1 : all;
                    row[x] = maskRow[x] == 0 || possible <= 0 ? 0.5f : (float)counts[x] / possible;
                    if (anyMasked)
                        used[x, y] = possible >= SmallestShare * all ? maskRow[x] : 0;
                }
            }
        });
        usable = used;
        return ranks;
    }

    // counts[0..] brighter neighbours, counts[paddedWidth..] valid pixels of the square (with its centre).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountRow(Raster<float> padded, int y, int radius, bool anyMasked, int[] counts, int width)
    {
        int stride = padded.Width;
        ref float origin = ref MemoryMarshal.GetArrayDataReference(padded.Pixels);
        ref int result = ref MemoryMarshal.GetArrayDataReference(counts);
        var loser = Vector256.Create(float.NegativeInfinity);
        int side = 2 * radius + 1;
        for (int x = 0; x < width; x += 8)
        {
            var centre = Vector256.LoadUnsafe(ref origin, (nuint)((y + radius) * stride + x + radius));
            var brighter = Vector256<int>.Zero;
            var valid = Vector256<int>.Zero;
            for (int dy = 0; dy < side; dy++)
            {
                nuint at = (nuint)((y + dy) * stride + x);
                for (int dx = 0; dx < side; dx++)
                {
                    var neighbour = Vector256.LoadUnsafe(ref origin, at + (nuint)dx);
                    brighter -= Vector256.GreaterThan(neighbour, centre).AsInt32();
                    if (anyMasked)
                        valid -= Vector256.GreaterThan(neighbour, loser).AsInt32();
                }
            }

            brighter.StoreUnsafe(ref result, (nuint)x);
            valid.StoreUnsafe(ref result, (nuint)(stride + x));
        }
    }
}
