using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Jitter shared by all detectors of one parity group. Each detector strip is cut into three sub-swaths or more; the median of a sub-swath per 100 m of track,
/// high-passed, is one vote, and the median of the votes is the profile: jitter is common to them, an oblique fault meets each at another place.
/// A wavelet shrinkage then takes out what is not above the noise. Odd and even detectors see the same ground seconds apart, so their undulations are
/// out of phase, and one profile for both would be wrong.
/// </summary>
internal static class CommonModeJitter
{
    private const double SubSwathColumns = 83;

    /// <summary>Where a strip is too narrow for three of the usual width, as in a small scene: narrower ones see enough pixels too.</summary>
    private const double NarrowestColumns = 20;
    private const int MinimumSamples = 300;
    private const int MinimumPerBin = 10;
    private const int MinimumSubSwaths = 3;
    private const int ShrinkageLevels = 6;

    /// <summary>Sigma of the Gaussian whose response is one half at wavelength 1.</summary>
    private const double HalfAmplitudeSigma = 0.1874;

    /// <summary>
    /// The slow part nearer to an end than this many sigmas is the slow part there: a mean that sees one side only takes a quarter of the jitter for slow,
    /// and at the two corners that the track meets first and last every sub-swath ends.
    /// </summary>
    private const double EndMarginSigmas = 2;

    /// <summary>
    /// Profile of one component over the pixels of one group, empty when there are fewer than 3 usable sub-swaths, and how far the sub-swaths agree:
    /// reliability of their mean, 0 for noise of their own to 1 (Spearman 1910, Brown 1910).
    /// </summary>
    /// <param name="subSwaths">Pixel indices per sub-swath, see <see cref="SubSwaths"/>.</param>
    /// <param name="maximumWavelength">Longest wavelength, coarse pixels.</param>
    public static (float[] Profile, double Agreement) Profile(
        Raster<float> field, TrackBins bins, IReadOnlyList<int[]> subSwaths, double maximumWavelength)
    {
        var votes = new List<float[]>();
        foreach (var pixels in subSwaths)
        {
            var valid = pixels.Where(i => float.IsFinite(field.Pixels[i])).ToArray();
            if (valid.Length >= MinimumSamples)
                votes.Add(HighPass(bins.Profile(field, valid, MinimumPerBin), HalfAmplitudeSigma * maximumWavelength));
        }

        if (votes.Count < MinimumSubSwaths)
            return ([], 0);
        var profile = new float[bins.Count];
        var here = new float[votes.Count];
        for (int bin = 0; bin < bins.Count; bin++)
        {
            int count = 0;
            foreach (var vote in votes)
            {
                if (float.IsFinite(vote[bin]))
                    here[count++] = vote[bin];
            }

            // At the two corners of the tile that the track meets first and last, one sub-swath may be all there is.
            profile[bin] = count > 0 ? (float)OrderStatistics.Median(here.AsSpan(0, count)) : float.NaN;
        }

        return FillGaps(profile) ? (Wavelet.Symlet8.Shrink(profile, ShrinkageLevels), Agreement(votes)) : ([], 0);
    }

    private static double Agreement(List<float[]> votes)
    {
        double common = 0, own = 0;
        for (int i = 0; i < votes.Count; i++)
        {
            for (int j = i + 1; j < votes.Count; j++)
            {
                for (int bin = 0; bin < votes[i].Length; bin++)
                {
                    if (!float.IsFinite(votes[i][bin]) || !float.IsFinite(votes[j][bin]))
                        continue;
                    common += (double)votes[i][bin] * votes[j][bin];
                    own += 0.5 * ((double)votes[i][bin] * votes[i][bin] + (double)votes[j][bin] * votes[j][bin]);
                }
            }
        }

        double correlation = own > 0 ? Math.Max(0, common / own) : 0;
        return votes.Count * correlation / (1 + (votes.Count - 1) * correlation);
    }

    /// <summary>Cuts every region of one group into strips of about 8 km along the track, of 2 km and more where that would be fewer than three.</summary>
    public static List<int[]> SubSwaths(Raster<byte> labels, IReadOnlyList<int> regions, TrackBins bins, Raster<bool>? excluded)
    {
        var result = new List<int[]>();
        foreach (int region in regions)
        {
            var pixels = new List<int>();
            float least = float.MaxValue, most = float.MinValue;
            for (int i = 0; i < labels.Pixels.Length; i++)
            {
                if (labels.Pixels[i] != region || excluded?.Pixels[i] == true)
                    continue;
                pixels.Add(i);
                least = Math.Min(least, bins.Across.Pixels[i]);
                most = Math.Max(most, bins.Across.Pixels[i]);
            }

            if (pixels.Count == 0)
                continue;
            int strips = Math.Max(
                Math.Max(1, (int)Math.Round((most - least) / SubSwathColumns)), Math.Min(MinimumSubSwaths, (int)((most - least) / NarrowestColumns)));
            result.AddRange(pixels.ToLookup(i => Math.Min(strips - 1, (int)((bins.Across.Pixels[i] - least) / (most - least + 1e-3f) * strips)))
                .OrderBy(g => g.Key).Select(g => g.ToArray()));
        }

        return result;
    }

    /// <summary>The signal less its Gaussian mean of <paramref name="sigma"/> samples, held constant at the ends; NaN stays NaN and does not count.</summary>
    internal static float[] HighPass(float[] signal, double sigma)
    {
        int reach = (int)Math.Ceiling(4 * sigma);
        var kernel = new double[reach + 1];
        for (int i = 0; i <= reach; i++)
            kernel[i] = Math.Exp(-0.5 * i * i / (sigma * sigma));
        int first = Array.FindIndex(signal, float.IsFinite), last = Array.FindLastIndex(signal, float.IsFinite);
        int margin = Math.Min((int)(EndMarginSigmas * sigma), (last - first) / 2);
        var result = new float[signal.Length];
        Array.Fill(result, float.NaN);
        for (int i = Math.Max(0, first); i <= last; i++)
            result[i] = signal[i] - GaussianMean(signal, kernel, Math.Clamp(i, first + margin, last - margin));
        return result;
    }

    private static float GaussianMean(float[] signal, double[] kernel, int centre)
    {
        double sum = 0, weight = 0;
        for (int k = Math.Max(0, centre - kernel.Length + 1); k < Math.Min(signal.Length, centre + kernel.Length); k++)
        {
            if (!float.IsFinite(signal[k]))
                continue;
            double w = kernel[Math.Abs(k - centre)];
            sum += w * signal[k];
            weight += w;
        }

        return (float)(sum / weight);
    }

    /// <summary>Linear over gaps, zero beyond the ends; false when there is nothing at all.</summary>
    internal static bool FillGaps(float[] profile)
    {
        int last = -1;
        for (int i = 0; i < profile.Length; i++)
        {
            if (!float.IsFinite(profile[i]))
                continue;
            for (int k = last + 1; k < i; k++)
                profile[k] = last < 0 ? 0 : profile[last] + (profile[i] - profile[last]) * (k - last) / (i - last);
            last = i;
        }

        for (int k = last + 1; k < profile.Length; k++)
            profile[k] = 0;
        return last >= 0;
    }
}
