using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>What the user knows of the ground, in the reference system of the field (metres).</summary>
/// <param name="FaultTraces">Polylines; pixels within <see cref="CorrectionParameters.FaultTraceBuffer"/> of them take no part in the estimation.</param>
/// <param name="StableAreas">Closed rings; where given, the plane is estimated inside them only.</param>
public sealed record CorrectionExclusions(
    IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> FaultTraces,
    IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> StableAreas)
{
    public static CorrectionExclusions None { get; } = new([], []);

    internal Raster<bool>? NearFault(RasterGrid grid, double bufferMetres)
    {
        if (FaultTraces.Count == 0)
            return null;
        var near = new Raster<bool>(grid.Width, grid.Height);
        foreach (var trace in FaultTraces)
        {
            for (int i = 1; i < trace.Count; i++)
                MarkSegment(near, grid, trace[i - 1], trace[i], bufferMetres);
        }

        return near;
    }

    internal Raster<bool>? OutsideStableAreas(RasterGrid grid)
    {
        if (StableAreas.Count == 0)
            return null;
        var outside = new Raster<bool>(grid.Width, grid.Height).Fill(true);
        var crossings = new List<double>();
        foreach (var ring in StableAreas)
        {
            for (int y = 0; y < grid.Height; y++)
            {
                double northing = grid.Northing(y + 0.5);
                crossings.Clear();
                for (int i = 0; i < ring.Count; i++)
                {
                    var (e0, n0) = ring[i];
                    var (e1, n1) = ring[(i + 1) % ring.Count];
                    if (n0 > northing != n1 > northing)
                        crossings.Add(grid.Column(e0 + (northing - n0) / (n1 - n0) * (e1 - e0)));
                }

                crossings.Sort();
                for (int i = 0; i + 1 < crossings.Count; i += 2)
                {
                    for (int x = Math.Max(0, (int)Math.Ceiling(crossings[i] - 0.5)); x < Math.Min(grid.Width, crossings[i + 1] - 0.5); x++)
                        outside[x, y] = false;
                }
            }
        }

        return outside;
    }

    private static void MarkSegment(
        Raster<bool> near, RasterGrid grid, (double Easting, double Northing) from, (double Easting, double Northing) to, double bufferMetres)
    {
        double x0 = grid.Column(from.Easting), y0 = grid.Row(from.Northing), x1 = grid.Column(to.Easting), y1 = grid.Row(to.Northing);
        double buffer = bufferMetres / grid.PixelSizeMetres;
        double lengthSquared = (x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0);
        int right = (int)Math.Min(near.Width - 1, Math.Max(x0, x1) + buffer), bottom = (int)Math.Min(near.Height - 1, Math.Max(y0, y1) + buffer);
        for (int y = (int)Math.Max(0, Math.Min(y0, y1) - buffer); y <= bottom; y++)
        {
            for (int x = (int)Math.Max(0, Math.Min(x0, x1) - buffer); x <= right; x++)
            {
                double px = x + 0.5 - x0, py = y + 0.5 - y0;
                double t = lengthSquared > 0 ? Math.Clamp((px * (x1 - x0) + py * (y1 - y0)) / lengthSquared, 0, 1) : 0;
                double dx = px - t * (x1 - x0), dy = py - t * (y1 - y0);
                near[x, y] |= dx * dx + dy * dy <= buffer * buffer;
            }
        }
    }
}
