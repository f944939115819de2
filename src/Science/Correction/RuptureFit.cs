using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// The one rectangular dislocation that explains most of a field; it keeps the plane from absorbing the far field of the earthquake, and is not a result.
/// Lengths in km from the centre of the tile, East and South positive; slip in pixels.
/// </summary>
/// <param name="StrikeDegrees">Clockwise from North.</param>
/// <param name="VarianceReduction">Part of the variance left by a plane alone that the dislocation explains, 0 to 1.</param>
public sealed record Rupture(
    double CentreEastKm, double CentreSouthKm, double StrikeDegrees, double LengthKm, double WidthKm, double StrikeSlipPixels, double DipSlipPixels,
    double OpeningPixels, double VarianceReduction);

/// <summary>
/// Fits both components together by a plane each and one vertical dislocation from the surface down (Okada 1985, equations 25 to 27 for dip 90 and equal
/// Lamé constants): slip and planes are linear, place, strike, length and width are searched (scan, then Nelder and Mead 1965).
/// </summary>
internal static class RuptureFit
{
    private const double CoarseKm = 5.5;
    private const double FineKm = 2.7;

    /// <summary>Unit of length of the planes' slopes, so that all unknowns are of one order.</summary>
    private const double PlaneKm = 50;

    /// <summary>A scene too small for so many coarse blocks along its longer side gets smaller ones, and all lengths of the search shrink with them.</summary>
    private const int LeastBlocks = 12;
    private const int MinimumBlocks = 60;

    /// <summary>A block whose values spread more than so many times those of the median block is left out: noise beside a cloud, or both sides of the fault.</summary>
    private const double MostSpread = 2.5;
    private const double MinimumReduction = 0.4;
    private const double MinimumSlipPixels = 0.05;

    /// <summary>
    /// Slip over the smaller side of the rupture. Earthquakes have 1e-5 to a few 1e-4 (Kanamori and Anderson 1975), so more than this is noise beside a cloud,
    /// or a step between detectors, that a needle of a dislocation follows.
    /// </summary>
    private const double MaximumStrain = 0.01;
    private const int ShapeUnknowns = 5, LinearUnknowns = 9;
    private const int CoarseEvaluations = 250;
    private const int FineEvaluations = 350;

    /// <summary>The dislocation, or null when none explains the field better than noise would.</summary>
    /// <param name="kmPerPixel">Side of a pixel of the rasters.</param>
    /// <param name="slipKmPerPixel">Length of the unit of the rasters' values.</param>
    /// <param name="traceStart">A start for the search from a given trace (centre East, centre South, strike in degrees, length), km; or null.</param>
    public static Rupture? Fit(
        Raster<float> dx, Raster<float> dy, double kmPerPixel, double slipKmPerPixel, (double East, double South, double Strike, double Length)? traceStart)
    {
        double side = kmPerPixel * Math.Max(dx.Width, dx.Height), scale = Scale(dx, kmPerPixel);
        var limits = new Limits(scale, slipKmPerPixel);
        var coarse = Blocks(dx, dy, kmPerPixel, scale * CoarseKm);
        var fine = Blocks(dx, dy, kmPerPixel, scale * FineKm);
        if (coarse.Count < MinimumBlocks)
            return null;
        var starts = new List<(double Cost, double[] Shape)>();
        double half = 0.5 * side, width = 12 * scale;
        for (double strike = 0; strike < 180; strike += 15)
        {
            for (double across = -0.75; across <= 0.76; across += 0.25)
            {
                foreach (var (along, length) in (ReadOnlySpan<(double, double)>)[(-0.5, half), (0, half), (0.5, half), (0, 4 * half)])
                {
                    var (sin, cos) = Math.SinCos(strike * Math.PI / 180);
                    double[] shape = [(along * sin + across * cos) * half, (-along * cos + across * sin) * half, strike, length, width];
                    starts.Add((Cost(coarse, limits, shape, null), shape));
                }
            }
        }

        if (traceStart is { } trace)
            starts.Add((double.NegativeInfinity, [trace.East, trace.South, trace.Strike, Math.Max(5 * scale, trace.Length), width]));
        var best = starts.OrderBy(s => s.Cost).Take(3).Select(s => Search(coarse, limits, s.Shape, CoarseEvaluations)).MinBy(s => s.Cost).Shape;
        var (cost, found) = Search(fine, limits, best, FineEvaluations);
        double planeOnly = Cost(fine, limits, null, null);
        var unknowns = new double[9];
        if (!(cost < (1 - MinimumReduction) * planeOnly) || !double.IsFinite(Cost(fine, limits, found, unknowns)))
            return null;
        var rupture = new Rupture(found[0], found[1], found[2], found[3], found[4], unknowns[6], unknowns[7], unknowns[8], 1 - cost / planeOnly);
        return Slip(unknowns) < MinimumSlipPixels ? null : rupture;
    }

    /// <summary>
    /// How well both planes are known when the dislocation is found together with them (all fourteen unknowns, linear about the solution), or alone when there
    /// is none. Residuals of neighbours are not independent, so the coarse blocks count as the observations.
    /// </summary>
    public static (PlaneVariance Dx, PlaneVariance Dy) PlaneVariances(Raster<float> dx, Raster<float> dy, double kmPerPixel, Rupture? rupture)
    {
        double scale = Scale(dx, kmPerPixel);
        var blocks = Blocks(dx, dy, kmPerPixel, scale * CoarseKm);
        double[]? shape = rupture is null ? null
            : [rupture.CentreEastKm, rupture.CentreSouthKm, rupture.StrikeDegrees, rupture.LengthKm, rupture.WidthKm];
        int linear = shape is null ? 6 : LinearUnknowns, all = shape is null ? 6 : LinearUnknowns + ShapeUnknowns;
        double cost = Cost(blocks, new Limits(scale, 0), shape, null);
        if (2 * blocks.Count <= all || !double.IsFinite(cost))
            return default;
        double variance = cost / (2 * blocks.Count - all);
        var normal = new NormalEquations(all);
        Span<double> row = stackalloc double[LinearUnknowns + ShapeUnknowns];
        double[] steps = [0.1 * scale, 0.1 * scale, 0.2, 0.1 * scale, 0.05 * scale];
        Span<double> unit = stackalloc double[6], slopes = stackalloc double[2 * ShapeUnknowns];
        foreach (var block in blocks)
        {
            if (rupture is not null)
                ShapeSlopes(rupture, shape!, steps, block.East, block.South, slopes);
            for (int component = 0; component < 2; component++)
            {
                Row(block.East, block.South, component, shape, unit, row);
                slopes.Slice(component * ShapeUnknowns, all - linear).CopyTo(row[linear..]);
                normal.Add(row[..all], 0);
            }
        }

        // No rupture is longer, wider or farther than these allow: a shape that the blocks do not fix must not make the error endless.
        for (int k = 0; k < all - linear; k++)
        {
            double known = k switch { 0 or 1 => 6 * scale, 2 => 20, _ => 0.5 * shape![k] };
            row.Clear();
            row[linear + k] = 1;
            normal.Add(row[..all], 0, variance / (known * known));
        }

        if (normal.SolveWithCovariance() is not { Covariance: var covariance })
            return default;
        double halfWidth = 0.5 * dx.Width * kmPerPixel / PlaneKm, halfHeight = 0.5 * dx.Height * kmPerPixel / PlaneKm;
        PlaneVariance Of(int first) => variance * new PlaneVariance(
            covariance[first, first] * halfWidth * halfWidth, covariance[first, first + 1] * halfWidth * halfHeight,
            covariance[first + 1, first + 1] * halfHeight * halfHeight, covariance[first, first + 2] * halfWidth,
            covariance[first + 1, first + 2] * halfHeight, covariance[first + 2, first + 2]);
        return (Of(0), Of(3));
    }

    /// <summary>What the rupture adds to the field of a grid of <paramref name="width"/> x <paramref name="height"/> pixels.</summary>
    public static (Raster<float> Dx, Raster<float> Dy) Field(Rupture rupture, int width, int height, double kmPerPixel)
    {
        var (dx, dy) = (new Raster<float>(width, height), new Raster<float>(width, height));
        double[] shape = [rupture.CentreEastKm, rupture.CentreSouthKm, rupture.StrikeDegrees, rupture.LengthKm, rupture.WidthKm];
        Span<double> unit = stackalloc double[6];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Unit(shape, (x + 0.5 - 0.5 * width) * kmPerPixel, (y + 0.5 - 0.5 * height) * kmPerPixel, unit);
                dx[x, y] = (float)(rupture.StrikeSlipPixels * unit[0] + rupture.DipSlipPixels * unit[2] + rupture.OpeningPixels * unit[4]);
                dy[x, y] = (float)(rupture.StrikeSlipPixels * unit[1] + rupture.DipSlipPixels * unit[3] + rupture.OpeningPixels * unit[5]);
            }
        }

        return (dx, dy);
    }

    /// <summary>How the rupture's field changes with its shape: East for each unknown, then South.</summary>
    private static void ShapeSlopes(Rupture rupture, double[] shape, double[] steps, double east, double south, Span<double> slopes)
    {
        Span<double> before = stackalloc double[6], after = stackalloc double[6];
        for (int k = 0; k < ShapeUnknowns; k++)
        {
            double value = shape[k];
            shape[k] = value - steps[k];
            Unit(shape, east, south, before);
            shape[k] = value + steps[k];
            Unit(shape, east, south, after);
            shape[k] = value;
            for (int component = 0; component < 2; component++)
            {
                slopes[component * ShapeUnknowns + k] = (rupture.StrikeSlipPixels * (after[component] - before[component])
                    + rupture.DipSlipPixels * (after[2 + component] - before[2 + component])
                    + rupture.OpeningPixels * (after[4 + component] - before[4 + component])) / (2 * steps[k]);
            }
        }
    }

    private static double Slip(double[] unknowns) => Math.Sqrt(unknowns[6] * unknowns[6] + unknowns[7] * unknowns[7] + unknowns[8] * unknowns[8]);

    private static double Scale(Raster<float> field, double kmPerPixel) =>
        Math.Min(1, kmPerPixel * Math.Max(field.Width, field.Height) / (LeastBlocks * CoarseKm));

    private static List<(double East, double South, double Dx, double Dy)> Blocks(Raster<float> dx, Raster<float> dy, double kmPerPixel, double blockKm)
    {
        int side = Math.Max(1, (int)Math.Round(blockKm / kmPerPixel));
        var blocks = new List<(double, double, double, double)>();
        var spreads = new List<float>();
        var (east, south) = (new float[side * side], new float[side * side]);
        for (int by = 0; by + side <= dx.Height; by += side)
        {
            for (int bx = 0; bx + side <= dx.Width; bx += side)
            {
                int count = 0;
                for (int y = by; y < by + side; y++)
                {
                    for (int x = bx; x < bx + side; x++)
                    {
                        if (float.IsFinite(dx[x, y]) && float.IsFinite(dy[x, y]))
                            (east[count], south[count++]) = (dx[x, y], dy[x, y]);
                    }
                }

                if (count < side * side / 4)
                    continue;
                var (middleEast, spreadEast) = MiddleAndSpread(east.AsSpan(0, count));
                var (middleSouth, spreadSouth) = MiddleAndSpread(south.AsSpan(0, count));
                blocks.Add(((bx + 0.5 * side - 0.5 * dx.Width) * kmPerPixel, (by + 0.5 * side - 0.5 * dx.Height) * kmPerPixel, middleEast, middleSouth));
                spreads.Add((float)(spreadEast + spreadSouth));
            }
        }

        double most = blocks.Count == 0 ? 0 : MostSpread * OrderStatistics.Median([.. spreads]);
        return [.. blocks.Where((_, i) => spreads[i] <= most)];
    }

    private static (double Middle, double Spread) MiddleAndSpread(Span<float> values)
    {
        double middle = OrderStatistics.Median(values);
        foreach (ref float value in values)
            value = (float)Math.Abs(value - middle);
        return (middle, OrderStatistics.Median(values));
    }

    /// <summary>Sum of squares that the best planes and slip leave; without a shape, the planes alone.</summary>
    private static double Cost(List<(double East, double South, double Dx, double Dy)> blocks, Limits limits, double[]? shape, double[]? unknowns)
    {
        if (shape is not null && (shape[3] < 5 * limits.Scale || shape[3] > 400 || shape[4] < 2 * limits.Scale || shape[4] > 25))
            return double.PositiveInfinity;
        int unknownsCount = shape is null ? 6 : LinearUnknowns;
        var normal = new NormalEquations(unknownsCount);
        Span<double> row = stackalloc double[LinearUnknowns];
        Span<double> unit = stackalloc double[6];
        foreach (var block in blocks)
        {
            for (int component = 0; component < 2; component++)
            {
                Row(block.East, block.South, component, shape, unit, row);
                normal.Add(row[..unknownsCount], component == 0 ? block.Dx : block.Dy);
            }
        }

        if (normal.Solve() is not { } solution)
            return double.PositiveInfinity;
        if (shape is not null && Slip(solution) * limits.SlipKmPerPixel > MaximumStrain * Math.Min(shape[3], shape[4]))
            return double.PositiveInfinity;
        if (unknowns is not null)
            solution.CopyTo(unknowns, 0);
        return normal.ResidualSquares(solution);
    }

    /// <summary>Coefficients of both planes and the slip for one component at one place; the unit field is computed with the first component.</summary>
    private static void Row(double east, double south, int component, double[]? shape, Span<double> unit, Span<double> row)
    {
        row.Clear();
        row[3 * component] = east / PlaneKm;
        row[3 * component + 1] = south / PlaneKm;
        row[3 * component + 2] = 1;
        if (shape is null)
            return;
        if (component == 0)
            Unit(shape, east, south, unit);
        for (int kind = 0; kind < 3; kind++)
            row[6 + kind] = unit[2 * kind + component];
    }

    /// <param name="Scale">Lengths of the search relative to those of a whole tile.</param>
    /// <param name="SlipKmPerPixel">Length of the unit of the slip; 0 allows any.</param>
    private readonly record struct Limits(double Scale, double SlipKmPerPixel);

    /// <summary>Displacement (East, South) per unit of strike slip (left-lateral), dip slip and opening.</summary>
    private static void Unit(double[] shape, double east, double south, Span<double> unit)
    {
        var (sin, cos) = Math.SinCos(shape[2] * Math.PI / 180);
        double e = east - shape[0], n = shape[1] - south, length = shape[3], width = shape[4];
        double x = e * sin + n * cos + 0.5 * length, q = -e * cos + n * sin;
        Span<double> sum = stackalloc double[6];
        Corner(x, width, q, 1, sum);
        Corner(x, 0, q, -1, sum);
        Corner(x - length, width, q, -1, sum);
        Corner(x - length, 0, q, 1, sum);
        for (int kind = 0; kind < 3; kind++)
        {
            double along = sum[2 * kind], across = sum[2 * kind + 1];
            unit[2 * kind] = along * sin - across * cos;
            unit[2 * kind + 1] = -(along * cos + across * sin);
        }
    }

    private static void Corner(double xi, double eta, double q, double sign, Span<double> sum)
    {
        double r = Math.Max(1e-3, Math.Sqrt(xi * xi + eta * eta + q * q)), rEta = r + eta, rXi = Math.Max(1e-3, r + xi);
        double t = Math.Abs(q) < 1e-9 ? 0 : Math.Atan(xi * eta / (q * r));
        double log = Math.Log(rEta), i1 = -0.25 * xi * q / (rEta * rEta), i3 = 0.25 * (eta / rEta + q * q / (rEta * rEta) - log), i2 = -0.5 * log - i3;
        double factor = sign / (2 * Math.PI);
        sum[0] -= factor * (xi * q / (r * rEta) + t + i1);
        sum[1] -= factor * (q * q / (r * rEta) + i2);
        sum[2] -= factor * (q / r);
        sum[3] -= factor * (q * q / (r * rXi));
        sum[4] += factor * (q * q / (r * rEta) - i3);
        sum[5] += factor * (-eta * q / (r * rXi) - (xi * q / (r * rEta) - t) - i1);
    }

    private static (double Cost, double[] Shape) Search(List<(double, double, double, double)> blocks, Limits limits, double[] start, int evaluations)
    {
        double[] steps = [6 * limits.Scale, 6 * limits.Scale, 8, 0.25 * start[3], 3 * limits.Scale];
        int n = start.Length;
        var simplex = new List<(double Cost, double[] Shape)> { (Cost(blocks, limits, start, null), start) };
        for (int i = 0; i < n; i++)
        {
            var corner = (double[])start.Clone();
            corner[i] += steps[i];
            simplex.Add((Cost(blocks, limits, corner, null), corner));
        }

        for (int used = n + 1; used < evaluations;)
        {
            simplex = simplex.OrderBy(s => s.Cost).ToList();
            var worst = simplex[n];
            var centre = new double[n];
            for (int k = 0; k < n; k++)
            {
                for (int i = 0; i < n; i++)
                    centre[i] += simplex[k].Shape[i] / n;
            }

            (double Cost, double[] Shape) At(double factor)
            {
                var shape = new double[n];
                for (int i = 0; i < n; i++)
                    shape[i] = centre[i] + factor * (worst.Shape[i] - centre[i]);
                used++;
                return (Cost(blocks, limits, shape, null), shape);
            }

            var reflected = At(-1);
            if (reflected.Cost < simplex[0].Cost)
            {
                var expanded = At(-2);
                simplex[n] = expanded.Cost < reflected.Cost ? expanded : reflected;
            }
            else if (reflected.Cost < simplex[n - 1].Cost)
            {
                simplex[n] = reflected;
            }
            else
            {
                var contracted = At(reflected.Cost < worst.Cost ? -0.5 : 0.5);
                if (contracted.Cost < Math.Min(worst.Cost, reflected.Cost))
                {
                    simplex[n] = contracted;
                    continue;
                }

                for (int k = 1; k <= n; k++, used++)
                {
                    var shrunk = simplex[k].Shape.Zip(simplex[0].Shape, (a, b) => 0.5 * (a + b)).ToArray();
                    simplex[k] = (Cost(blocks, limits, shrunk, null), shrunk);
                }
            }
        }

        return simplex.MinBy(s => s.Cost);
    }
}
