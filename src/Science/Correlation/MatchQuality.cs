using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>What is said of a found displacement: its correlation, its standard errors, and why it may not be used.</summary>
internal static class MatchQuality
{
    /// <summary>Zero-mean normalised cross-correlation of the reference and the secondary warped by the found field, over (2 radius + 1)^2 pixels; NaN where either is flat.</summary>
    public static Raster<float> Score(Raster<float> reference, Raster<float> warped, Raster<float> weight, int radius, Workers workers)
    {
        int width = reference.Width, height = reference.Height;
        bool holes = Array.IndexOf(weight.Pixels, 0f) >= 0;
        Raster<float> aa = new(width, height), bb = new(width, height), ab = new(width, height);
        var (a, b) = holes ? (new Raster<float>(width, height), new Raster<float>(width, height)) : (reference, warped);
        workers.Rows(height, 32, (first, afterLast) =>
        {
            for (int i = first * width; i < afterLast * width; i++)
            {
                float w = weight.Pixels[i], u = reference.Pixels[i], v = warped.Pixels[i];
                (aa.Pixels[i], bb.Pixels[i], ab.Pixels[i]) = (w * u * u, w * v * v, w * u * v);
                if (holes)
                    (a.Pixels[i], b.Pixels[i]) = (w * u, w * v);
            }
        });
        var score = new Raster<float>(width, height);
        BoxSums.ForEachRow(holes ? [a, b, aa, bb, ab, weight] : [a, b, aa, bb, ab], radius, workers, (y, sums) =>
        {
            var row = score.Row(y);
            int rows = BoxSums.Inside(y, radius, height);
            for (int x = 0; x < row.Length; x++)
            {
                double places = rows * BoxSums.Inside(x, radius, width), count = holes ? sums[5][x] : places;
                row[x] = count > 0.1 * places ? Correlation(sums[0][x] / count, sums[1][x] / count, sums[2][x] / count, sums[3][x] / count, sums[4][x] / count) : float.NaN;
            }
        });
        return score;
    }

    /// <summary>From the means of the two images, of their squares and of their product.</summary>
    private static float Correlation(double a, double b, double aa, double bb, double ab)
    {
        (aa, bb) = (aa - a * a, bb - b * b);
        // Below 1e-9 of the image's variance only rounding is left: a flat window.
        return aa > 1e-9 && bb > 1e-9 ? (float)Math.Clamp((ab - a * b) / Math.Sqrt(aa * bb), -1, 1) : float.NaN;
    }

    /// <summary>Radius, pixels, over which the information of a pixel is averaged.</summary>
    private const int InformationRadius = 12;

    /// <summary>
    /// Standard errors from the mean Fisher information per pixel (Cramer-Rao) over the area that the smoothing lets vote together.
    /// </summary>
    public static (Raster<float> SigmaX, Raster<float> SigmaY) Sigma(Raster<float> f11, Raster<float> f12, Raster<float> f22, Raster<float> supportPixels, Workers workers)
    {
        Raster<float> sigmaX = new(f11.Width, f11.Height), sigmaY = new(f11.Width, f11.Height);
        BoxSums.ForEachRow([f11, f12, f22], InformationRadius, workers, (y, sums) =>
        {
            Span<float> toX = sigmaX.Row(y), toY = sigmaY.Row(y), support = supportPixels.Row(y);
            int rows = BoxSums.Inside(y, InformationRadius, f11.Height);
            for (int x = 0; x < support.Length; x++)
            {
                double pixels = support[x] / (rows * BoxSums.Inside(x, InformationRadius, f11.Width));
                double xx = sums[0][x] * pixels, xy = sums[1][x] * pixels, yy = sums[2][x] * pixels, determinant = xx * yy - xy * xy;
                toX[x] = determinant > 0 ? (float)Math.Sqrt(yy / determinant) : float.NaN;
                toY[x] = determinant > 0 ? (float)Math.Sqrt(xx / determinant) : float.NaN;
            }
        });
        return (sigmaX, sigmaY);
    }
}
