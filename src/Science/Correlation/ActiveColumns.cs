using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>Which columns of each row of cells are still worked on, as spans of whole vectors: after a few passes only the surroundings of faults are.</summary>
internal sealed class ActiveColumns
{
    private readonly (int From, int To)[][] spans;
    private readonly (int From, int To)[][][] cells = new (int, int)[CoarseCorrection.Levels][][];

    private ActiveColumns((int From, int To)[][] spans, bool whole)
    {
        (this.spans, Whole) = (spans, whole);
        foreach (var row in spans)
            foreach (var (from, to) in row)
                PixelCount += CellGrid.Side * (to - from);
        for (int level = 0; level < cells.Length; level++)
        {
            var finer = level == 0 ? spans : cells[level - 1];
            int rowsPerRow = level == 0 ? 1 : 2;
            cells[level] = new (int, int)[(finer.Length + rowsPerRow - 1) / rowsPerRow][];
            for (int row = 0; row < cells[level].Length; row++)
                cells[level][row] = Covering(finer.AsSpan()[(row * rowsPerRow)..Math.Min(finer.Length, (row + 1) * rowsPerRow)], level == 0 ? CellGrid.Side : 2);
        }
    }

    /// <summary>How many pixels are worked on; the last rows and columns may count some beyond the image.</summary>
    public long PixelCount { get; }

    /// <summary>Nothing is left out.</summary>
    public bool Whole { get; }

    public bool IsEmpty => Array.TrueForAll(spans, row => row.Length == 0);

    public ReadOnlySpan<(int From, int To)> this[int cellRow] => spans[cellRow];

    /// <summary>
    /// The same in cells, <paramref name="level"/> 0 of <see cref="CellGrid.Side"/> pixels, each further one twice as large: spans of whole vectors that cover what is worked on.
    /// </summary>
    public ReadOnlySpan<(int From, int To)> Cells(int level, int row) => cells[level][row];

    public static ActiveColumns Everywhere(int width, int height)
    {
        var rows = new (int, int)[(height + CellGrid.Side - 1) / CellGrid.Side][];
        Array.Fill(rows, [(0, (width + 7) / 8 * 8)]);
        return new ActiveColumns(rows, true);
    }

    /// <summary>The cells that are not calm, with <paramref name="marginCells"/> around them.</summary>
    public static ActiveColumns AroundFaults(Raster<float> calm, int marginCells)
    {
        const float wholly = 0.9f;
        var rows = new (int From, int To)[calm.Height][];
        var marked = new bool[(calm.Width + 1) / 2];
        for (int row = 0; row < calm.Height; row++)
        {
            Array.Clear(marked);
            for (int y = Math.Max(0, row - marginCells); y <= Math.Min(calm.Height - 1, row + marginCells); y++)
            {
                var cells = calm.Row(y);
                for (int c = 0; c < cells.Length; c++)
                    if (cells[c] < wholly)
                        for (int i = Math.Max(0, c - marginCells) / 2; i <= Math.Min(cells.Length - 1, c + marginCells) / 2; i++)
                            marked[i] = true;
            }

            var found = new List<(int, int)>();
            for (int i = 0; i < marked.Length; i++)
            {
                if (!marked[i])
                    continue;
                int first = i;
                while (i < marked.Length && marked[i])
                    i++;
                found.Add((8 * first, 8 * i));
            }

            rows[row] = [.. found];
        }

        return new ActiveColumns(rows, false);
    }

    /// <summary>Spans of whole vectors, apart from each other, that cover those of the finer rows at <paramref name="factor"/> to one.</summary>
    private static (int From, int To)[] Covering(ReadOnlySpan<(int From, int To)[]> finer, int factor)
    {
        var blocks = new SortedSet<int>();
        foreach (var row in finer)
            foreach (var (from, to) in row)
                for (int block = from / factor / 8; block <= (to - 1) / factor / 8; block++)
                    blocks.Add(block);
        var found = new List<(int From, int To)>();
        foreach (int block in blocks)
        {
            if (found.Count > 0 && found[^1].To == 8 * block)
                found[^1] = (found[^1].From, 8 * block + 8);
            else
                found.Add((8 * block, 8 * block + 8));
        }

        return [.. found];
    }
}
