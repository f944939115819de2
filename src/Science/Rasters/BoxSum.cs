using System.Numerics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Sum over the square of side 2 radius + 1 around each pixel, clipped at the borders. Along a row a running sum that starts at the left edge, down a
/// column a fresh sum in fixed order: the rows of a field may be summed in any portions (with a margin of the radius), to the same bits.
/// </summary>
public static class BoxSum
{
    public static Raster<float> Of(Raster<float> input, int radius, Workers workers)
    {
        int width = input.Width, height = input.Height;
        var rows = new Raster<float>(width, height);
        workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var from = input.Row(y);
                var to = rows.Row(y);
                double sum = 0;
                for (int x = 0; x < Math.Min(radius, width); x++)
                    sum += from[x];
                for (int x = 0; x < width; x++)
                {
                    if (x + radius < width)
                        sum += from[x + radius];
                    if (x - radius - 1 >= 0)
                        sum -= from[x - radius - 1];
                    to[x] = (float)sum;
                }
            }
        });
        var result = new Raster<float>(width, height);
        workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var to = result.Row(y);
                for (int k = Math.Max(0, y - radius); k <= Math.Min(height - 1, y + radius); k++)
                    Add(rows.Row(k), to);
            }
        });
        return result;
    }

    private static void Add(ReadOnlySpan<float> from, Span<float> to)
    {
        int x = 0;
        for (; x <= to.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(to[x..]) + new Vector<float>(from[x..])).CopyTo(to[x..]);
        for (; x < to.Length; x++)
            to[x] += from[x];
    }
}
