namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// A rectangular rupture with uniform slip in an elastic half-space, placed by the middle of its upper edge (map coordinates, metres).
/// </summary>
/// <param name="Easting">Easting of the middle of the upper edge, metres.</param>
/// <param name="Northing">Northing of the middle of the upper edge, metres.</param>
/// <param name="StrikeDegrees">Direction of the trace, clockwise from North; the fault dips to the right of it.</param>
/// <param name="LengthMetres">Length along strike.</param>
/// <param name="WidthMetres">Width down dip.</param>
/// <param name="SlipMetres">Slip of the hanging (right-hand) side against the other, total of the two sides.</param>
public sealed record OkadaFault(
    double Easting, double Northing, double StrikeDegrees, double LengthMetres, double WidthMetres, double SlipMetres)
{
    /// <summary>Angle below the horizontal, (0, 90].</summary>
    public double DipDegrees { get; init; } = 90;

    /// <summary>Direction of slip in the fault plane: 0 left-lateral, 180 right-lateral, 90 reverse, -90 normal.</summary>
    public double RakeDegrees { get; init; } = 180;

    /// <summary>Depth of the upper edge: 0 for a rupture that reaches the surface.</summary>
    public double TopDepthMetres { get; init; }

    /// <summary>Opening normal to the fault plane, positive when it opens.</summary>
    public double OpeningMetres { get; init; }

    /// <summary>End of the upper edge against the strike, as (easting, northing).</summary>
    public (double Easting, double Northing) TraceStart => AlongStrike(-0.5 * LengthMetres);

    /// <summary>End of the upper edge in the direction of strike, as (easting, northing).</summary>
    public (double Easting, double Northing) TraceEnd => AlongStrike(0.5 * LengthMetres);

    /// <summary>
    /// The rupture as <paramref name="steps"/> nested ones, each with an equal share of the slip, that all share the middle of the upper edge: the whole
    /// slip in the middle, and a staircase down to zero over the outer <paramref name="taperFraction"/> of the length at each tip and of the width at the
    /// lower edge. One rectangle alone is singular at its tips.
    /// </summary>
    public IReadOnlyList<OkadaFault> Tapered(int steps, double taperFraction)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(taperFraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(taperFraction, 0.5);
        var parts = new OkadaFault[steps];
        for (int i = 0; i < steps; i++)
        {
            double shrink = steps == 1 ? 0 : taperFraction * i / (steps - 1);
            parts[i] = this with
            {
                LengthMetres = LengthMetres * (1 - 2 * shrink),
                WidthMetres = WidthMetres * (1 - shrink),
                SlipMetres = SlipMetres / steps,
                OpeningMetres = OpeningMetres / steps,
            };
        }

        return parts;
    }

    private (double, double) AlongStrike(double metres)
    {
        double strike = StrikeDegrees * Math.PI / 180;
        return (Easting + metres * Math.Sin(strike), Northing + metres * Math.Cos(strike));
    }
}
