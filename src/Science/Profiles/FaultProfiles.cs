using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Profiles;

/// <summary>Stacks the displacement along swaths across a fault and measures the offset of each; conventions in README.md.</summary>
public static class FaultProfiles
{
    private const int SamplesPerSide = 100;
    private const double MinimumFill = 0.1;

    /// <param name="eastWest">Mean displacement to the East, metres; NaN where unknown.</param>
    /// <param name="northSouth">Mean displacement to the South, metres.</param>
    /// <param name="standardError">Standard errors of the two, by which the distances from the fault are weighed; null where there are none.</param>
    /// <param name="grid">Grid of all.</param>
    /// <param name="trace">Fault trace in the reference system of the grid; its order sets the direction of strike.</param>
    /// <exception cref="InputException">The trace has no length, or lies outside the grid.</exception>
    public static IReadOnlyList<FaultProfile> Measure(
        Raster<float> eastWest, Raster<float> northSouth, (Raster<float> EastWest, Raster<float> NorthSouth)? standardError, RasterGrid grid,
        IReadOnlyList<(double Easting, double Northing)> trace, FaultProfileParameters parameters, Workers workers)
    {
        var line = new Polyline(trace);
        if (!(line.LengthMetres > 0))
            throw new InputException("The fault trace has no length: draw it with at least two different points.");
        if (!trace.Any(p => grid.Column(p.Easting) >= 0 && grid.Column(p.Easting) <= grid.Width && grid.Row(p.Northing) >= 0 && grid.Row(p.Northing) <= grid.Height)
            && !Enumerable.Range(0, 1001).Select(i => line.At(i * line.LengthMetres / 1000)).Any(p => grid.Bounds.Contains((int)Math.Floor(grid.Column(p.Easting)), (int)Math.Floor(grid.Row(p.Northing)))))
        {
            throw new InputException("The fault trace lies outside the result: choose a trace on this tile, or check its coordinate order (longitude first).");
        }

        double spacing = parameters.Spacing * 1000;
        int count = Math.Max(1, (int)Math.Round(line.LengthMetres / spacing));
        var profiles = new FaultProfile[count];
        workers.Each(count, i => profiles[i] = One(i, (i + 0.5) * line.LengthMetres / count));
        return profiles;

        FaultProfile One(int number, double along)
        {
            double reach = 500 * parameters.Width;
            var (easting, northing) = line.At(along);
            var (fromE, fromN) = line.At(Math.Max(0, along - reach));
            var (toE, toN) = line.At(Math.Min(line.LengthMetres, along + reach));
            double strike = Math.Atan2(toE - fromE, toN - fromN);
            var samples = Stack(eastWest, northSouth, standardError, grid, easting, northing, strike, parameters);
            double degrees = (strike * 180 / Math.PI + 360) % 360;
            var fit = OffsetFitting.Fit(samples, parameters, grid.PixelSizeMetres);
            return fit is { } f
                ? new FaultProfile(number + 1, along, easting, northing, degrees, samples, f.Parallel, f.Normal, f.Shape.ZoneMetres, f.Shape.DepthMetres, f.Fault, null)
                : new FaultProfile(number + 1, along, easting, northing, degrees, samples, default, default, 0, double.PositiveInfinity, 0, "Too few valid pixels on one side of the fault.");
        }
    }

    private static ProfileSample[] Stack(
        Raster<float> eastWest, Raster<float> northSouth, (Raster<float> EastWest, Raster<float> NorthSouth)? standardError, RasterGrid grid,
        double easting, double northing, double strike, FaultProfileParameters parameters)
    {
        var (sin, cos) = Math.SinCos(strike);
        double half = 1000 * parameters.HalfLength, halfWidth = 500 * parameters.Width;
        double step = Math.Max(grid.PixelSizeMetres, half / SamplesPerSide);
        int perSide = (int)(half / step);
        var bins = new Bin[2 * perSide];
        for (int i = 0; i < bins.Length; i++)
            bins[i] = new Bin();
        double reach = half + halfWidth;
        var window = new Window(
            (int)Math.Floor(grid.Column(easting - reach)), (int)Math.Floor(grid.Row(northing + reach)), (int)(2 * reach / grid.PixelSizeMetres) + 2,
            (int)(2 * reach / grid.PixelSizeMetres) + 2).Intersect(grid.Bounds);
        for (int y = window.Y; y < window.Bottom; y++)
        {
            for (int x = window.X; x < window.Right; x++)
            {
                double e = grid.Easting(x + 0.5) - easting, n = grid.Northing(y + 0.5) - northing;
                if (Math.Abs(e * sin + n * cos) > halfWidth)
                    continue;
                int bin = (int)Math.Floor((e * cos - n * sin) / step) + perSide;
                float east = eastWest[x, y], north = -northSouth[x, y];
                if ((uint)bin >= (uint)bins.Length || !float.IsFinite(east) || !float.IsFinite(north))
                    continue;
                bins[bin].Parallel.Add((float)(east * sin + north * cos));
                bins[bin].Normal.Add((float)(east * cos - north * sin));
                if (standardError is var (eastSigma, northSigma) && float.IsFinite(eastSigma[x, y]) && float.IsFinite(northSigma[x, y]))
                {
                    bins[bin].ParallelSigma.Add((float)double.Hypot(eastSigma[x, y] * sin, northSigma[x, y] * cos));
                    bins[bin].NormalSigma.Add((float)double.Hypot(eastSigma[x, y] * cos, northSigma[x, y] * sin));
                }
            }
        }

        double full = 2 * halfWidth * step / (grid.PixelSizeMetres * grid.PixelSizeMetres);
        return [.. Enumerable.Range(0, bins.Length).Where(i => bins[i].Parallel.Count >= Math.Max(1, MinimumFill * full))
            .Select(i => bins[i].Sample((i - perSide + 0.5) * step))];
    }

    /// <summary>The pixels of the swath at one distance from the fault.</summary>
    private sealed class Bin
    {
        public List<float> Parallel { get; } = [];

        public List<float> Normal { get; } = [];

        public List<float> ParallelSigma { get; } = [];

        public List<float> NormalSigma { get; } = [];

        public ProfileSample Sample(double acrossMetres) =>
            new(acrossMetres, Median(Parallel), Median(Normal), Parallel.Count, Median(ParallelSigma), Median(NormalSigma));

        private static double Median(List<float> values) => values.Count > 0 ? OrderStatistics.Median(values.ToArray()) : double.NaN;
    }

    private sealed class Polyline
    {
        private readonly IReadOnlyList<(double Easting, double Northing)> points;
        private readonly double[] distances;

        public Polyline(IReadOnlyList<(double Easting, double Northing)> points)
        {
            this.points = points;
            distances = new double[points.Count];
            for (int i = 1; i < points.Count; i++)
                distances[i] = distances[i - 1] + Math.Sqrt(Math.Pow(points[i].Easting - points[i - 1].Easting, 2) + Math.Pow(points[i].Northing - points[i - 1].Northing, 2));
        }

        public double LengthMetres => distances.Length == 0 ? 0 : distances[^1];

        public (double Easting, double Northing) At(double along)
        {
            int i = 1;
            while (i < points.Count - 1 && distances[i] < along)
                i++;
            double length = distances[i] - distances[i - 1], t = length > 0 ? (along - distances[i - 1]) / length : 0;
            return (points[i - 1].Easting + t * (points[i].Easting - points[i - 1].Easting), points[i - 1].Northing + t * (points[i].Northing - points[i - 1].Northing));
        }
    }
}
