using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Statistics;

/// <summary>Which images a pair was made of. For a backward pair the reference image is the later one.</summary>
/// <param name="ReferenceImage">Any number that names the image, the same in all pairs.</param>
/// <param name="SecondaryImage">The image that was matched to the reference.</param>
/// <param name="Backward">The displacement has the opposite sign of the motion of the ground.</param>
public readonly record struct PairRole(int ReferenceImage, int SecondaryImage, bool Backward);

/// <summary>The filtered field of one pair (own sign, pixels), all layers on the same window.</summary>
public sealed record PairLayer(PairRole Role, DisplacementField Field);

/// <summary>What the pairs together say of every pixel of a window. East and South positive; NaN without a valid pair.</summary>
/// <param name="MeanEastWest">Mean displacement to the East, metres.</param>
/// <param name="MeanNorthSouth">Mean displacement to the South, metres.</param>
/// <param name="Magnitude">Length of the mean vector, metres.</param>
/// <param name="Quality">Pairs whose score exceeds the threshold, per cent of all pairs.</param>
/// <param name="SigmaEastWest">Standard error of MeanEastWest, metres.</param>
/// <param name="SigmaNorthSouth">Standard error of MeanNorthSouth, metres.</param>
/// <param name="ValidPairs">How many pairs went into the mean.</param>
/// <param name="Coherence">Length of the sum of the vectors over the sum of their lengths, [0, 1].</param>
public sealed record StackResult(
    Raster<float> MeanEastWest, Raster<float> MeanNorthSouth, Raster<float> Magnitude, Raster<float> Quality, Raster<float> SigmaEastWest,
    Raster<float> SigmaNorthSouth, Raster<byte> ValidPairs, Raster<float> Coherence);

/// <summary>
/// From the fields of all pairs to the mean displacement, its standard error, quality and coherence (Stumpf et al. 2017 for mean, quality and coherence;
/// the error model is in README.md). Works on bands of full rows that overlap by <see cref="Halo"/>.
/// </summary>
public static class StackStatistics
{
    public const string MethodVersion = "statistics-3";

    private const int MaximumLayers = 30;

    /// <summary>Pixels within one matching window (7 x 7) share their noise: so many pixels make one degree of freedom.</summary>
    private const double PixelsPerDegree = 49;

    /// <summary>
    /// Degrees of freedom of the expected variance, from the matcher's own standard error and the image errors of the tile, and the most that the scatter of the
    /// pairs in a window is worth against it: most of that scatter is the same all over the window.
    /// </summary>
    private const double ExpectedDegrees = 6, MostScatterDegrees = 6;

    /// <summary>Reasons that make a score meaningless, whatever its value.</summary>
    private const Validity Unseen = Validity.NoData | Validity.Saturated | Validity.Cloud | Validity.CloudShadow | Validity.Snow | Validity.Water
        | Validity.OutsideImage | Validity.NoTexture | Validity.TileFailed;

    /// <summary>Rows above and below a band that its result depends on.</summary>
    public static int Halo(StatisticsParameters parameters) => Math.Max(parameters.CoherenceWindow, parameters.ScatterWindow) / 2;

    /// <param name="layers">All pairs, on one window of full rows that includes the halo; cut at the edges of the tile only.</param>
    /// <param name="core">The rows to answer for, relative to the window of the layers.</param>
    /// <param name="pixelSizeMetres">Side of a pixel.</param>
    /// <param name="minimumScore">Pairs count as good where their score is larger (quality) or not smaller (mean); [0, 1].</param>
    /// <param name="imageErrors">What <see cref="ImageErrorPool"/> found in the whole tile.</param>
    public static StackResult Compute(
        IReadOnlyList<PairLayer> layers, Window core, double pixelSizeMetres, double minimumScore, ImageErrors imageErrors, StatisticsParameters parameters,
        Workers workers)
    {
        if (layers.Count is 0 or > MaximumLayers)
            throw new ArgumentException($"{layers.Count} pairs: statistics need 1 to {MaximumLayers}.", nameof(layers));
        int width = layers[0].Field.Width, height = layers[0].Field.Height;
        if (layers.Any(l => l.Field.Width != width || l.Field.Height != height))
            throw new ArgumentException("The layers are not all of one size.", nameof(layers));
        var sums = new StackSums(width, height);
        var designs = new DesignCache(layers.Select(l => l.Role).ToArray());
        var result = new StackResult(
            new(width, height), new(width, height), new(width, height), new(width, height), new(width, height), new(width, height), new(width, height),
            new(width, height));
        workers.Rows(height, 16, () => new Scratch(layers.Count), (first, afterLast, scratch) =>
        {
            for (int i = first * width; i < afterLast * width; i++)
                PerPixel(layers, i, pixelSizeMetres, minimumScore, parameters, designs, scratch, result, sums);
        });
        StandardErrors(layers, designs, imageErrors, parameters, result, sums, pixelSizeMetres, minimumScore, workers);
        Coherence(layers.Count, parameters, result, sums, workers);
        return new StackResult(
            result.MeanEastWest.Crop(core), result.MeanNorthSouth.Crop(core), result.Magnitude.Crop(core), result.Quality.Crop(core),
            result.SigmaEastWest.Crop(core), result.SigmaNorthSouth.Crop(core), result.ValidPairs.Crop(core), result.Coherence.Crop(core));
    }

    internal static int ValidLayers(IReadOnlyList<PairLayer> layers, int i, double minimumScore)
    {
        int mask = 0;
        for (int k = 0; k < layers.Count; k++)
        {
            var field = layers[k].Field;
            if (field.Validity.Pixels[i] == Validity.Valid && field.Score.Pixels[i] >= minimumScore
                && float.IsFinite(field.Dx.Pixels[i]) && float.IsFinite(field.Dy.Pixels[i]))
            {
                mask |= 1 << k;
            }
        }

        return mask;
    }

    private static void PerPixel(
        IReadOnlyList<PairLayer> layers, int i, double pixelSizeMetres, double minimumScore, StatisticsParameters parameters, DesignCache designs,
        Scratch scratch, StackResult result, StackSums sums)
    {
        int good = 0;
        foreach (var layer in layers)
            good += (layer.Field.Validity.Pixels[i] & Unseen) == 0 && layer.Field.Score.Pixels[i] > minimumScore ? 1 : 0;
        result.Quality.Pixels[i] = 100f * good / layers.Count;

        int mask = ValidLayers(layers, i, minimumScore), count = 0;
        double east = 0, south = 0, lengths = 0;
        for (int k = 0; k < layers.Count; k++)
        {
            if ((mask & (1 << k)) == 0)
                continue;
            double sign = layers[k].Role.Backward ? -pixelSizeMetres : pixelSizeMetres;
            double dx = sign * layers[k].Field.Dx.Pixels[i], dy = sign * layers[k].Field.Dy.Pixels[i];
            (scratch.East[count], scratch.South[count]) = (dx, dy);
            count++;
            east += dx;
            south += dy;
            lengths += Math.Sqrt(dx * dx + dy * dy);
        }

        result.ValidPairs.Pixels[i] = (byte)count;
        if (count == 0 || count < parameters.MinimumValidShare * layers.Count)
        {
            result.MeanEastWest.Pixels[i] = result.MeanNorthSouth.Pixels[i] = result.Magnitude.Pixels[i] = float.NaN;
            return;
        }

        result.MeanEastWest.Pixels[i] = (float)(east / count);
        result.MeanNorthSouth.Pixels[i] = (float)(south / count);
        result.Magnitude.Pixels[i] = (float)(Math.Sqrt(east * east + south * south) / count);
        (sums.East.Pixels[i], sums.South.Pixels[i], sums.Lengths.Pixels[i]) = ((float)east, (float)south, (float)lengths);
        var design = designs.Of(mask);
        if (design.Pairs < 2)
            return;
        var (insideEast, outsideEast) = design.Squares(scratch.East.AsSpan(0, count), scratch.Residuals);
        var (insideSouth, outsideSouth) = design.Squares(scratch.South.AsSpan(0, count), scratch.Residuals);
        (sums.InsideEast.Pixels[i], sums.OutsideEast.Pixels[i]) = ((float)insideEast, (float)outsideEast);
        (sums.InsideSouth.Pixels[i], sums.OutsideSouth.Pixels[i]) = ((float)insideSouth, (float)outsideSouth);
        sums.Trace.Pixels[i] = (float)design.ImageErrorTrace;
        sums.RankInside.Pixels[i] = design.RankInside;
        sums.RankOutside.Pixels[i] = design.RankOutside;
    }

    private static void StandardErrors(
        IReadOnlyList<PairLayer> layers, DesignCache designs, ImageErrors imageErrors, StatisticsParameters parameters, StackResult result, StackSums sums,
        double pixelSizeMetres, double minimumScore, Workers workers)
    {
        int radius = parameters.ScatterWindow / 2, width = result.Quality.Width;
        var insideEast = BoxSum.Of(sums.InsideEast, radius, workers);
        var outsideEast = BoxSum.Of(sums.OutsideEast, radius, workers);
        var insideSouth = BoxSum.Of(sums.InsideSouth, radius, workers);
        var outsideSouth = BoxSum.Of(sums.OutsideSouth, radius, workers);
        var trace = BoxSum.Of(sums.Trace, radius, workers);
        var rankInside = BoxSum.Of(sums.RankInside, radius, workers);
        var rankOutside = BoxSum.Of(sums.RankOutside, radius, workers);
        workers.Rows(result.Quality.Height, 16, (first, afterLast) =>
        {
            for (int i = first * width; i < afterLast * width; i++)
            {
                if (float.IsNaN(result.MeanEastWest.Pixels[i]))
                {
                    result.SigmaEastWest.Pixels[i] = result.SigmaNorthSouth.Pixels[i] = float.NaN;
                    continue;
                }

                int mask = ValidLayers(layers, i, minimumScore);
                var design = designs.Of(mask);
                result.SigmaEastWest.Pixels[i] = StandardError(
                    design, insideEast.Pixels[i], outsideEast.Pixels[i], trace.Pixels[i], rankInside.Pixels[i], rankOutside.Pixels[i],
                    MatcherVariance(layers, mask, i, south: false) * pixelSizeMetres * pixelSizeMetres, imageErrors.East);
                result.SigmaNorthSouth.Pixels[i] = StandardError(
                    design, insideSouth.Pixels[i], outsideSouth.Pixels[i], trace.Pixels[i], rankInside.Pixels[i], rankOutside.Pixels[i],
                    MatcherVariance(layers, mask, i, south: true) * pixelSizeMetres * pixelSizeMetres, imageErrors.South);
            }
        });
    }

    private static float StandardError(
        PairDesign design, double inside, double outside, double trace, double rankInside, double rankOutside, double matcherVariance, ErrorVariances errors)
    {
        double pairVariance = rankOutside >= 1 ? outside / rankOutside : 0;
        double imageVariance = trace > 0 ? Math.Max(0, inside - pairVariance * rankInside) / trace : 0;
        double scatter = imageVariance * design.ImageErrorGain + pairVariance * design.PairErrorGain;
        double degrees = Math.Min(MostScatterDegrees, (rankInside + rankOutside) / PixelsPerDegree);
        if (!double.IsFinite(matcherVariance) && errors == default)
            return degrees > 0 ? (float)Math.Sqrt(scatter) : float.NaN;
        // A pair's noise is that of two images, unless the tile shows it to be the pair's own.
        double noise = double.IsFinite(matcherVariance) ? Math.Max(0, matcherVariance - errors.Pair) / 2 : 0;
        double expected = (noise + errors.Image) * design.ImageErrorGain + errors.Pair * design.PairErrorGain;
        return (float)Math.Sqrt((degrees * scatter + ExpectedDegrees * expected) / (degrees + ExpectedDegrees));
    }

    /// <summary>Mean square of the matcher's standard errors over the valid layers, square pixels; NaN when none is known.</summary>
    internal static double MatcherVariance(IReadOnlyList<PairLayer> layers, int mask, int i, bool south)
    {
        double sum = 0;
        int count = 0;
        for (int k = 0; k < layers.Count; k++)
        {
            if ((mask & (1 << k)) == 0)
                continue;
            double sigma = (south ? layers[k].Field.SigmaDy : layers[k].Field.SigmaDx).Pixels[i];
            if (!double.IsFinite(sigma))
                continue;
            sum += sigma * sigma;
            count++;
        }

        return count == 0 ? double.NaN : sum / count;
    }

    private static void Coherence(int pairs, StatisticsParameters parameters, StackResult result, StackSums sums, Workers workers)
    {
        int radius = parameters.CoherenceWindow / 2;
        var east = BoxSum.Of(sums.East, radius, workers);
        var south = BoxSum.Of(sums.South, radius, workers);
        var lengths = BoxSum.Of(sums.Lengths, radius, workers);
        for (int i = 0; i < result.Coherence.Pixels.Length; i++)
        {
            bool known = result.Magnitude.Pixels[i] > parameters.CoherenceMinimumDisplacement
                && result.ValidPairs.Pixels[i] >= parameters.CoherenceMinimumValidShare * pairs && lengths.Pixels[i] > 0;
            double length = Math.Sqrt((double)east.Pixels[i] * east.Pixels[i] + (double)south.Pixels[i] * south.Pixels[i]);
            result.Coherence.Pixels[i] = known ? (float)Math.Min(1, length / lengths.Pixels[i])
                : float.IsNaN(result.Magnitude.Pixels[i]) ? float.NaN : 0;
        }
    }

    private sealed class Scratch(int layers)
    {
        public readonly double[] East = new double[layers];
        public readonly double[] South = new double[layers];
        public readonly double[] Residuals = new double[layers];
    }

    /// <summary>Per pixel sums that are later taken over a window.</summary>
    private sealed class StackSums(int width, int height)
    {
        public readonly Raster<float> East = new(width, height);
        public readonly Raster<float> South = new(width, height);
        public readonly Raster<float> Lengths = new(width, height);
        public readonly Raster<float> InsideEast = new(width, height);
        public readonly Raster<float> OutsideEast = new(width, height);
        public readonly Raster<float> InsideSouth = new(width, height);
        public readonly Raster<float> OutsideSouth = new(width, height);
        public readonly Raster<float> Trace = new(width, height);
        public readonly Raster<float> RankInside = new(width, height);
        public readonly Raster<float> RankOutside = new(width, height);
    }
}
