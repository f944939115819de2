using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>How far a displacement field is from the truth; errors in pixels, shares from 0 to 1. NaN where no pixel is concerned.</summary>
public sealed record AccuracyMeasures
{
    /// <summary>Pixels at each border that are left out.</summary>
    public const int MarginPixels = 40;

    /// <summary>"Near" is at most this far from the fault, pixels.</summary>
    public const float NearPixels = 10;

    /// <summary>"Far" is more than this from the fault, pixels.</summary>
    public const float FarPixels = 60;

    public double RmseEast { get; init; }

    public double RmseSouth { get; init; }

    /// <summary>Root mean square of both components near the fault.</summary>
    public double RmseNear { get; init; }

    /// <summary>Root mean square of both components far from the fault.</summary>
    public double RmseFar { get; init; }

    public double MedianBiasEast { get; init; }

    public double MedianBiasSouth { get; init; }

    /// <summary>Share of valid pixels with both components within 0.05 px.</summary>
    public double Within005 { get; init; }

    /// <summary>Share of valid pixels with both components within 0.1 px.</summary>
    public double Within010 { get; init; }

    /// <summary>Valid pixels among those that count.</summary>
    public double Coverage { get; init; }

    /// <summary>Share of component errors within one standard error as the matcher states it; 0.683 would be a normal error.</summary>
    public double WithinOneSigma { get; init; }

    /// <summary>As <see cref="WithinOneSigma"/> for two; 0.954.</summary>
    public double WithinTwoSigma { get; init; }

    /// <summary>Compares <paramref name="field"/> with <paramref name="truth"/> outside a margin of <paramref name="marginPixels"/>.</summary>
    public static AccuracyMeasures Of(DisplacementField field, SceneTruth truth, int marginPixels = MarginPixels)
    {
        var inner = field.Dx.Bounds.Grow(-marginPixels);
        double east = 0, south = 0, near = 0, far = 0;
        long count = 0, nearCount = 0, farCount = 0, within005 = 0, within010 = 0, oneSigma = 0, twoSigma = 0;
        var (biasEast, biasSouth) = (new List<float>(), new List<float>());
        for (int y = inner.Y; y < inner.Bottom; y++)
        {
            for (int x = inner.X; x < inner.Right; x++)
            {
                if (field.Validity[x, y] != Validity.Valid)
                    continue;
                float errorX = field.Dx[x, y] - truth.Dx[x, y], errorY = field.Dy[x, y] - truth.Dy[x, y];
                double squareX = (double)errorX * errorX, squareY = (double)errorY * errorY;
                float larger = Math.Max(Math.Abs(errorX), Math.Abs(errorY));
                count++;
                east += squareX;
                south += squareY;
                within005 += larger <= 0.05f ? 1 : 0;
                within010 += larger <= 0.1f ? 1 : 0;
                biasEast.Add(errorX);
                biasSouth.Add(errorY);
                oneSigma += Within(errorX, field.SigmaDx[x, y], 1) + Within(errorY, field.SigmaDy[x, y], 1);
                twoSigma += Within(errorX, field.SigmaDx[x, y], 2) + Within(errorY, field.SigmaDy[x, y], 2);
                float distance = truth.FaultDistance is { } fault ? Math.Abs(fault[x, y]) : float.PositiveInfinity;
                if (distance <= NearPixels)
                    (near, nearCount) = (near + squareX + squareY, nearCount + 2);
                if (distance > FarPixels)
                    (far, farCount) = (far + squareX + squareY, farCount + 2);
            }
        }

        return new AccuracyMeasures
        {
            RmseEast = Math.Sqrt(east / count),
            RmseSouth = Math.Sqrt(south / count),
            RmseNear = Math.Sqrt(near / nearCount),
            RmseFar = Math.Sqrt(far / farCount),
            MedianBiasEast = OrderStatistics.Median(biasEast.ToArray()),
            MedianBiasSouth = OrderStatistics.Median(biasSouth.ToArray()),
            Within005 = (double)within005 / count,
            Within010 = (double)within010 / count,
            Coverage = inner.PixelCount == 0 ? double.NaN : (double)count / inner.PixelCount,
            WithinOneSigma = oneSigma / (2.0 * count),
            WithinTwoSigma = twoSigma / (2.0 * count),
        };
    }

    private static int Within(float error, float sigma, float times) => Math.Abs(error) <= times * sigma ? 1 : 0;
}
