using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>What the flow says of itself: the correlation score of the intensities at the found displacement, and the standard error of the solution.</summary>
internal static class FlowQuality
{
    private const int RowsPerBand = 64;

    // Measured on the shared and on simulated scenes (README): what the residuals alone do not tell.
    private const float Calibration = 1.0f;

    /// <summary>
    /// Zero-mean normalised cross-correlation of the reference and the secondary warped by (dx, dy), over the valid pixels of (2 halfWindow + 1) squared;
    /// 0 where an image is constant, NaN where fewer than half of the pixels are valid.
    /// </summary>
    public static Raster<float> Score(
        Raster<float> reference, SplineImage secondary, Raster<float> mask, Raster<float> dx, Raster<float> dy, int halfWindow, Workers workers)
    {
        int width = reference.Width, height = reference.Height;
        Raster<float> New() => new(width, height);
        var (a, b, aa, bb, ab) = (New(), New(), New(), New(), New());
        workers.Rows(height, RowsPerBand, () => new float[width], (first, afterLast, warped) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                secondary.SampleRow(y, dx.Row(y), dy.Row(y), warped);
                for (int i = y * width, x = 0; x < width; x++, i++)
                {
                    float m = mask.Pixels[i], first0 = m == 0 ? 0 : reference.Pixels[i], second = m == 0 ? 0 : warped[x];
                    a.Pixels[i] = first0;
                    b.Pixels[i] = second;
                    aa.Pixels[i] = first0 * first0;
                    bb.Pixels[i] = second * second;
                    ab.Pixels[i] = first0 * second;
                }
            }
        });
        var score = New();
        int side = 2 * halfWindow + 1;
        BoxSums.ForEachRow([a, b, aa, bb, ab, mask], halfWindow, workers, (y, sums) =>
        {
            var row = score.Row(y);
            for (int x = 0; x < width; x++)
            {
                double n = sums[5][x];
                // At the border of the image the window itself is cut.
                int columns = Math.Min(width - 1, x + halfWindow) - Math.Max(0, x - halfWindow) + 1;
                int rows = Math.Min(height - 1, y + halfWindow) - Math.Max(0, y - halfWindow) + 1;
                if (2 * n < columns * rows)
                {
                    row[x] = float.NaN;
                    continue;
                }

                double varianceA = sums[2][x] - (double)sums[0][x] * sums[0][x] / n;
                double varianceB = sums[3][x] - (double)sums[1][x] * sums[1][x] / n;
                double covariance = sums[4][x] - (double)sums[0][x] * sums[1][x] / n;
                double product = varianceA * varianceB;
                // Below the rounding of the sums there is no variance, only noise of the arithmetic.
                bool flat = varianceA <= 1e-6 * sums[2][x] || varianceB <= 1e-6 * sums[3][x] || product <= 0;
                row[x] = flat ? 0 : (float)Math.Clamp(covariance / Math.Sqrt(product), -1, 1);
            }
        });
        return score;
    }

    /// <summary>
    /// Standard errors of the two components by the sandwich formula: inverse normal matrix, times the variance of the right-hand side, times the inverse
    /// again. The variance is taken from the residuals and keeps their correlation over <paramref name="correlationRadius"/> pixels (Newey and West
    /// 1987, in two dimensions), because changed ground and ranks make neighbouring residuals alike.
    /// </summary>
    public static (Raster<float> SigmaX, Raster<float> SigmaY) StandardErrors(
        FlowLevel level, Raster<float> mask, Raster<float> dx, Raster<float> dy, int radius, int correlationRadius, Workers workers)
    {
        int width = level.Width, height = level.Height;
        Raster<float> New() => new(width, height);
        var (qx, qy, xx, yy, xy) = (New(), New(), New(), New(), New());
        workers.Rows(height, RowsPerBand, () => new float[width], (first, afterLast, warped) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                level.Secondary.SampleRow(y, dx.Row(y), dy.Row(y), warped);
                for (int i = y * width, x = 0; x < width; x++, i++)
                {
                    float m = mask.Pixels[i], gx = m * level.GradientX.Pixels[i], gy = m * level.GradientY.Pixels[i];
                    float residual = level.Reference.Pixels[i] - warped[x];
                    qx.Pixels[i] = gx * residual;
                    qy.Pixels[i] = gy * residual;
                    xx.Pixels[i] = gx * gx;
                    yy.Pixels[i] = gy * gy;
                    xy.Pixels[i] = gx * gy;
                }
            }
        });
        var (vxx, vyy, vxy) = (New(), New(), New());
        float scale = 1f / ((2 * correlationRadius + 1) * (2 * correlationRadius + 1));
        BoxSums.ForEachRow([qx, qy], correlationRadius, workers, (y, sums) =>
        {
            for (int i = y * width, x = 0; x < width; x++, i++)
            {
                vxx.Pixels[i] = sums[0][x] * sums[0][x] * scale;
                vyy.Pixels[i] = sums[1][x] * sums[1][x] * scale;
                vxy.Pixels[i] = sums[0][x] * sums[1][x] * scale;
            }
        });
        var (sigmaX, sigmaY) = (qx, qy);
        BoxSums.ForEachRow([xx, yy, xy, vxx, vyy, vxy], radius, workers, (y, sums) =>
        {
            for (int i = y * width, x = 0; x < width; x++, i++)
            {
                double a = sums[0][x], b = sums[1][x], c = sums[2][x], determinant = a * b - c * c;
                double p = sums[3][x], q = sums[4][x], r = sums[5][x];
                bool solvable = determinant > 1e-6 * a * b;
                double varianceX = (b * b * p - 2 * b * c * r + c * c * q) / (determinant * determinant);
                double varianceY = (a * a * q - 2 * a * c * r + c * c * p) / (determinant * determinant);
                sigmaX.Pixels[i] = solvable ? Calibration * (float)Math.Sqrt(Math.Max(0, varianceX)) : float.PositiveInfinity;
                sigmaY.Pixels[i] = solvable ? Calibration * (float)Math.Sqrt(Math.Max(0, varianceY)) : float.PositiveInfinity;
            }
        });
        return (sigmaX, sigmaY);
    }
}
