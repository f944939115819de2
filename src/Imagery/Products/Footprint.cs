using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>
/// Where a product has values: the convex hull of its known pixels, as GeoJSON in WGS 84. Gathered block by block; holes (clouds) inside count as covered.
/// </summary>
public sealed class Footprint(RasterGrid grid, Raster<int> extents)
{
    /// <summary>Columns of <see cref="Extents"/>.</summary>
    public const int ExtentsWidth = 2;

    // A straight line in UTM bends in degrees; with a corner every so often the outline stays within a few metres.
    private const double CornerEveryMetres = 10_000;

    // 1e-6 degrees are 0.1 m.
    private const int Decimals = 6;

    /// <summary>Without any pixel yet.</summary>
    public Footprint(RasterGrid grid)
        : this(grid, new Raster<int>(ExtentsWidth, grid.Height))
    {
        for (int y = 0; y < grid.Height; y++)
            (Extents[0, y], Extents[1, y]) = (int.MaxValue, -1);
    }

    /// <summary>What was gathered so far: for each row the first and the last column with a value; a first one after the last where there is none.</summary>
    public Raster<int> Extents { get; } = extents;

    /// <summary>Takes note of the finite pixels of full-width rows, the first of which is <paramref name="firstRow"/>.</summary>
    public void Add(int firstRow, Raster<float> rows)
    {
        for (int y = 0; y < rows.Height; y++)
        {
            var row = rows.Row(y);
            int first = Extents[0, firstRow + y], last = Extents[1, firstRow + y];
            for (int x = 0; x < row.Length; x++)
            {
                if (!float.IsFinite(row[x]))
                    continue;
                first = Math.Min(first, x);
                last = Math.Max(last, x);
            }

            (Extents[0, firstRow + y], Extents[1, firstRow + y]) = (first, last);
        }
    }

    /// <summary>Geometry and bounding box (west, south, east, north; west is larger than east across the antimeridian) of RFC 7946; null without any pixel.</summary>
    public (JsonObject Geometry, JsonArray Box)? ToGeoJson()
    {
        var hull = Hull();
        if (hull.Count == 0)
            return null;
        using var transform = new CoordinateTransform(grid.EpsgCode, CoordinateTransform.Wgs84);
        var ring = Densified(hull).Select(p => transform.Transform(p.X, p.Y)).ToList();
        bool crosses = ring.Max(p => p.X) - ring.Min(p => p.X) > 180;
        if (!crosses)
            return (Polygon(ring), Box(ring.Min(p => p.X), ring.Min(p => p.Y), ring.Max(p => p.X), ring.Max(p => p.Y)));
        var shifted = ring.Select(p => (X: p.X < 0 ? p.X + 360 : p.X, p.Y)).ToList();
        var west = Cut(shifted, keepBelow: true);
        var east = Cut(shifted, keepBelow: false).Select(p => (X: p.X - 360, p.Y)).ToList();
        var parts = new JsonObject { ["type"] = "MultiPolygon", ["coordinates"] = new JsonArray(new JsonArray(Ring(west)), new JsonArray(Ring(east))) };
        return (parts, Box(shifted.Min(p => p.X), ring.Min(p => p.Y), shifted.Max(p => p.X) - 360, ring.Max(p => p.Y)));
    }

    /// <summary>Corners of the hull of the pixels' outlines, easting and northing, counter-clockwise (monotone chain of Andrew 1979).</summary>
    private List<(double X, double Y)> Hull()
    {
        var corners = new List<(double X, double Y)>();
        for (int y = 0; y < grid.Height; y++)
        {
            if (Extents[1, y] < 0)
                continue;
            foreach (int x in (int[])[Extents[0, y], Extents[1, y] + 1])
                corners.AddRange([(grid.Easting(x), grid.Northing(y)), (grid.Easting(x), grid.Northing(y + 1))]);
        }

        if (corners.Count == 0)
            return corners;
        corners.Sort();
        return [.. Chain(corners), .. Chain(corners.AsEnumerable().Reverse())];
    }

    private static List<(double X, double Y)> Chain(IEnumerable<(double X, double Y)> sorted)
    {
        var chain = new List<(double X, double Y)>();
        foreach (var p in sorted)
        {
            while (chain.Count >= 2 && Turn(chain[^2], chain[^1], p) <= 0)
                chain.RemoveAt(chain.Count - 1);
            chain.Add(p);
        }

        // The last one begins the other chain.
        chain.RemoveAt(chain.Count - 1);
        return chain;
    }

    private static double Turn((double X, double Y) a, (double X, double Y) b, (double X, double Y) c) => (b.X - a.X) * (c.Y - a.Y) - (b.Y - a.Y) * (c.X - a.X);

    private static IEnumerable<(double X, double Y)> Densified(List<(double X, double Y)> hull)
    {
        for (int i = 0; i < hull.Count; i++)
        {
            var (from, to) = (hull[i], hull[(i + 1) % hull.Count]);
            int pieces = Math.Max(1, (int)Math.Ceiling(Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)) / CornerEveryMetres));
            for (int piece = 0; piece < pieces; piece++)
                yield return (from.X + (to.X - from.X) * piece / pieces, from.Y + (to.Y - from.Y) * piece / pieces);
        }
    }

    // The part of a convex ring on one side of the meridian of 180 degrees.
    private static List<(double X, double Y)> Cut(List<(double X, double Y)> ring, bool keepBelow)
    {
        var part = new List<(double X, double Y)>();
        for (int i = 0; i < ring.Count; i++)
        {
            var (from, to) = (ring[i], ring[(i + 1) % ring.Count]);
            if (Inside(from))
                part.Add(from);
            if (Inside(from) != Inside(to))
                part.Add((180, from.Y + (180 - from.X) / (to.X - from.X) * (to.Y - from.Y)));
        }

        return part;

        bool Inside((double X, double Y) p) => keepBelow ? p.X <= 180 : p.X > 180;
    }

    private static JsonObject Polygon(List<(double X, double Y)> ring) => new() { ["type"] = "Polygon", ["coordinates"] = new JsonArray(Ring(ring)) };

    private static JsonArray Ring(List<(double X, double Y)> ring) => new([.. ring.Append(ring[0]).Select(p => (JsonNode?)new JsonArray(Degrees(p.X), Degrees(p.Y)))]);

    private static JsonArray Box(double west, double south, double east, double north) => [Degrees(west), Degrees(south), Degrees(east), Degrees(north)];

    private static double Degrees(double value) => Math.Round(value, Decimals);
}
