namespace GdmOptEtq.Science.Profiles;

/// <summary>
/// Offset at the fault from two robust lines, a step and what the matcher smeared of it (<see cref="ComponentFitting"/>): for each shape of the step and each
/// place of the fault within the tolerance the fit is linear; the pair with the smallest weighted squares of both components wins. A sharp step wins over a
/// ramp, and a constant offset over one that fades away from the fault, unless the other is clearly better. The standard error counts the other depths and
/// zones that fit nearly as well.
/// </summary>
internal sealed class OffsetFitting
{
    private const int MinimumSamplesPerSide = 8;
    private const int ShiftBins = 2;
    private const int ZoneWidths = 16;

    /// <summary>
    /// A ramp must leave so much less than the step, and a fading offset than a constant one. Where many samples are independent less is enough: what makes
    /// them e^3 times as likely.
    /// </summary>
    private const double ShapeGain = 0.9, ShapeLogLikelihood = 3;

    /// <summary>Misfits below this are nothing that a swath can show (1/1000 px), so they never decide between shapes.</summary>
    private const double FloorMetres = 0.01;

    /// <summary>Depths of rupture that are tried, in half-lengths of the profile: deeper ones look straight, shallower ones are mistaken for a fault zone.</summary>
    private const double ShallowestDepth = 0.25, DeepestDepth = 2.8;

    private const int CoarseDepths = 8, FineDepths = 29;

    private readonly IReadOnlyList<ProfileSample> samples;
    private readonly double halfLength;
    private readonly double floor;
    private readonly ComponentFitting parallel;
    private readonly ComponentFitting normal;

    private OffsetFitting(IReadOnlyList<ProfileSample> samples, double halfLength, double pixelMetres)
    {
        this.samples = samples;
        this.halfLength = halfLength;
        floor = samples.Count * FloorMetres * FloorMetres;
        double smear = ComponentFitting.SmearMetres(pixelMetres, halfLength);
        parallel = new ComponentFitting(samples, s => s.Parallel, s => s.ParallelSigma, smear);
        normal = new ComponentFitting(samples, s => s.Normal, s => s.NormalSigma, smear);
    }

    /// <summary>Null where a side has too few samples.</summary>
    public static (OffsetFit Parallel, OffsetFit Normal, StepShape Shape, double Fault)? Fit(
        IReadOnlyList<ProfileSample> samples, FaultProfileParameters parameters, double pixelMetres)
    {
        double step = samples.Count > 1 ? samples.Zip(samples.Skip(1), (a, b) => b.AcrossMetres - a.AcrossMetres).Min() : 1;
        return new OffsetFitting(samples, 1000 * parameters.HalfLength, pixelMetres).Fit(
            Shifts(step, 1000 * parameters.TraceTolerance), Zones(step, 1000 * parameters.MaximumZone));
    }

    private (OffsetFit Parallel, OffsetFit Normal, StepShape Shape, double Fault)? Fit(double[] shifts, double[] zones)
    {
        double[] endless = [double.PositiveInfinity], coarse = Depths(CoarseDepths), fine = Depths(FineDepths);

        // The depth is searched with a sharp step, then the zone with that depth, then the depth again with that zone: the three at once cost too much.
        var straight = WithRamp(endless);
        if (WithRamp(coarse) is not { } ramped)
            return null;
        var fading = Best([ramped.Fault], [ramped.Shape.ZoneMetres], fine);
        if ((Better(fading, straight) ? fading : straight) is not { } best)
            return null;

        var depths = Candidates([best.Fault], [best.Shape.ZoneMetres], fine).ToArray();
        var widths = Candidates([best.Fault], zones, [best.Shape.DepthMetres]).ToArray();
        var noDepth = At(best.Fault, best.Shape with { DepthMetres = double.PositiveInfinity });
        var noZone = At(best.Fault, best.Shape with { ZoneMetres = 0 });
        return double.IsFinite(best.Parallel.Offset.Offset) && double.IsFinite(best.Normal.Offset.Offset)
            ? (Total(c => c.Parallel), Total(c => c.Normal), best.Shape, best.Fault) : null;

        OffsetFit Total(Func<Candidate, ComponentFit> component)
        {
            var fit = component(best).Offset;
            return fit with { Sigma = Math.Sqrt(fit.Sigma * fit.Sigma + Spread(best, noDepth, depths, component) + Spread(best, noZone, widths, component)) };
        }

        Candidate? WithRamp(double[] depths)
        {
            var sharp = Best(shifts, [0], depths);
            var ramp = Best(shifts, zones, [sharp?.Shape.DepthMetres ?? depths[0]]);
            return Better(ramp, sharp) ? ramp : sharp;
        }
    }

    private Candidate? Best(double[] faults, double[] zones, double[] depths)
    {
        Candidate? best = null;
        foreach (var candidate in Candidates(faults, zones, depths))
            best = best is null || candidate.Cost < best.Value.Cost ? candidate : best;
        return best;
    }

    private IEnumerable<Candidate> Candidates(double[] faults, double[] zones, double[] depths) =>
        from fault in faults
        from zone in zones
        where Enough(fault, zone)
        from depth in depths
        select At(fault, new StepShape(zone, depth));

    private Candidate At(double fault, StepShape shape) => new(parallel.Fit(fault, shape), normal.Fit(fault, shape), floor, shape, fault);

    /// <summary>
    /// Mean square of what the offset would be with another shape less what it is, each shape weighted by how likely the samples make it: half of what is
    /// believed beforehand is on the simpler shape, the other half on all others alike.
    /// </summary>
    private static double Spread(Candidate best, Candidate simpler, Candidate[] others, Func<Candidate, ComponentFit> component)
    {
        double offset = component(best).Offset.Offset, sum = 0, weights = 0;
        Count(simpler, 1);
        foreach (var other in others)
            Count(other, 1.0 / others.Length);
        return weights > 0 ? sum / weights : 0;

        void Count(Candidate shape, double prior)
        {
            double difference = component(shape).Offset.Offset - offset, weight = prior * shape.Likelihood(best);
            if (!double.IsFinite(difference) || !double.IsFinite(weight))
                return;
            weights += weight;
            sum += weight * difference * difference;
        }
    }

    private static bool Better(Candidate? other, Candidate? simpler) =>
        other is { } o && (simpler is not { } s
            || o.Cost < s.Cost * Math.Max(ShapeGain, Math.Exp(-2 * ShapeLogLikelihood / (o.Parallel.Independent + o.Normal.Independent))));

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

    /// <summary>From the deepest to the shallowest, each in the same proportion to the next.</summary>
    private double[] Depths(int count) =>
        [.. Enumerable.Range(0, count).Select(i => halfLength * DeepestDepth * Math.Pow(ShallowestDepth / DeepestDepth, (double)i / (count - 1)))];

    private bool Enough(double fault, double zone) =>
        samples.Count(s => s.AcrossMetres - fault < -0.5 * zone) >= MinimumSamplesPerSide && samples.Count(s => s.AcrossMetres - fault > 0.5 * zone) >= MinimumSamplesPerSide;

    /// <summary>A shape of the step at a place, and what it leaves of both components.</summary>
    private readonly record struct Candidate(ComponentFit Parallel, ComponentFit Normal, double Floor, StepShape Shape, double Fault)
    {
        public double Cost => 2 * Floor + Parallel.Cost + Normal.Cost;

        /// <summary>How likely the samples are with this shape, in units of the other: normal errors of unknown variance, as many as are independent.</summary>
        public double Likelihood(Candidate other) =>
            Math.Pow(Ratio(other.Parallel.Cost, Parallel.Cost), 0.5 * other.Parallel.Independent)
            * Math.Pow(Ratio(other.Normal.Cost, Normal.Cost), 0.5 * other.Normal.Independent);

        private double Ratio(double other, double own) => (other + Floor) / (own + Floor);
    }
}
