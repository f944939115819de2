namespace GdmOptEtq.Science.Rasters;

/// <summary>How many pixels each reason removed. A pixel with two reasons counts under both; <see cref="Valid"/> has none.</summary>
public sealed record ValidityCounts(long Pixels, long Valid, IReadOnlyDictionary<Validity, long> ByReason)
{
    public static ValidityCounts Of(Raster<Validity> validity)
    {
        var histogram = new long[ushort.MaxValue + 1];
        foreach (var reasons in validity.Pixels)
            histogram[(ushort)reasons]++;
        var byReason = new SortedDictionary<Validity, long>();
        foreach (var reason in Enum.GetValues<Validity>())
        {
            long count = 0;
            for (int reasons = 0; reason != Validity.Valid && reasons < histogram.Length; reasons++)
            {
                if (((Validity)reasons & reason) != 0)
                    count += histogram[reasons];
            }

            if (count > 0)
                byReason[reason] = count;
        }

        return new ValidityCounts(validity.Pixels.Length, histogram[0], byReason);
    }

    /// <summary>The counts of two parts of one raster together.</summary>
    public static ValidityCounts operator +(ValidityCounts one, ValidityCounts other)
    {
        var byReason = new SortedDictionary<Validity, long>();
        foreach (var (reason, count) in one.ByReason.Concat(other.ByReason))
            byReason[reason] = byReason.GetValueOrDefault(reason) + count;
        return new ValidityCounts(one.Pixels + other.Pixels, one.Valid + other.Valid, byReason);
    }
}
