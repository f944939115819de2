using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Exact percentiles over a part of a scene without copying it: the 32 bits of a float, made orderable, are counted in two halves.
/// Same convention as <see cref="OrderStatistics.Percentile"/>.
/// </summary>
internal static class ScenePercentile
{
    /// <summary>Writes the wanted values of row y to <paramref name="values"/> (room for a whole row) and returns how many; NaN does not count.</summary>
    public delegate int RowValues(int y, Span<float> values);

    /// <summary>One value per asked percentage; all NaN when there is no value at all.</summary>
    public static double[] Of(int width, int height, RowValues rows, Workers workers, params double[] percents)
    {
        var coarse = Histogram(width, height, rows, workers, 1 << 16, static (key, counts) => counts[key >> 16]++);
        long total = coarse.Sum();
        if (total == 0)
            return percents.Select(static _ => double.NaN).ToArray();

        var positions = percents.Select(p => Math.Clamp(p / 100 * total - 0.5, 0, total - 1)).ToArray();
        var ranks = positions.SelectMany(p => new[] { (long)p, Math.Min((long)p + 1, total - 1) }).Distinct().Order().ToArray();
        var bins = ranks.Select(rank => BinOf(coarse, 0, coarse.Length, rank)).ToArray();
        var wanted = bins.Select(b => b.Bin).Distinct().ToArray();
        var slotOf = new int[1 << 16];
        slotOf.AsSpan().Fill(-1);
        for (int slot = 0; slot < wanted.Length; slot++)
            slotOf[wanted[slot]] = slot;
        var fine = Histogram(width, height, rows, workers, wanted.Length << 16, (key, counts) =>
        {
            int slot = slotOf[key >> 16];
            if (slot >= 0)
                counts[slot << 16 | (int)(key & 0xFFFF)]++;
        });

        var valueAt = new Dictionary<long, float>();
        for (int i = 0; i < ranks.Length; i++)
        {
            int slot = slotOf[bins[i].Bin];
            int low = BinOf(fine, slot << 16, (slot + 1) << 16, bins[i].RankInBin).Bin & 0xFFFF;
            valueAt[ranks[i]] = FromKey((uint)bins[i].Bin << 16 | (uint)low);
        }

        return positions.Select(p =>
        {
            float below = valueAt[(long)p], above = valueAt[Math.Min((long)p + 1, total - 1)];
            return below + (p - Math.Floor(p)) * ((double)above - below);
        }).ToArray();
    }

    /// <summary>Percentile from a histogram of whole numbers: the value is the index, between two indices linear; NaN when empty.</summary>
    public static double OfHistogram(ReadOnlySpan<long> counts, double percent)
    {
        long total = 0;
        foreach (long count in counts)
            total += count;
        if (total == 0)
            return double.NaN;
        double position = Math.Clamp(percent / 100 * total - 0.5, 0, total - 1);
        int below = BinOf(counts, 0, counts.Length, (long)position).Bin;
        int above = BinOf(counts, 0, counts.Length, Math.Min((long)position + 1, total - 1)).Bin;
        return below + (position - Math.Floor(position)) * (above - below);
    }

    private static long[] Histogram(int width, int height, RowValues rows, Workers workers, int size, Action<uint, long[]> add)
    {
        var parts = new System.Collections.Concurrent.ConcurrentBag<long[]>();
        workers.Rows(height, 32, () =>
        {
            var part = new long[size];
            parts.Add(part);
            return (Counts: part, Values: new float[width]);
        }, (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                int count = rows(y, scratch.Values);
                foreach (float value in scratch.Values.AsSpan(0, count))
                {
                    if (!float.IsNaN(value))
                        add(ToKey(value), scratch.Counts);
                }
            }
        });
        // Sums of whole numbers: the order of the parts does not matter.
        var sum = new long[size];
        foreach (long[] part in parts)
        {
            for (int i = 0; i < size; i++)
                sum[i] += part[i];
        }

        return sum;
    }

    private static (int Bin, long RankInBin) BinOf(ReadOnlySpan<long> counts, int first, int afterLast, long rank)
    {
        for (int bin = first; bin < afterLast; bin++)
        {
            if (rank < counts[bin])
                return (bin, rank);
            rank -= counts[bin];
        }

        throw new ArgumentOutOfRangeException(nameof(rank));
    }

    private static uint ToKey(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    private static float FromKey(uint key) =>
        BitConverter.UInt32BitsToSingle((key & 0x8000_0000) != 0 ? key & 0x7FFF_FFFF : ~key);
}
