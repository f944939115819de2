using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>
/// The limit of any unbiased matcher that uses a window of its own for each pixel: sigma_d >= sigma_n / (g sqrt N), with sigma_n the noise of the difference
/// of the images at the true displacement, g the root mean square gradient and N the pixels of the window. Regularisation may go below it.
/// </summary>
/// <param name="NoiseOfDifference">sigma_n, in units of the image.</param>
/// <param name="GradientEast">Root mean square of the reference's gradient to the East, units per pixel.</param>
/// <param name="GradientSouth">The same to the South.</param>
public sealed record CramerRao(double NoiseOfDifference, double GradientEast, double GradientSouth)
{
    public double LimitEast(int halfWindow) => NoiseOfDifference / (GradientEast * (2 * halfWindow + 1));

    public double LimitSouth(int halfWindow) => NoiseOfDifference / (GradientSouth * (2 * halfWindow + 1));

    /// <summary>Measured on the scene itself: the secondary taken back by the true displacement, gain and offset fitted.</summary>
    public static CramerRao Of(MatchInput scene, SceneTruth truth, Workers workers, int marginPixels = AccuracyMeasures.MarginPixels)
    {
        var spline = SplineImage.Of(Finite(scene.Secondary), workers);
        var inner = scene.Reference.Bounds.Grow(-marginPixels);
        var warped = new float[scene.Width];
        double n = 0, sumA = 0, sumB = 0, sumAa = 0, sumBb = 0, sumAb = 0, energyX = 0, energyY = 0;
        for (int y = inner.Y; y < inner.Bottom; y++)
        {
            spline.SampleRow(y, truth.Dx.Row(y), truth.Dy.Row(y), warped);
            for (int x = inner.X; x < inner.Right; x++)
            {
                double a = scene.Reference[x, y], b = warped[x];
                double gx = 0.5 * (scene.Reference[x + 1, y] - scene.Reference[x - 1, y]), gy = 0.5 * (scene.Reference[x, y + 1] - scene.Reference[x, y - 1]);
                if (!double.IsFinite(a + b + gx + gy) || scene.ReferenceValidity[x, y] != Validity.Valid || scene.SecondaryValidity[x, y] != Validity.Valid)
                    continue;
                n++;
                sumA += a;
                sumB += b;
                sumAa += a * a;
                sumBb += b * b;
                sumAb += a * b;
                energyX += gx * gx;
                energyY += gy * gy;
            }
        }

        double varianceA = sumAa / n - sumA / n * (sumA / n), varianceB = sumBb / n - sumB / n * (sumB / n), covariance = sumAb / n - sumA / n * (sumB / n);
        // Both images carry noise, so the gain is the ratio of the deviations, not a regression of one on the other.
        double gain = Math.Sqrt(varianceA / varianceB), residual = varianceA + gain * gain * varianceB - 2 * gain * covariance;
        return new CramerRao(Math.Sqrt(Math.Max(0, residual)), Math.Sqrt(energyX / n), Math.Sqrt(energyY / n));
    }

    private static Raster<float> Finite(Raster<float> image) =>
        new(image.Width, image.Height, Array.ConvertAll(image.Pixels, v => float.IsFinite(v) ? v : 0));
}
