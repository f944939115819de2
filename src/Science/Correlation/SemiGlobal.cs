using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Semi-global choice of one whole-pixel shift per pixel (Hirschmueller 2008, IEEE TPAMI 30, 328-341) on a square of shifts: along four directions the path
/// cost is the matching cost plus slope * (|change of shift x| + |change of shift y|), never more than <c>jump</c>; their sum is minimised.
/// </summary>
internal static class SemiGlobal
{
    /// <param name="cost">Matching cost of pixel i and label l at [i * labels + l]; label = (shiftY + radius) * (2 radius + 1) + shiftX + radius.</param>
    /// <param name="slope">Cost of one pixel of change between neighbours.</param>
    /// <param name="jump">Largest cost of a change, so that faults stay sharp.</param>
    /// <returns>The label of each pixel.</returns>
    public static int[] Choose(float[] cost, int width, int height, int radius, float slope, float jump, Workers workers)
    {
        int side = 2 * radius + 1, labels = side * side;
        var total = new float[cost.Length];
        workers.Rows(height, 4, () => (new float[labels], new float[labels]), (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                Walk(cost, total, y * width, 1, width, side, slope, jump, scratch.Item1, scratch.Item2);
                Walk(cost, total, y * width + width - 1, -1, width, side, slope, jump, scratch.Item1, scratch.Item2);
            }
        });
        workers.Rows(width, 4, () => (new float[labels], new float[labels]), (first, afterLast, scratch) =>
        {
            for (int x = first; x < afterLast; x++)
            {
                Walk(cost, total, x, width, height, side, slope, jump, scratch.Item1, scratch.Item2);
                Walk(cost, total, (height - 1) * width + x, -width, height, side, slope, jump, scratch.Item1, scratch.Item2);
            }
        });
        var chosen = new int[width * height];
        for (int i = 0; i < chosen.Length; i++)
        {
            var sums = total.AsSpan(i * labels, labels);
            int best = 0;
            for (int label = 1; label < labels; label++)
                if (sums[label] < sums[best])
                    best = label;
            chosen[i] = best;
        }

        return chosen;
    }

    private static void Walk(float[] cost, float[] total, int start, int step, int count, int side, float slope, float jump, float[] path, float[] spread)
    {
        int labels = side * side;
        Array.Clear(path);
        for (int n = 0; n < count; n++)
        {
            int at = (start + n * step) * labels;
            path.CopyTo(spread, 0);
            float least = LowerEnvelope(spread, side, slope);
            for (int label = 0; label < labels; label++)
            {
                path[label] = cost[at + label] + Math.Min(spread[label] - least, jump);
                total[at + label] += path[label];
            }
        }
    }

    /// <summary>In place min over l' of values(l') + slope * L1 distance(l, l'); returns the smallest value.</summary>
    private static float LowerEnvelope(float[] values, int side, float slope)
    {
        float least = float.PositiveInfinity;
        for (int row = 0; row < side; row++)
        {
            int at = row * side;
            for (int i = at + 1; i < at + side; i++)
                values[i] = Math.Min(values[i], values[i - 1] + slope);
            for (int i = at + side - 2; i >= at; i--)
                values[i] = Math.Min(values[i], values[i + 1] + slope);
        }

        for (int i = side; i < values.Length; i++)
            values[i] = Math.Min(values[i], values[i - side] + slope);
        for (int i = values.Length - side - 1; i >= 0; i--)
            values[i] = Math.Min(values[i], values[i + side] + slope);
        foreach (float value in values)
            least = Math.Min(least, value);
        return least;
    }
}
