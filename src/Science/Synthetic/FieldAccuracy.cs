using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// How far a corrected field is from the truth, metres. Systematic error: the difference smoothed by a Gaussian of standard deviation 0.5 km, less its median beyond 30 km from the fault
/// (an optical pair has no absolute reference); white noise hardly counts.
/// </summary>
/// <param name="RmseEverywhere">Root mean square length of the systematic error vector over the tile.</param>
/// <param name="RmseNearFault">The same within 10 km of the rupture; equal to <paramref name="RmseEverywhere"/> without one.</param>
/// <param name="OffsetErrorPercent">Error of the fault-parallel offset between strips 0.5 to 3 km on both sides of the middle of the rupture; 0 without one.</param>
/// <param name="LargestBlockError">Longest mean error vector of any block of 1 km2, less the median of the tile.</param>
public sealed record FieldAccuracy(double RmseEverywhere, double RmseNearFault, double OffsetErrorPercent, double LargestBlockError)
{
    private const double SmoothingMetres = 500;
    private const double FarMetres = 30_000;
    private const double NearMetres = 10_000;
    private const double StripFromMetres = 500;
    private const double StripToMetres = 3000;
    private const double MiddleShare = 0.3;

    /// <param name="dx">Corrected field to the East, in pixels of 10 m; NaN where unknown.</param>
    /// <param name="dy">Corrected field to the South.</param>
    /// <param name="truthDx">What it should be, but for a constant.</param>
    public static FieldAccuracy Of(
        Raster<float> dx, Raster<float> dy, Raster<float> truthDx, Raster<float> truthDy, RasterGrid grid, OkadaFault? fault)
    {
        var errorX = Smooth(Difference(dx, truthDx), SmoothingMetres / grid.PixelSizeMetres);
        var errorY = Smooth(Difference(dy, truthDy), SmoothingMetres / grid.PixelSizeMetres);
        var distance = Distances(grid, fault);
        double referenceX = Reference(errorX, distance, fault), referenceY = Reference(errorY, distance, fault);
        double all = 0, near = 0;
        long countAll = 0, countNear = 0;
        for (int i = 0; i < errorX.Pixels.Length; i++)
        {
            double ex = errorX.Pixels[i] - referenceX, ey = errorY.Pixels[i] - referenceY, square = ex * ex + ey * ey;
            if (!double.IsFinite(square))
                continue;
            all += square;
            countAll++;
            if (fault is not null && distance.Pixels[i] < NearMetres)
            {
                near += square;
                countNear++;
            }
        }

        double everywhere = Math.Sqrt(all / countAll);
        return new FieldAccuracy(
            everywhere, fault is null ? everywhere : Math.Sqrt(near / countNear),
            fault is null ? 0 : 100 * (Offset(dx, dy, truthDx, grid, fault) / Offset(truthDx, truthDy, dx, grid, fault) - 1),
            LargestBlock(Difference(dx, truthDx), Difference(dy, truthDy), grid));
    }

    private static Raster<float> Difference(Raster<float> field, Raster<float> truth)
    {
        var error = new Raster<float>(field.Width, field.Height);
        for (int i = 0; i < error.Pixels.Length; i++)
            error.Pixels[i] = (float)ErrorField.PixelMetres * (field.Pixels[i] - truth.Pixels[i]);
        return error;
    }

    /// <summary>Three box means in a row are a Gaussian within a few per cent; unknown pixels neither give nor receive.</summary>
    private static Raster<float> Smooth(Raster<float> error, double sigma)
    {
        var (values, known) = (new Raster<float>(error.Width, error.Height), new Raster<float>(error.Width, error.Height));
        for (int i = 0; i < error.Pixels.Length; i++)
        {
            if (float.IsFinite(error.Pixels[i]))
                (values.Pixels[i], known.Pixels[i]) = (error.Pixels[i], 1);
        }

        double exact = 0.5 * (Math.Sqrt(4 * sigma * sigma + 1) - 1);
        var (sums, counts) = (values, known);
        foreach (int radius in (ReadOnlySpan<int>)[(int)exact, (int)Math.Ceiling(exact), (int)Math.Ceiling(exact)])
            (sums, counts) = (BoxSum.Of(sums, radius, Workers.Single), BoxSum.Of(counts, radius, Workers.Single));
        for (int i = 0; i < sums.Pixels.Length; i++)
            sums.Pixels[i] = known.Pixels[i] > 0 ? sums.Pixels[i] / counts.Pixels[i] : float.NaN;
        return sums;
    }

    private static Raster<float> Distances(RasterGrid grid, OkadaFault? fault)
    {
        var distances = new Raster<float>(grid.Width, grid.Height);
        if (fault is null)
            return distances;
        var (sin, cos) = Math.SinCos(fault.StrikeDegrees * Math.PI / 180);
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
            {
                double e = grid.Easting(x + 0.5) - fault.Easting, n = grid.Northing(y + 0.5) - fault.Northing;
                double beyond = Math.Max(0, Math.Abs(e * sin + n * cos) - 0.5 * fault.LengthMetres), across = e * cos - n * sin;
                distances[x, y] = (float)Math.Sqrt(beyond * beyond + across * across);
            }
        }

        return distances;
    }

    private static double Reference(Raster<float> error, Raster<float> distance, OkadaFault? fault)
    {
        var far = new List<float>();
        for (int i = 0; i < error.Pixels.Length; i++)
        {
            if (float.IsFinite(error.Pixels[i]) && (fault is null || distance.Pixels[i] > FarMetres))
                far.Add(error.Pixels[i]);
        }

        return OrderStatistics.Median(far.ToArray());
    }

    /// <summary>Mean fault-parallel motion on the right less that on the left, over pixels known in <paramref name="mask"/> too.</summary>
    private static double Offset(Raster<float> dx, Raster<float> dy, Raster<float> mask, RasterGrid grid, OkadaFault fault)
    {
        var (sin, cos) = Math.SinCos(fault.StrikeDegrees * Math.PI / 180);
        Span<double> sum = stackalloc double[2];
        Span<int> count = stackalloc int[2];
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
            {
                if (!float.IsFinite(dx[x, y]) || !float.IsFinite(mask[x, y]))
                    continue;
                double e = grid.Easting(x + 0.5) - fault.Easting, n = grid.Northing(y + 0.5) - fault.Northing;
                double along = e * sin + n * cos, across = e * cos - n * sin;
                if (Math.Abs(along) > MiddleShare * fault.LengthMetres || Math.Abs(across) is < StripFromMetres or > StripToMetres)
                    continue;
                int side = across > 0 ? 1 : 0;
                sum[side] += dx[x, y] * sin - dy[x, y] * cos;
                count[side]++;
            }
        }

        return sum[1] / count[1] - sum[0] / count[0];
    }

    private static double LargestBlock(Raster<float> errorX, Raster<float> errorY, RasterGrid grid)
    {
        int side = (int)Math.Round(1000 / grid.PixelSizeMetres);
        var (means, meansX, meansY) = (new List<(double X, double Y)>(), new List<float>(), new List<float>());
        for (int by = 0; by + side <= grid.Height; by += side)
        {
            for (int bx = 0; bx + side <= grid.Width; bx += side)
            {
                double sumX = 0, sumY = 0;
                int count = 0;
                for (int y = by; y < by + side; y++)
                {
                    for (int x = bx; x < bx + side; x++)
                    {
                        if (!float.IsFinite(errorX[x, y]))
                            continue;
                        sumX += errorX[x, y];
                        sumY += errorY[x, y];
                        count++;
                    }
                }

                if (count < side * side / 2)
                    continue;
                means.Add((sumX / count, sumY / count));
                meansX.Add((float)(sumX / count));
                meansY.Add((float)(sumY / count));
            }
        }

        double centreX = OrderStatistics.Median(meansX.ToArray()), centreY = OrderStatistics.Median(meansY.ToArray());
        return means.Count == 0 ? 0 : means.Max(m => Math.Sqrt((m.X - centreX) * (m.X - centreX) + (m.Y - centreY) * (m.Y - centreY)));
    }
}
