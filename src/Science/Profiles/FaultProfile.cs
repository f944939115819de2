namespace GdmOptEtq.Science.Profiles;

/// <summary>One sample of a profile: median of the swath at a distance across the fault, positive to the right of the trace's direction; metres.</summary>
/// <param name="ParallelSigma">Median of the pixels' own standard errors, metres; NaN where the result has none.</param>
/// <param name="NormalSigma">The same of the other component.</param>
public readonly record struct ProfileSample(double AcrossMetres, double Parallel, double Normal, int Pixels, double ParallelSigma, double NormalSigma);

/// <summary>
/// One component of the fit y = b + slopeLeft min(x', 0) + slopeRight max(x', 0) + offset shape(x'), x' counted from the fault that the fit found.
/// </summary>
/// <param name="Offset">Right side minus left side at the fault, metres.</param>
/// <param name="Sigma">Its standard error, metres; counts that neighbouring samples share errors, and that other depths and zones fit nearly as well.</param>
public readonly record struct OffsetFit(double Offset, double Sigma, double Level, double SlopeLeft, double SlopeRight)
{
    internal double At(double x, StepShape shape) => Level + (x < 0 ? SlopeLeft : SlopeRight) * x + Offset * shape.At(x);
}

/// <summary>
/// The offset's course across the fault, from -1/2 to 1/2 at the fault: a ramp inside the fault zone, and outside either flat or fading as beside a rupture
/// that reaches down to a depth, (1/pi) atan(depth / distance) (screw dislocation, Savage and Burford 1973, JGR 78, 832).
/// </summary>
/// <param name="ZoneMetres">Width of the ramp, metres; 0 for a sharp step.</param>
/// <param name="DepthMetres">Depth to which the rupture reaches, metres; infinite for a flat course.</param>
public readonly record struct StepShape(double ZoneMetres, double DepthMetres)
{
    internal double At(double x)
    {
        double outside = Math.Abs(x) - 0.5 * ZoneMetres;
        if (outside < 0)
            return x / ZoneMetres;
        return Math.CopySign(double.IsPositiveInfinity(DepthMetres) ? 0.5 : Math.Atan2(DepthMetres, outside) / Math.PI, x);
    }

    /// <summary>What a smoothing matcher takes from the step on one side and adds on the other, 1 at the edges of the zone.</summary>
    internal double SmearAt(double x, double reachMetres)
    {
        double outside = Math.Abs(x) - 0.5 * ZoneMetres;
        return outside < 0 ? 2 * x / ZoneMetres : Math.CopySign(Math.Exp(-outside / reachMetres), x);
    }
}

/// <summary>A profile across the fault with its offset.</summary>
/// <param name="AlongMetres">Distance of its foot from the start of the trace; <c>gdm profile</c> counts on over several lines.</param>
/// <param name="StrikeDegrees">Direction of the trace there, clockwise from North.</param>
/// <param name="Samples">The stacked swath.</param>
/// <param name="Parallel">Offset along strike: positive where the right side moved in the direction of strike (left-lateral).</param>
/// <param name="Normal">Offset to the right: positive where the sides moved apart.</param>
/// <param name="ZoneWidthMetres">Width over which the offset builds up; 0 where a sharp step fits as well.</param>
/// <param name="DepthMetres">
/// Depth of rupture with which the displacement fades away from the fault, as far as one profile can tell; infinite where straight lines fit as well.
/// </param>
/// <param name="FaultAcrossMetres">Where the fit found the fault, against the trace.</param>
/// <param name="Problem">Why there is no offset, as a plain sentence; null when there is one.</param>
public sealed record FaultProfile(
    int Number, double AlongMetres, double Easting, double Northing, double StrikeDegrees, IReadOnlyList<ProfileSample> Samples, OffsetFit Parallel,
    OffsetFit Normal, double ZoneWidthMetres, double DepthMetres, double FaultAcrossMetres, string? Problem)
{
    private StepShape Shape => new(ZoneWidthMetres, DepthMetres);

    /// <summary>The fitted curve at a distance across the trace, metres, without what matching smears of the step.</summary>
    public double FittedParallel(double acrossMetres) => Parallel.At(acrossMetres - FaultAcrossMetres, Shape);

    /// <summary>The same of the component across the fault.</summary>
    public double FittedNormal(double acrossMetres) => Normal.At(acrossMetres - FaultAcrossMetres, Shape);
}
