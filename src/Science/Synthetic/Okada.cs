using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// Displacement of the surface by a rectangular dislocation in an elastic half-space: Okada (1985), BSSA 75, 1135-1154, equations 24 to 29.
/// The medium is a Poisson solid unless told otherwise.
/// </summary>
public static class Okada
{
    private const double Tiny = 1e-9;

    /// <summary>
    /// Sum of the displacements that <paramref name="faults"/> give to the surface point (<paramref name="easting"/>, <paramref name="northing"/>):
    /// East, North and Up, metres. On the trace itself the mean of the two sides.
    /// </summary>
    public static (double East, double North, double Up) Displacement(
        IReadOnlyList<OkadaFault> faults, double easting, double northing, double poissonRatio = 0.25)
    {
        double east = 0, north = 0, up = 0;
        for (int i = 0; i < faults.Count; i++)
        {
            var fault = faults[i];
            var (sinStrike, cosStrike) = Math.SinCos(fault.StrikeDegrees * Math.PI / 180);
            var (sinDip, cosDip) = SinCosDip(fault.DipDegrees);
            var (sinRake, cosRake) = Math.SinCos(fault.RakeDegrees * Math.PI / 180);
            double e = easting - fault.Easting, n = northing - fault.Northing;

            // Okada's origin: below the trace's start, at the lower edge; y to the left of strike, up dip.
            double x = e * sinStrike + n * cosStrike + 0.5 * fault.LengthMetres;
            double y = -e * cosStrike + n * sinStrike + fault.WidthMetres * cosDip;
            double depth = fault.TopDepthMetres + fault.WidthMetres * sinDip;
            var (ux, uy, uz) = Surface(
                x, y, depth, sinDip, cosDip, fault.LengthMetres, fault.WidthMetres,
                fault.SlipMetres * cosRake, fault.SlipMetres * sinRake, fault.OpeningMetres, 1 - 2 * poissonRatio);
            east += ux * sinStrike - uy * cosStrike;
            north += ux * cosStrike + uy * sinStrike;
            up += uz;
        }

        return (east, north, up);
    }

    /// <summary>Displacement to the East and to the North, metres, at the centre of each pixel of <paramref name="grid"/>.</summary>
    public static (Raster<float> East, Raster<float> North) Displacement(
        IReadOnlyList<OkadaFault> faults, RasterGrid grid, Workers workers, double poissonRatio = 0.25)
    {
        var east = new Raster<float>(grid.Width, grid.Height);
        var north = new Raster<float>(grid.Width, grid.Height);
        workers.Rows(grid.Height, 4, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                for (int x = 0; x < grid.Width; x++)
                {
                    var (e, n, _) = Displacement(faults, grid.Easting(x + 0.5), grid.Northing(y + 0.5), poissonRatio);
                    east[x, y] = (float)e;
                    north[x, y] = (float)n;
                }
            }
        });
        return (east, north);
    }

    /// <summary>
    /// Okada's own frame: x along strike from the start of the lower edge, y horizontal up dip, <paramref name="depth"/> that of the lower edge.
    /// <paramref name="alpha"/> is mu / (lambda + mu) = 1 - 2 nu.
    /// </summary>
    internal static (double X, double Y, double Z) Surface(
        double x, double y, double depth, double sinDip, double cosDip, double length, double width,
        double strikeSlip, double dipSlip, double opening, double alpha)
    {
        double p = y * cosDip + depth * sinDip;
        double q = y * sinDip - depth * cosDip;
        var slip = (strikeSlip, dipSlip, opening);
        var a = Corner(x, p, q, sinDip, cosDip, slip, alpha);
        var b = Corner(x, p - width, q, sinDip, cosDip, slip, alpha);
        var c = Corner(x - length, p, q, sinDip, cosDip, slip, alpha);
        var d = Corner(x - length, p - width, q, sinDip, cosDip, slip, alpha);
        return (a.X - b.X - c.X + d.X, a.Y - b.Y - c.Y + d.Y, a.Z - b.Z - c.Z + d.Z);
    }

    internal static (double Sin, double Cos) SinCosDip(double dipDegrees)
    {
        var (sin, cos) = Math.SinCos(dipDegrees * Math.PI / 180);

        // The limit formulas hold at cos = 0; the general ones lose all digits long before.
        return Math.Abs(cos) < 1e-6 ? (Math.Sign(sin), 0) : (sin, cos);
    }

    private static (double X, double Y, double Z) Corner(
        double xi, double eta, double q, double sin, double cos, (double Strike, double Dip, double Opening) slip, double alpha)
    {
        double r = Math.Sqrt(xi * xi + eta * eta + q * q);
        double yt = eta * cos + q * sin, dt = eta * sin - q * cos;
        double t = Math.Abs(q) < Tiny ? 0 : Math.Atan(xi * eta / (q * r));
        bool onEtaLine = r + eta < Tiny * Math.Max(1, r);
        double inverseREta = onEtaLine ? 0 : 1 / (r * (r + eta));
        double logREta = onEtaLine ? -Math.Log(r - eta) : Math.Log(r + eta);
        double inverseRXi = r + xi < Tiny * Math.Max(1, r) ? 0 : 1 / (r * (r + xi));

        double i1, i2, i3, i4, i5;
        if (cos == 0)
        {
            double rd = r + dt;
            i1 = -0.5 * alpha * xi * q / (rd * rd);
            i3 = 0.5 * alpha * (eta / rd + yt * q / (rd * rd) - logREta);
            i4 = -alpha * q / rd;
            i5 = -alpha * xi * sin / rd;
        }
        else
        {
            double bigX = Math.Sqrt(xi * xi + q * q);
            i5 = Math.Abs(xi) < Tiny
                ? 0
                : alpha * 2 / cos * Math.Atan((eta * (bigX + q * cos) + bigX * (r + bigX) * sin) / (xi * (r + bigX) * cos));
            i4 = alpha / cos * (Math.Log(r + dt) - sin * logREta);
            i3 = alpha * (yt / (cos * (r + dt)) - logREta) + sin / cos * i4;
            i1 = -alpha * xi / (cos * (r + dt)) - sin / cos * i5;
        }

        i2 = -alpha * logREta - i3;

        double x = 0, y = 0, z = 0;
        if (slip.Strike != 0)
        {
            double factor = -slip.Strike / (2 * Math.PI);
            double overREta = onEtaLine ? 0 : q / (r + eta);
            x += factor * (xi * q * inverseREta + t + i1 * sin);
            y += factor * (yt * q * inverseREta + cos * overREta + i2 * sin);
            z += factor * (dt * q * inverseREta + sin * overREta + i4 * sin);
        }

        if (slip.Dip != 0)
        {
            double factor = -slip.Dip / (2 * Math.PI);
            x += factor * (q / r - i3 * sin * cos);
            y += factor * (yt * q * inverseRXi + cos * t - i1 * sin * cos);
            z += factor * (dt * q * inverseRXi + sin * t - i5 * sin * cos);
        }

        if (slip.Opening != 0)
        {
            double factor = slip.Opening / (2 * Math.PI);
            double bracket = xi * q * inverseREta - t;
            x += factor * (q * q * inverseREta - i3 * sin * sin);
            y += factor * (-dt * q * inverseRXi - sin * bracket - i1 * sin * sin);
            z += factor * (yt * q * inverseRXi + cos * bracket - i5 * sin * sin);
        }

        return (x, y, z);
    }
}
