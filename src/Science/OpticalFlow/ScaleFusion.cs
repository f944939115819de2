using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>
/// One field out of the solutions of all half windows: large windows are precise, small ones true to detail. Each is weighted by its expected squared error,
/// variance plus squared bias; the bias is what its difference from the next smaller windows shows beyond their noise (in the spirit of Lepski 1990 and the
/// intersection of confidence intervals, Katkovnik 1999).
/// </summary>
internal static class ScaleFusion
{
    private const int RowsPerBand = 64;

    // Half window over which squared differences are averaged before they are called bias.
    private const int PoolingRadius = 5;

    // Sharpness of the choice: 1 weighs by inverse expected squared error, more prefers the best.
    private const double Sharpness = 2;

    // How many variances of the smaller windows a squared difference may hold before it is bias: 3 measured best of 1.5, 3, 4 and 6.
    private const double NoiseShare = 3;

    /// <summary>One component of the displacement and its standard error, pixels.</summary>
    /// <param name="solutions">From the largest half window to the smallest; at least one.</param>
    public static (Raster<float> Value, Raster<float> Sigma) Fuse(IReadOnlyList<(Raster<float> Value, Raster<float> Sigma)> solutions, Workers workers)
    {
        // From the smallest up: the running estimate is the reference by which the next larger window is judged.
        var value = solutions[^1].Value.Clone();
        var sigma = solutions[^1].Sigma.Clone();
        var (square, variance) = (new Raster<float>(value.Width, value.Height), new Raster<float>(value.Width, value.Height));
        for (int i = solutions.Count - 2; i >= 0; i--)
        {
            var larger = solutions[i];
            workers.Rows(value.Height, RowsPerBand, (first, afterLast) =>
            {
                for (int p = first * value.Width; p < afterLast * value.Width; p++)
                {
                    float difference = larger.Value.Pixels[p] - value.Pixels[p], s = sigma.Pixels[p];
                    bool usable = float.IsFinite(s);
                    square.Pixels[p] = usable ? difference * difference : 0;
                    variance.Pixels[p] = usable ? s * s : 0;
                }
            });
            int window = (2 * PoolingRadius + 1) * (2 * PoolingRadius + 1);
            BoxSums.ForEachRow([square, variance], PoolingRadius, workers, (y, sums) =>
            {
                for (int p = y * value.Width, x = 0; x < value.Width; x++, p++)
                {
                    double s1 = larger.Sigma.Pixels[p], s0 = sigma.Pixels[p];
                    if (!double.IsFinite(s1))
                        continue;
                    // The difference holds the noise of the smaller windows (most of it) as well: only the excess is bias.
                    double bias = Math.Max(0, sums[0][x] - NoiseShare * sums[1][x]) / window;
                    double error1 = s1 * s1 + bias, error0 = double.IsFinite(s0) ? s0 * s0 : 1e6;
                    double weight1 = Math.Pow(error0, Sharpness), weight0 = Math.Pow(error1, Sharpness), sum = weight0 + weight1;
                    if (!(sum > 0))
                        continue;
                    weight1 /= sum;
                    weight0 /= sum;
                    value.Pixels[p] = (float)(weight0 * value.Pixels[p] + weight1 * larger.Value.Pixels[p]);
                    sigma.Pixels[p] = (float)(weight0 * Math.Sqrt(error0) + weight1 * Math.Sqrt(error1));
                }
            });
        }

        return (value, sigma);
    }
}
