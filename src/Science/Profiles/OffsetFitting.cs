using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Profiles;

/// <summary>
/// Offset at the fault from two robust lines (Tukey bisquare) joined by a ramp: for each width of the ramp and each place of the fault within the tolerance
/// the fit is linear; the pair with the smallest weighted squares of both components wins, and a sharp step wins over a ramp that is not clearly better.
/// The standard error counts the correlation of neighbouring residuals.
/// </summary>
internal static class OffsetFitting
{
    private const int Rounds = 4;
    private const int MinimumSamplesPerSide = 8;
    private const int ShiftBins = 2;
    private const int ZoneWidths = 16;
    private const double Tuning = 6.9460;

    /// <summary>A ramp must leave so much less than the step: two more unknowns alone leave about 2 % less of 100 samples.</summary>
    private const double RampGain = 0.9;

    public static (OffsetFit Parallel, OffsetFit Normal, double Zone, double Fault)? Fit(IReadOnlyList<ProfileSample> samples, FaultProfileParameters parameters)
    {
        double step = samples.Count > 1 ? samples.Zip(samples.Skip(1), (a, b) => b.AcrossMetres - a.AcrossMetres).Min() : 1;
        double tolerance = 1000 * parameters.TraceTolerance, widest = 1000 * parameters.MaximumZone;
        (double Cost, double Zone, double Fault)? sharp = null, ramp = null;
        int shifts = (int)Math.Ceiling(tolerance / (ShiftBins * step));
        for (int shift = -shifts; shift <= shifts; shift++)
        {
            for (double zone = 0; zone <= widest; zone += Math.Max(2 * step, widest / ZoneWidths))
            {
                double fault = Math.Clamp(shift * ShiftBins * step, -tolerance, tolerance);
                if (!Enough(samples, fault, zone))
                    continue;
                double cost = Robust(samples, fault, zone, s => s.Parallel).Cost + Robust(samples, fault, zone, s => s.Normal).Cost;
                if (zone == 0)
                    sharp = sharp is null || cost < sharp.Value.Cost ? (cost, zone, fault) : sharp;
                else
                    ramp = ramp is null || cost < ramp.Value.Cost ? (cost, zone, fault) : ramp;
            }
        }

        if ((ramp is { } r && (sharp is null || r.Cost < RampGain * sharp.Value.Cost) ? ramp : sharp) is not { } best)
            return null;
        var parallel = Robust(samples, best.Fault, best.Zone, s => s.Parallel).Fit;
        var normal = Robust(samples, best.Fault, best.Zone, s => s.Normal).Fit;
        return double.IsFinite(parallel.Offset) && double.IsFinite(normal.Offset) ? (parallel, normal, best.Zone, best.Fault) : null;
    }

    private static bool Enough(IReadOnlyList<ProfileSample> samples, double fault, double zone) =>
        samples.Count(s => s.AcrossMetres - fault < -0.5 * zone) >= MinimumSamplesPerSide && samples.Count(s => s.AcrossMetres - fault > 0.5 * zone) >= MinimumSamplesPerSide;

    /// <summary>The cost is the sum of bounded residuals (Tukey's rho), so that fits with other outliers compare.</summary>
    private static (OffsetFit Fit, double Cost) Robust(IReadOnlyList<ProfileSample> samples, double fault, double zone, Func<ProfileSample, double> component)
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
                Fill(row, x, zone);
                if (rest > 0)
                    normal.Add(row, component(samples[i]), rest * rest);
            }

            if (normal.SolveWithCovariance() is not { } solved)
                return (new OffsetFit(double.NaN, 0, 0, 0, 0), double.PositiveInfinity);
            (solution, covariance) = solved;
            for (int i = 0; i < samples.Count; i++)
            {
                Fill(row, samples[i].AcrossMetres - fault, zone);
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

    private static void Fill(Span<double> row, double x, double zone)
    {
        row[0] = 1;
        row[1] = Math.Min(0, x);
        row[2] = Math.Max(0, x);
        row[3] = zone > 0 ? Math.Clamp(x / zone, -0.5, 0.5) : x < 0 ? -0.5 : 0.5;
    }
}
