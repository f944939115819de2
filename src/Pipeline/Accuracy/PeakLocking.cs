using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>
/// The pull of a matcher towards whole (or half) pixels: median error against the fraction of the true displacement, far from the fault.
/// </summary>
/// <param name="Fractions">Middle of each class of the true displacement's fraction, [-0.5, 0.5) px.</param>
/// <param name="BiasEast">Median error of dx in the class, px; NaN where the scene has too few such pixels.</param>
/// <param name="BiasSouth">Median error of dy in the class, px.</param>
public sealed record PeakLocking(double[] Fractions, double[] BiasEast, double[] BiasSouth)
{
    private const int Classes = 20;
    private const int FewestPixels = 500;

    /// <summary>Half the range of the curve, px: the figure by which matchers are compared.</summary>
    public double HalfRangeEast => HalfRange(BiasEast);

    public double HalfRangeSouth => HalfRange(BiasSouth);

    public static PeakLocking Of(DisplacementField field, SceneTruth truth, int marginPixels = AccuracyMeasures.MarginPixels)
    {
        var inner = field.Dx.Bounds.Grow(-marginPixels);
        List<float>[] east = NewClasses(), south = NewClasses();
        for (int y = inner.Y; y < inner.Bottom; y++)
        {
            for (int x = inner.X; x < inner.Right; x++)
            {
                if (field.Validity[x, y] != Validity.Valid || (truth.FaultDistance is { } fault && Math.Abs(fault[x, y]) <= AccuracyMeasures.FarPixels))
                    continue;
                east[ClassOf(truth.Dx[x, y])].Add(field.Dx[x, y] - truth.Dx[x, y]);
                south[ClassOf(truth.Dy[x, y])].Add(field.Dy[x, y] - truth.Dy[x, y]);
            }
        }

        return new PeakLocking(Enumerable.Range(0, Classes).Select(i => (i + 0.5) / Classes - 0.5).ToArray(), Array.ConvertAll(east, Median), Array.ConvertAll(south, Median));
    }

    private static List<float>[] NewClasses() => Enumerable.Range(0, Classes).Select(_ => new List<float>()).ToArray();

    private static int ClassOf(float shift) => Math.Clamp((int)((shift - Math.Floor(shift + 0.5) + 0.5) * Classes), 0, Classes - 1);

    private static double Median(List<float> errors) => errors.Count < FewestPixels ? double.NaN : OrderStatistics.Median(errors.ToArray());

    private static double HalfRange(double[] bias)
    {
        var known = bias.Where(double.IsFinite).ToArray();
        return known.Length == 0 ? double.NaN : (known.Max() - known.Min()) / 2;
    }
}
