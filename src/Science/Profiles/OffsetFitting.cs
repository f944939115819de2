using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Profiles;

/// <summary>
/// Offset at the fault from two robust lines (Tukey bisquare) and a step: for each shape of the step and each place of the fault within the tolerance the fit
/// is linear; the pair with the smallest weighted squares of both components wins. A sharp step wins over a ramp, and a constant offset over one that fades
/// away from the fault, unless the other is clearly better.
/// The standard error counts the correlation of neighbouring residuals.
/// </summary>
internal static class OffsetFitting
{
    private const int Rounds = 4;
    private const int MinimumSamplesPerSide = 8;
    private const int ShiftBins = 2;
    private const int ZoneWidths = 16;
    private const double Tuning = 6.9460;

    /// <summary>
    /// A ramp must leave so much less than the step, and a fading offset than a constant one: two more unknowns alone leave about 2 % less of 100 samples.
    /// </summary>
    private const double ShapeGain = 0.9;

    /// <summary>Misfits below this are nothing that an image can show (1/300 px), so they never decide between shapes.</summary>
    private const double FloorMetres = 0.03;

    /// <summary>Depths of rupture that are tried, in half-lengths of the profile: deeper ones look straight, shallower ones are mistaken for a fault zone.</summary>
    private static readonly double[] s_depths = [2, 1.4, 1, 0.7, 0.5, 0.35, 0.25];

    public static (OffsetFit Parallel, OffsetFit Normal, StepShape Shape, double Fault)? Fit(IReadOnlyList<ProfileSample> samples, FaultProfileParameters parameters)
    {
        double step = samples.Count > 1 ? samples.Zip(samples.Skip(1), (a, b) => b.AcrossMetres - a.AcrossMetres).Min() : 1;
        double floor = 2 * samples.Count * FloorMetres * FloorMetres;
        double[] shifts = Shifts(step, 1000 * parameters.TraceTolerance), zones = Zones(step, 1000 * parameters.MaximumZone);
        double[] depths = [.. s_depths.Select(depth => 1000 * parameters.HalfLength * depth)];

        // The depth is searched with a sharp step, then the zone with that depth, then the depth again with that zone: the three at once cost too much.
        var straight = WithRamp([double.PositiveInfinity]);
        var fading = WithRamp(depths);
        if (fading is { } ramped && ramped.Shape.ZoneMetres > 0)
            fading = Best([ramped.Fault], [ramped.Shape.ZoneMetres], depths);
        if ((Better(fading, straight) ? fading : straight) is not { } best)
            return null;
        var parallel = Robust(samples, best.Fault, best.Shape, s => s.Parallel).Fit;
        var normal = Robust(samples, best.Fault, best.Shape, s => s.Normal).Fit;
        return double.IsFinite(parallel.Offset) && double.IsFinite(normal.Offset) ? (parallel, normal, best.Shape, best.Fault) : null;

        Candidate? WithRamp(double[] depths)
        {
            var sharp = Best(shifts, [0], depths);
            var ramp = Best(shifts, zones, [sharp?.Shape.DepthMetres ?? depths[0]]);
            return Better(ramp, sharp) ? ramp : sharp;
        }

        Candidate? Best(double[] faults, double[] zones, double[] depths)
        {
            Candidate? best = null;
            foreach (double fault in faults)
            {
                foreach (double zone in zones)
                {
                    if (!Enough(samples, fault, zone))
                        continue;
                    foreach (double depth in depths)
                    {
                        var shape = new StepShape(zone, depth);
                        double cost = floor + Robust(samples, fault, shape, s => s.Parallel).Cost + Robust(samples, fault, shape, s => s.Normal).Cost;
                        best = best is null || cost < best.Value.Cost ? new Candidate(cost, shape, fault) : best;
                    }
                }
            }

            return best;
        }
    }

    private static bool Better(Candidate? other, Candidate? simpler) => other is { } o && (simpler is not { } s || o.Cost < ShapeGain * s.Cost);

    private static double[] Shifts(double step, double tolerance)
    {
        int count = (int)Math.Ceiling(tolerance / (ShiftBins * step));
        return [.. Enumerable.Range(-count, 2 * count + 1).Select(shift => Math.Clamp(shift * ShiftBins * step, -tolerance, tolerance))];
    }

    private static double[] Zones(double step, double widest)
    {
        double spacing = Math.Max(2 * step, widest / ZoneWidths);
        return [.. Enumerable.Range(1, (int)(widest / spacing)).Select(i => i * spacing)];
    }

    private static bool Enough(IReadOnlyList<ProfileSample> samples, double fault, double zone) =>
        samples.Count(s => s.AcrossMetres - fault < -0.5 * zone) >= MinimumSamplesPerSide && samples.Count(s => s.AcrossMetres - fault > 0.5 * zone) >= MinimumSamplesPerSide;

    /// <summary>The cost is the sum of bounded residuals (Tukey's rho), so that fits with other outliers compare.</summary>
    private static (OffsetFit Fit, double Cost) Robust(IReadOnlyList<ProfileSample> samples, double fault, StepShape shape, Func<ProfileSample, double> component)
    {
        double[]? solution = null;
        double[,]? covariance = null;
        double scale = double.PositiveInfinity;
        var residuals = new double[samples.Count];
        Span<double> row = stackalloc double[4];
        for (int round = 0; round < Rounds; round++)
        {
            var normal = new NormalEquations(4);
            for (int i = 0; i < samples.Count; i++)
            {
                double x = samples[i].AcrossMetres - fault, ratio = solution is null ? 0 : residuals[i] / scale;
                double rest = 1 - ratio * ratio;
                Fill(row, x, shape);
                if (rest > 0)
                    normal.Add(row, component(samples[i]), rest * rest);
            }

            if (normal.SolveWithCovariance() is not { } solved)
                return (new OffsetFit(double.NaN, 0, 0, 0, 0), double.PositiveInfinity);
            (solution, covariance) = solved;
            for (int i = 0; i < samples.Count; i++)
            {
                Fill(row, samples[i].AcrossMetres - fault, shape);
                double fit = 0;
                for (int k = 0; k < 4; k++)
                    fit += row[k] * solution[k];
                residuals[i] = component(samples[i]) - fit;
            }

            scale = Math.Max(1e-6, Tuning * OrderStatistics.Median(residuals.Select(v => (float)Math.Abs(v)).ToArray()));
        }

        double squares = 0, used = 0, product = 0, cost = 0;
        for (int i = 0; i < residuals.Length; i++)
        {
            cost += Math.Min(residuals[i] * residuals[i], scale * scale);
            if (Math.Abs(residuals[i]) >= scale)
                continue;
            squares += residuals[i] * residuals[i];
            used++;
            if (i > 0 && Math.Abs(residuals[i - 1]) < scale)
                product += residuals[i] * residuals[i - 1];
        }

        double correlation = squares > 0 ? Math.Clamp(product / squares, 0, 0.95) : 0;
        double variance = squares / Math.Max(1, used - 4) * (1 + correlation) / (1 - correlation);
        return (new OffsetFit(solution![3], Math.Sqrt(variance * covariance![3, 3]), solution[0], solution[1], solution[2]), cost);
    }

    private static void Fill(Span<double> row, double x, StepShape shape)
    {
        row[0] = 1;
        row[1] = Math.Min(0, x);
        row[2] = Math.Max(0, x);
        row[3] = shape.At(x);
    }

    /// <summary>Squares of both components that a shape leaves.</summary>
    private readonly record struct Candidate(double Cost, StepShape Shape, double Fault);
}
