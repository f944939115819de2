namespace GdmOptEtq.Science.Rasters;

/// <summary>Medians, percentiles and their robust spread, by selection in place: O(n), and the same answer in any order of the values.</summary>
public static class OrderStatistics
{
    /// <summary>Factor from the median absolute deviation to a standard deviation of normal noise.</summary>
    public const double NormalMadFactor = 1.482602218505602;

    /// <summary>The k-th smallest value (k from 0). Reorders <paramref name="values"/>; they must not hold NaN.</summary>
    public static T Select<T>(Span<T> values, int k)
        where T : unmanaged, IComparable<T>
    {
        if ((uint)k >= (uint)values.Length)
            throw new ArgumentOutOfRangeException(nameof(k), $"There is no value number {k} among {values.Length}.");
        int low = 0, high = values.Length - 1;
        while (low < high)
        {
            // Median of three: sorted input, the usual case here, stays linear.
            T a = values[low], b = values[(low + high) >> 1], c = values[high];
            T pivot = a.CompareTo(b) < 0
                ? (b.CompareTo(c) < 0 ? b : a.CompareTo(c) < 0 ? c : a)
                : (a.CompareTo(c) < 0 ? a : b.CompareTo(c) < 0 ? c : b);
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i].CompareTo(pivot) < 0)
                    i++;
                while (values[j].CompareTo(pivot) > 0)
                    j--;
                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (k <= j)
                high = j;
            else if (k >= i)
                low = i;
            else
                break;
        }

        return values[k];
    }

    /// <summary>The median (mean of the two middle values of an even count); NaN when empty. Reorders <paramref name="values"/>.</summary>
    public static double Median(Span<float> values)
    {
        if (values.IsEmpty)
            return double.NaN;
        int middle = values.Length / 2;
        float upper = Select(values, middle);
        if ((values.Length & 1) == 1)
            return upper;
        float lower = float.NegativeInfinity;
        foreach (float value in values[..middle])
            lower = Math.Max(lower, value);
        return 0.5 * ((double)lower + upper);
    }

    /// <summary>Robust standard deviation about <paramref name="centre"/>: 1.4826 times the median absolute deviation. Overwrites <paramref name="values"/>.</summary>
    public static double Nmad(Span<float> values, double centre)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)Math.Abs(values[i] - centre);
        return NormalMadFactor * Median(values);
    }

    /// <summary>
    /// Percentile by the convention of <c>specs/masks.md</c> section 2: the i-th of n sorted values (i from 1) stands at 100 (i - 0.5) / n per cent,
    /// linear in between, clamped at both ends; NaN when empty. Reorders <paramref name="values"/>.
    /// </summary>
    public static double Percentile(Span<float> values, double percent)
    {
        if (values.IsEmpty)
            return double.NaN;
        double position = percent / 100 * values.Length - 0.5;
        if (position <= 0)
            return Select(values, 0);
        if (position >= values.Length - 1)
            return Select(values, values.Length - 1);
        int below = (int)position;
        float lower = Select(values, below);
        float upper = float.PositiveInfinity;
        foreach (float value in values[(below + 1)..])
            upper = Math.Min(upper, value);
        return lower + (position - below) * ((double)upper - lower);
    }
}
