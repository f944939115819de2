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
    private const int MinimumBlocks = 60;
    private const double MinimumReduction = 0.4;
    private const double MinimumSlipPixels = 0.05;
    private const int CoarseEvaluations = 250;
    private const int FineEvaluations = 350;

    /// <summary>The dislocation, or null when none explains the field better than noise would.</summary>
    /// <param name="kmPerPixel">Side of a pixel of the rasters.</param>
    /// <param name="traceStart">A start for the search from a given trace (centre East, centre South, strike in degrees, length), km; or null.</param>
    public static Rupture? Fit(Raster<float> dx, Raster<float> dy, double kmPerPixel, (double East, double South, double Strike, double Length)? traceStart)
    {
        var coarse = Blocks(dx, dy, kmPerPixel, CoarseKm);
        var fine = Blocks(dx, dy, kmPerPixel, FineKm);
        if (coarse.Count < MinimumBlocks)
            return null;
        var starts = new List<(double Cost, double[] Shape)>();
        double half = 0.5 * kmPerPixel * Math.Max(dx.Width, dx.Height);
        for (double strike = 0; strike < 180; strike += 15)
        {
            for (double across = -0.75; across <= 0.76; across += 0.25)
            {
                foreach (var (along, length) in (ReadOnlySpan<(double, double)>)[(-0.5, half), (0, half), (0.5, half), (0, 4 * half)])
                {
                    var (sin, cos) = Math.SinCos(strike * Math.PI / 180);
                    double[] shape = [(along * sin + across * cos) * half, (-along * cos + across * sin) * half, strike, length, 12];
                    starts.Add((Cost(coarse, shape, null), shape));
                }
            }
        }

        if (traceStart is { } trace)
            starts.Add((double.NegativeInfinity, [trace.East, trace.South, trace.Strike, Math.Max(5, trace.Length), 12]));
        var best = starts.OrderBy(s => s.Cost).Take(3).Select(s => Search(coarse, s.Shape, CoarseEvaluations)).MinBy(s => s.Cost).Shape;
        var (cost, found) = Search(fine, best, FineEvaluations);
        double planeOnly = Cost(fine, null, null);
        var unknowns = new double[9];
        if (!(cost < (1 - MinimumReduction) * planeOnly) || !double.IsFinite(Cost(fine, found, unknowns)))
            return null;
        var rupture = new Rupture(found[0], found[1], found[2], found[3], found[4], unknowns[6], unknowns[7], unknowns[8], 1 - cost / planeOnly);
        return Math.Sqrt(unknowns[6] * unknowns[6] + unknowns[7] * unknowns[7] + unknowns[8] * unknowns[8]) < MinimumSlipPixels ? null : rupture;
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

    private static List<(double East, double South, double Dx, double Dy)> Blocks(Raster<float> dx, Raster<float> dy, double kmPerPixel, double blockKm)
    {
        int side = Math.Max(1, (int)Math.Round(blockKm / kmPerPixel));
        var blocks = new List<(double, double, double, double)>();
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
                blocks.Add((
                    (bx + 0.5 * side - 0.5 * dx.Width) * kmPerPixel, (by + 0.5 * side - 0.5 * dx.Height) * kmPerPixel,
                    OrderStatistics.Median(east.AsSpan(0, count)), OrderStatistics.Median(south.AsSpan(0, count))));
            }
        }

        return blocks;
    }

    /// <summary>Sum of squares that the best planes and slip leave; without a shape, the planes alone.</summary>
    private static double Cost(List<(double East, double South, double Dx, double Dy)> blocks, double[]? shape, double[]? unknowns)
    {
        if (shape is not null && (shape[3] is < 5 or > 400 || shape[4] is < 2 or > 25))
            return double.PositiveInfinity;
        var normal = new NormalEquations(shape is null ? 6 : 9);
        Span<double> row = stackalloc double[9];
        Span<double> unit = stackalloc double[6];
        foreach (var block in blocks)
        {
            row.Clear();
            if (shape is not null)
                Unit(shape, block.East, block.South, unit);
            for (int component = 0; component < 2; component++)
            {
                row[..6].Clear();
                row[3 * component] = block.East / 50;
                row[3 * component + 1] = block.South / 50;
                row[3 * component + 2] = 1;
                for (int kind = 0; kind < 3; kind++)
                    row[6 + kind] = unit[2 * kind + component];
                normal.Add(shape is null ? row[..6] : row, component == 0 ? block.Dx : block.Dy);
            }
        }

        if (normal.Solve() is not { } solution)
            return double.PositiveInfinity;
        if (unknowns is not null)
            solution.CopyTo(unknowns, 0);
        return normal.ResidualSquares(solution);
    }

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

    private static (double Cost, double[] Shape) Search(List<(double, double, double, double)> blocks, double[] start, int evaluations)
    {
        double[] scale = [6, 6, 8, 0.25 * start[3], 3];
        int n = start.Length;
        var simplex = new List<(double Cost, double[] Shape)> { (Cost(blocks, start, null), start) };
        for (int i = 0; i < n; i++)
        {
            var corner = (double[])start.Clone();
            corner[i] += scale[i];
            simplex.Add((Cost(blocks, corner, null), corner));
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
                return (Cost(blocks, shape, null), shape);
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
                    simplex[k] = (Cost(blocks, shrunk, null), shrunk);
                }
            }
        }

        return simplex.MinBy(s => s.Cost);
    }
}
