using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tiling;

/// <summary>One piece of a pair.</summary>
/// <param name="Index">Number in the plan, row after row from the North West.</param>
/// <param name="Column">Column of tiles.</param>
/// <param name="Row">Row of tiles.</param>
/// <param name="Core">Pixels that this tile answers for.</param>
/// <param name="Padded">Pixels that it reads: core plus halo, inside the image.</param>
public sealed record Tile(int Index, int Column, int Row, Window Core, Window Padded)
{
    public override string ToString() => $"tile r{Row}c{Column}";
}

/// <summary>Cuts an image into tiles whose cores cover every pixel exactly once; knows the reach of the matcher only as a number of pixels.</summary>
public sealed class TilePlan
{
    private TilePlan(int width, int height, int haloPixels, int columns, int rows, Tile[] tiles)
    {
        Width = width;
        Height = height;
        HaloPixels = haloPixels;
        Columns = columns;
        Rows = rows;
        Tiles = tiles;
    }

    public int Width { get; }

    public int Height { get; }

    public int HaloPixels { get; }

    public int Columns { get; }

    public int Rows { get; }

    public IReadOnlyList<Tile> Tiles { get; }

    /// <summary>Pixels of the largest padded window: what the memory estimate needs.</summary>
    public long LargestPaddedPixels => Tiles.Max(t => t.Padded.PixelCount);

    /// <summary>Pixels read over all tiles: what the time estimate needs.</summary>
    public long TotalPaddedPixels => Tiles.Sum(t => t.Padded.PixelCount);

    public IEnumerable<Tile> RowOfTiles(int row) => Tiles.Skip(row * Columns).Take(Columns);

    /// <summary>
    /// Cores start at multiples of the tile size.
    /// A rest narrower than a quarter of a tile joins its neighbour: a sliver would cost mostly halo.
    /// </summary>
    public static TilePlan Create(int width, int height, int haloPixels, TilingParameters parameters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(haloPixels);
        int columns = Count(width, parameters.TileSize), rows = Count(height, parameters.TileSize);
        var image = new Window(0, 0, width, height);
        var tiles = new Tile[columns * rows];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int x = column * parameters.TileSize, y = row * parameters.TileSize;
                int right = column == columns - 1 ? width : x + parameters.TileSize;
                int bottom = row == rows - 1 ? height : y + parameters.TileSize;
                var core = new Window(x, y, right - x, bottom - y);
                int index = row * columns + column;
                tiles[index] = new Tile(index, column, row, core, core.Grow(haloPixels).Intersect(image));
            }
        }

        return new TilePlan(width, height, haloPixels, columns, rows, tiles);
    }

    private static int Count(int length, int tileSize) => Math.Max(1, (length + tileSize - 1 - tileSize / 4) / tileSize);
}
