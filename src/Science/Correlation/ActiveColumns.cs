using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>Which columns of each row of cells are still worked on, as spans of whole vectors: after a few passes only the surroundings of faults are.</summary>
internal sealed class ActiveColumns
{
    private readonly (int From, int To)[][] spans;

    private ActiveColumns((int From, int To)[][] spans, bool whole) => (this.spans, Whole) = (spans, whole);

    /// <summary>Nothing is left out.</summary>
    public bool Whole { get; }

    public bool IsEmpty => Array.TrueForAll(spans, row => row.Length == 0);

    public ReadOnlySpan<(int From, int To)> this[int cellRow] => spans[cellRow];

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
}
