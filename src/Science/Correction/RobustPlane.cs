using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>A ramp over the image: a u + b v + c pixels, u from -1 at the left to 1 at the right edge, v from -1 at the upper to 1 at the lower.</summary>
public readonly record struct Plane(double A, double B, double C)
{
    public double At(double u, double v) => A * u + B * v + C;

    public static Plane operator +(Plane one, Plane other) => new(one.A + other.A, one.B + other.B, one.C + other.C);
}

/// <summary>
/// Plane by least squares and rounds of reweighting with Tukey's bisquare (Beaton and Tukey 1974); the scale is 4.685 robust standard deviations,
/// s = 6.9460 median|r|, as in CO-REGIS (Stumpf et al. 2018).
/// </summary>
public static class RobustPlane
{
    private const double TuningFactor = 6.9460;
    private const double SmallestResidualPixels = 1e-5;

    /// <summary>A plane has three unknowns: more samples than this add time, not accuracy.</summary>
    private const int EnoughSamples = 400_000;

    /// <summary>Fits the finite pixels that <paramref name="excluded"/> does not mark; null when fewer than 3 remain or they do not span a plane.</summary>
    public static Plane? Fit(Raster<float> field, Raster<bool>? excluded, int iterations)
    {
        int width = field.Width, height = field.Height;
        int stride = Math.Max(1, (int)Math.Sqrt((double)field.Pixels.Length / EnoughSamples));
        var residuals = new float[field.Pixels.Length / (stride * stride) + width + height];
        var plane = Solve(field, excluded, null, 0, stride);
        for (int iteration = 0; iteration < iterations && plane is not null; iteration++)
        {
            int count = 0;
            for (int y = 0; y < height; y += stride)
            {
                double v = Centred(y, height);
                for (int x = 0; x < width; x += stride)
                {
                    float value = field[x, y];
                    if (float.IsFinite(value) && excluded?[x, y] != true)
                        residuals[count++] = (float)Math.Abs(value - plane.Value.At(Centred(x, width), v));
                }
            }

            double median = OrderStatistics.Median(residuals.AsSpan(0, count));
            if (!(median >= SmallestResidualPixels))
                break;
            plane = Solve(field, excluded, plane, TuningFactor * median, stride) ?? plane;
        }

        return plane;
    }

    /// <summary>Coordinate of a pixel centre, -1 at the first edge and 1 at the last.</summary>
    public static double Centred(double pixel, int size) => (2 * pixel + 1) / size - 1;

    private static Plane? Solve(Raster<float> field, Raster<bool>? excluded, Plane? previous, double scale, int stride)
    {
        int width = field.Width, height = field.Height;
        var normal = new NormalEquations(3);
        Span<double> row = stackalloc double[3];
        row[2] = 1;
        for (int y = 0; y < height; y += stride)
        {
            row[1] = Centred(y, height);
            for (int x = 0; x < width; x += stride)
            {
                float value = field[x, y];
                if (!float.IsFinite(value) || excluded?[x, y] == true)
                    continue;
                row[0] = Centred(x, width);
                double weight = previous is null ? 1 : Bisquare(value - previous.Value.At(row[0], row[1]), scale);
                if (weight > 0)
                    normal.Add(row, value, weight);
            }
        }

        return normal.Solve() is { } p ? new Plane(p[0], p[1], p[2]) : null;
    }

    internal static double Bisquare(double residual, double scale)
    {
        double ratio = residual / scale, rest = 1 - ratio * ratio;
        return rest > 0 ? rest * rest : 0;
    }
}
