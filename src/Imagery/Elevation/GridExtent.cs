using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Imagery.Elevation;

/// <summary>Which ground a grid covers, seen from other reference systems.</summary>
internal static class GridExtent
{
    // The edge of a projected square is curved in degrees: enough points to follow it to some metres on a 110 km tile.
    private const int PointsPerEdge = 21;

    /// <summary>South-West corners of the tiles of <paramref name="degrees"/> that the grid touches, South to North, West to East; across the antimeridian too.</summary>
    public static IReadOnlyList<(int Latitude, int Longitude)> Tiles(RasterGrid grid, int degrees)
    {
        using var transform = new CoordinateTransform(grid.EpsgCode, CoordinateTransform.Wgs84);
        var points = Boundary(grid).Select(point => transform.Transform(point.X, point.Y)).ToList();
        // Longitudes are counted from the first point, so that a grid across 180 degrees is not taken for one around the world.
        double origin = points[0].X;
        var longitudes = points.Select(point => point.X - 360 * Math.Round((point.X - origin) / 360)).ToList();
        var tiles = new List<(int, int)>();
        for (int latitude = DemTileNaming.FloorTo(points.Min(point => point.Y), degrees); latitude < points.Max(point => point.Y); latitude += degrees)
        {
            for (int longitude = DemTileNaming.FloorTo(longitudes.Min(), degrees); longitude < longitudes.Max(); longitude += degrees)
                tiles.Add((latitude, longitude < -180 ? longitude + 360 : longitude >= 180 ? longitude - 360 : longitude));
        }

        return tiles;
    }

    /// <summary>Whether the bounding boxes of grid and file meet in the file's reference system; true when that cannot be told.</summary>
    public static bool Overlaps(RasterGrid grid, RasterFile file)
    {
        using var transform = CoordinateTransform.ToWkt(grid.EpsgCode, file.ProjectionWkt);
        double west = double.PositiveInfinity, east = double.NegativeInfinity, south = double.PositiveInfinity, north = double.NegativeInfinity;
        foreach (var (x, y) in Boundary(grid))
        {
            try
            {
                var (px, py) = transform.Transform(x, y);
                (west, east, south, north) = (Math.Min(west, px), Math.Max(east, px), Math.Min(south, py), Math.Max(north, py));
            }
            catch (GdalException)
            {
                return true;
            }
        }

        var t = file.GeoTransform;
        var corners = new[] { (0, 0), (file.Width, 0), (0, file.Height), (file.Width, file.Height) }
            .Select(c => (X: t.OriginX + c.Item1 * t.PixelWidth + c.Item2 * t.RowRotation, Y: t.OriginY + c.Item1 * t.ColumnRotation + c.Item2 * t.PixelHeight))
            .ToList();
        return corners.Min(c => c.X) < east && corners.Max(c => c.X) > west && corners.Min(c => c.Y) < north && corners.Max(c => c.Y) > south;
    }

    private static IEnumerable<(double X, double Y)> Boundary(RasterGrid grid)
    {
        for (int i = 0; i < PointsPerEdge; i++)
        {
            double x = grid.Easting(grid.Width * (double)i / (PointsPerEdge - 1)), y = grid.Northing(grid.Height * (double)i / (PointsPerEdge - 1));
            yield return (x, grid.Northing(0));
            yield return (x, grid.Northing(grid.Height));
            yield return (grid.Easting(0), y);
            yield return (grid.Easting(grid.Width), y);
        }
    }
}
