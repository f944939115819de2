namespace GdmOptEtq.Science.Masking;

/// <summary>Heights of the clouds that found their shadow, by place, so that the nearest are found without looking at all.</summary>
internal sealed class KnownHeights
{
    private const int CellPixels = 64;

    private readonly int columns;
    private readonly int rows;
    private readonly List<(int Index, double X, double Y, double Height)>?[] cells;
    private int count;

    public KnownHeights(int width, int height)
    {
        columns = width / CellPixels + 1;
        rows = height / CellPixels + 1;
        cells = new List<(int, double, double, double)>?[columns * rows];
    }

    public void Add(int index, double x, double y, double height)
    {
        count++;
        (cells[(int)y / CellPixels * columns + (int)x / CellPixels] ??= []).Add((index, x, y, height));
    }

    /// <summary>Heights of the nearest clouds by city-block distance, without the one of number <paramref name="exclude"/>; fewer when fewer are known.</summary>
    public double[] Nearest(double x, double y, int wanted, int exclude)
    {
        if (count < wanted)
            return [];
        var found = new List<(double Distance, int Index, double Height)>();
        int column = (int)x / CellPixels, row = (int)y / CellPixels;
        for (int ring = 0; ring <= Math.Max(columns, rows); ring++)
        {
            for (int r = row - ring; r <= row + ring; r++)
            {
                if ((uint)r >= (uint)rows)
                    continue;
                int step = r == row - ring || r == row + ring ? 1 : Math.Max(1, 2 * ring);
                for (int c = column - ring; c <= column + ring; c += step)
                {
                    if ((uint)c >= (uint)columns || cells[r * columns + c] is not { } cell)
                        continue;
                    foreach (var known in cell)
                    {
                        if (known.Index != exclude)
                            found.Add((Math.Abs(known.X - x) + Math.Abs(known.Y - y), known.Index, known.Height));
                    }
                }
            }

            // Whatever lies in a later ring is at least this far away.
            double reached = (double)ring * CellPixels;
            if (found.Count(f => f.Distance <= reached) >= wanted)
                break;
        }

        return found.OrderBy(f => f.Distance).ThenBy(f => f.Index).Take(wanted).Select(f => f.Height).ToArray();
    }
}
