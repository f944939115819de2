using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Marks the pixels whose centre lies inside a polygon (even-odd rule, so holes are holes).</summary>
internal static class PolygonRaster
{
    /// <summary>Sets the bits <paramref name="bits"/> of the pixels inside; several polygons add up.</summary>
    public static void Mark(Raster<byte> raster, RasterGrid grid, IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> rings, byte bits) =>
        Spans(grid, rings, (y, first, afterLast) =>
        {
            var row = raster.Row(y)[first..afterLast];
            for (int x = 0; x < row.Length; x++)
                row[x] |= bits;
        });

    /// <summary>Replaces the pixels inside by <paramref name="value"/>.</summary>
    public static void Fill(Raster<byte> raster, RasterGrid grid, IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> rings, byte value) =>
        Spans(grid, rings, (y, first, afterLast) => raster.Row(y)[first..afterLast].Fill(value));

    private static void Spans(RasterGrid grid, IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> rings, Action<int, int, int> span)
    {
        var crossings = new List<double>?[grid.Height];
        foreach (var ring in rings)
        {
            for (int i = 0; i < ring.Count; i++)
                Cross(grid, ring[i], ring[(i + 1) % ring.Count], crossings);
        }

        for (int y = 0; y < grid.Height; y++)
        {
            if (crossings[y] is not { } columns)
                continue;
            columns.Sort();
            for (int i = 0; i + 1 < columns.Count; i += 2)
            {
                int first = (int)Math.Clamp(Math.Ceiling(columns[i] - 0.5), 0, grid.Width);
                int afterLast = (int)Math.Clamp(Math.Ceiling(columns[i + 1] - 0.5), 0, grid.Width);
                if (afterLast > first)
                    span(y, first, afterLast);
            }
        }
    }

    /// <summary>Adds the column where an edge crosses the middle of each row; an end point belongs to the lower end only, so corners count once.</summary>
    private static void Cross(RasterGrid grid, (double Easting, double Northing) from, (double Easting, double Northing) to, List<double>?[] crossings)
    {
        double x0 = grid.Column(from.Easting), y0 = grid.Row(from.Northing), x1 = grid.Column(to.Easting), y1 = grid.Row(to.Northing);
        if (y0 > y1)
            (x0, y0, x1, y1) = (x1, y1, x0, y0);
        int first = (int)Math.Clamp(Math.Ceiling(y0 - 0.5), 0, grid.Height), afterLast = (int)Math.Clamp(Math.Ceiling(y1 - 0.5), 0, grid.Height);
        for (int y = first; y < afterLast; y++)
            (crossings[y] ??= []).Add(x0 + (y + 0.5 - y0) * (x1 - x0) / (y1 - y0));
    }
}
