using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// How far a field is from zero, in pixels. <see cref="RmseXy"/> is sqrt(mean(dx^2 + dy^2)) over the pixels that stay inside mean +- 2.575 sigma (99 %) of
/// both components, the limits refitted until sigma changes by less than 0.005 px (the rule of CO-REGIS, Stumpf et al. 2018).
/// </summary>
/// <param name="Count">Pixels of the coarse grid with a value.</param>
/// <param name="InlierCount">Those that count in <see cref="RmseXy"/>.</param>
public sealed record FieldQuality(
    double MeanDx, double MeanDy, double StandardDeviationDx, double StandardDeviationDy, double MinimumDx, double MinimumDy, double MaximumDx,
    double MaximumDy, double GaussianMeanDx, double GaussianMeanDy, double GaussianSigmaDx, double GaussianSigmaDy, double RmseXy, double RmseXyMetres,
    long Count, long InlierCount)
{
    private const double Limit = 2.575;
    private const double SigmaTolerance = 0.005;
    private const int MaximumRounds = 100;

    /// <summary>Measures the pixels that are finite in both components; all zero when there is none.</summary>
    public static FieldQuality Of(Raster<float> dx, Raster<float> dy, double pixelSizeMetres)
    {
        var east = new List<float>();
        var south = new List<float>();
        for (int i = 0; i < dx.Pixels.Length; i++)
        {
            if (!float.IsFinite(dx.Pixels[i]) || !float.IsFinite(dy.Pixels[i]))
                continue;
            east.Add(dx.Pixels[i]);
            south.Add(dy.Pixels[i]);
        }

        if (east.Count == 0)
            return new FieldQuality(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var (meanEast, sigmaEast, fitMeanEast, fitSigmaEast) = Gaussian(east);
        var (meanSouth, sigmaSouth, fitMeanSouth, fitSigmaSouth) = Gaussian(south);
        double squares = 0;
        long inliers = 0;
        for (int i = 0; i < east.Count; i++)
        {
            if (Math.Abs(east[i] - fitMeanEast) > Limit * fitSigmaEast || Math.Abs(south[i] - fitMeanSouth) > Limit * fitSigmaSouth)
                continue;
            squares += (double)east[i] * east[i] + (double)south[i] * south[i];
            inliers++;
        }

        double rmse = inliers == 0 ? 0 : Math.Sqrt(squares / inliers);
        return new FieldQuality(
            meanEast, meanSouth, sigmaEast, sigmaSouth, east.Min(), south.Min(), east.Max(), south.Max(), fitMeanEast, fitMeanSouth, fitSigmaEast,
            fitSigmaSouth, rmse, rmse * pixelSizeMetres, east.Count, inliers);
    }

    private static (double Mean, double Sigma, double FitMean, double FitSigma) Gaussian(List<float> values)
    {
        var (allMean, allSigma) = Moments(values, 0, double.PositiveInfinity);
        var (mean, sigma) = (allMean, allSigma);
        for (int round = 0; round < MaximumRounds; round++)
        {
            var (nextMean, nextSigma) = Moments(values, mean, Limit * sigma);
            bool settled = sigma - nextSigma < SigmaTolerance;
            (mean, sigma) = (nextMean, nextSigma);
            if (settled)
                break;
        }

        return (allMean, allSigma, mean, sigma);
    }

    private static (double Mean, double Sigma) Moments(List<float> values, double centre, double limit)
    {
        double sum = 0, squares = 0;
        long count = 0;
        foreach (float value in values)
        {
            double distance = value - centre;
            if (Math.Abs(distance) > limit)
                continue;
            sum += distance;
            squares += distance * distance;
            count++;
        }

        if (count == 0)
            return (centre, 0);
        double mean = sum / count;
        return (centre + mean, Math.Sqrt(Math.Max(0, squares / count - mean * mean)));
    }
}
