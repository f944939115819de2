using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>One product of one stack on its way into a mosaic.</summary>
/// <param name="file">The product.</param>
/// <param name="across">
/// The component of the displacement across that of <paramref name="file"/>, when the stack lies in another zone than the mosaic: its axes are turned against
/// the mosaic's, at a border of zones in mid latitudes by three to four degrees. Null for all other products.
/// </param>
/// <param name="isEastWest">Which of the two components <paramref name="file"/> is. East and South are positive.</param>
internal sealed class MosaicLayer(RasterFile file, RasterFile? across, bool isEastWest) : IDisposable
{
    // Long enough to be exact in double precision, short enough to be straight.
    private const double StepMetres = 100;

    private RasterFile File => file;

    private bool HasAxesOfMosaic => across is null;

    /// <summary>The layers on <paramref name="grid"/>, later ones on top; NaN where none has a value.</summary>
    public static Raster<float> Join(IReadOnlyList<MosaicLayer> layers, RasterGrid grid)
    {
        // Where no pixel has to be computed, reading is half of the work of warping.
        if (layers.All(layer => layer.HasAxesOfMosaic) && layers.Any(layer => layer.Offset(grid) is null))
            return Warp.ToGrid([.. layers.Select(layer => layer.File)], grid);
        var joined = new Raster<float>(grid.Width, grid.Height).Fill(float.NaN);
        foreach (var layer in layers)
        {
            if (layer.Offset(grid) is { } offset)
                layer.Copy(offset, joined);
            else
                Lay(layer.On(grid), 0, 0, joined);
        }

        return joined;
    }

    /// <summary>Columns and rows from the upper left pixel of <paramref name="grid"/> to that of the layer; null where its pixels are not those of the grid.</summary>
    private (int X, int Y)? Offset(RasterGrid grid)
    {
        if (file.Grid.EpsgCode != grid.EpsgCode || file.Grid.PixelSizeMetres != grid.PixelSizeMetres)
            return null;
        double x = (file.Grid.OriginX - grid.OriginX) / grid.PixelSizeMetres, y = (grid.OriginY - file.Grid.OriginY) / grid.PixelSizeMetres;
        return x == Math.Round(x) && y == Math.Round(y) ? ((int)x, (int)y) : null;
    }

    private void Copy((int X, int Y) offset, Raster<float> joined)
    {
        var window = new Window(-offset.X, -offset.Y, joined.Width, joined.Height).Intersect(file.Bounds);
        if (!window.IsEmpty)
            Lay(file.Read<float>(1, window), window.X + offset.X, window.Y + offset.Y, joined);
    }

    private static void Lay(Raster<float> values, int toX, int toY, Raster<float> joined)
    {
        for (int y = 0; y < values.Height; y++)
        {
            var from = values.Row(y);
            var to = joined.Row(toY + y).Slice(toX, from.Length);
            for (int x = 0; x < from.Length; x++)
            {
                if (!float.IsNaN(from[x]))
                    to[x] = from[x];
            }
        }
    }

    public void Dispose()
    {
        file.Dispose();
        across?.Dispose();
    }

    private Raster<float> On(RasterGrid grid)
    {
        var values = Warp.ToGrid([file], grid);
        if (across is null)
            return values;
        var others = Warp.ToGrid([across], grid);
        using var transform = new CoordinateTransform(grid.EpsgCode, file.Grid.EpsgCode);
        // The angle varies so evenly that its values at the corners tell all others.
        double topLeft = Angle(0, 0), topRight = Angle(grid.Width, 0), bottomLeft = Angle(0, grid.Height), bottomRight = Angle(grid.Width, grid.Height);
        for (int y = 0; y < grid.Height; y++)
        {
            double down = (y + 0.5) / grid.Height, left = topLeft + down * (bottomLeft - topLeft), right = topRight + down * (bottomRight - topRight);
            for (int x = 0; x < grid.Width; x++)
            {
                var (sin, cos) = Math.SinCos(left + (x + 0.5) / grid.Width * (right - left));
                values[x, y] = (float)(cos * values[x, y] + (isEastWest ? -sin : sin) * others[x, y]);
            }
        }

        return values;

        // Of the mosaic's East against the stack's, radians counter-clockwise.
        double Angle(double x, double y)
        {
            double easting = grid.Easting(x), northing = grid.Northing(y);
            var (fromX, fromY) = transform.Transform(easting, northing);
            var (toX, toY) = transform.Transform(easting + StepMetres, northing);
            return Math.Atan2(toY - fromY, toX - fromX);
        }
    }
}
