using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>
/// The small copy that a preview is drawn from: means of blocks of known pixels, gathered from the rows of a product as they pass, so that nothing is read twice
/// and only the copy is in memory.
/// </summary>
public sealed class ReducedCopy
{
    private readonly RasterGrid _grid;
    private readonly int _factor;
    private readonly double[] _sums;
    private readonly int[] _counts;
    private int _nextRow;

    /// <param name="grid">Place of the product.</param>
    /// <param name="maximumSide">Longest side that the preview with its legend may have, pixels.</param>
    public ReducedCopy(RasterGrid grid, int maximumSide = PreviewOptions.UsualSide)
        : this(grid, FactorOf(grid, maximumSide), null)
    {
    }

    /// <summary>A copy that was gathered before.</summary>
    /// <param name="grid">Place of the product.</param>
    /// <param name="means">Its copy of the usual size.</param>
    public ReducedCopy(RasterGrid grid, Raster<float> means)
        : this(grid, FactorOf(grid, PreviewOptions.UsualSide), means) => _nextRow = grid.Height;

    private ReducedCopy(RasterGrid grid, int factor, Raster<float>? means)
    {
        _grid = grid;
        _factor = factor;
        Grid = grid.Decimate(factor);
        Means = means ?? new Raster<float>(Grid.Width, Grid.Height);
        if ((Means.Width, Means.Height) != (Grid.Width, Grid.Height))
            throw new ArgumentException($"A copy of {Means.Width} x {Means.Height} is not that of a raster of {grid.Width} x {grid.Height}.", nameof(means));
        _sums = new double[Grid.Width];
        _counts = new int[Grid.Width];
    }

    /// <summary>Place of the copy.</summary>
    public RasterGrid Grid { get; }

    /// <summary>The copy; NaN where no pixel of the block is known. Complete when all rows were added.</summary>
    public Raster<float> Means { get; }

    /// <summary>Takes full-width rows, the first of which is <paramref name="firstRow"/>; they come in order, from the first to the last.</summary>
    public void Add(int firstRow, Raster<float> rows)
    {
        if (firstRow != _nextRow || rows.Width != _grid.Width || firstRow + rows.Height > _grid.Height)
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows.Height - 1} of width {rows.Width} do not follow row {_nextRow - 1} of a raster of {_grid.Width} x {_grid.Height}.", nameof(rows));
        for (int y = 0; y < rows.Height; y++)
        {
            AddRow(rows.Row(y));
            _nextRow++;
            if (_nextRow % _factor == 0 || _nextRow == _grid.Height)
                FinishRow((_nextRow - 1) / _factor);
        }
    }

    private static int FactorOf(RasterGrid grid, int maximumSide)
    {
        int mapHeight = maximumSide - PreviewLegend.Room;
        return Math.Max((grid.Width + maximumSide - 1) / maximumSide, (grid.Height + mapHeight - 1) / mapHeight);
    }

    private void AddRow(ReadOnlySpan<float> row)
    {
        for (int column = 0; column < _sums.Length; column++)
        {
            double sum = _sums[column];
            int count = 0;
            foreach (float value in row[(column * _factor)..Math.Min(row.Length, (column + 1) * _factor)])
            {
                if (!float.IsFinite(value))
                    continue;
                sum += value;
                count++;
            }

            _sums[column] = sum;
            _counts[column] += count;
        }
    }

    private void FinishRow(int row)
    {
        var means = Means.Row(row);
        for (int column = 0; column < means.Length; column++)
            means[column] = _counts[column] == 0 ? float.NaN : (float)(_sums[column] / _counts[column]);
        Array.Clear(_sums);
        Array.Clear(_counts);
    }
}
