using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Statistics;

/// <summary>
/// Variances of one component, square metres: what one image adds to every displacement beyond the matcher's noise (jitter, detector steps and ramps that the
/// corrections left; it hardly changes over hundreds of pixels), and what each pair has of its own.
/// </summary>
public readonly record struct ErrorVariances(double Image, double Pair);

/// <summary>The variances of both components.</summary>
public readonly record struct ImageErrors(ErrorVariances East, ErrorVariances South);

/// <summary>
/// Gathers <see cref="ImageErrors"/> from the whole tile. The few pairs of one place have two or three errors of images between them, which tell their
/// variance badly, and a single valid pair does not tell it at all; the tile holds hundreds of such places. Medians, because the rims of clouds are outliers.
/// </summary>
public sealed class ImageErrorPool(IReadOnlyList<PairRole> roles)
{
    private const int EveryPixel = 4;

    private readonly DesignCache _designs = new([.. roles]);
    private readonly Scatter _east = new(), _south = new();

    /// <param name="layers">All pairs on one window, in the order of the roles; every fourth pixel is taken.</param>
    /// <param name="pixelSizeMetres">Side of a pixel.</param>
    /// <param name="minimumScore">Pairs count where their score is not smaller, as in <see cref="StackStatistics.Compute"/>.</param>
    public void Add(IReadOnlyList<PairLayer> layers, double pixelSizeMetres, double minimumScore)
    {
        double area = pixelSizeMetres * pixelSizeMetres;
        var (east, south, residuals) = (new double[layers.Count], new double[layers.Count], new double[layers.Count]);
        for (int i = 0; i < layers[0].Field.Dx.Pixels.Length; i += EveryPixel)
        {
            int mask = StackStatistics.ValidLayers(layers, i, minimumScore), count = 0;
            var design = _designs.Of(mask);
            if (mask == 0 || design.RankInside == 0)
                continue;
            for (int k = 0; k < layers.Count; k++)
            {
                if ((mask & (1 << k)) == 0)
                    continue;
                double sign = layers[k].Role.Backward ? -pixelSizeMetres : pixelSizeMetres;
                (east[count], south[count]) = (sign * layers[k].Field.Dx.Pixels[i], sign * layers[k].Field.Dy.Pixels[i]);
                count++;
            }

            _east.Add(design, design.Squares(east.AsSpan(0, count), residuals), StackStatistics.MatcherVariance(layers, mask, i, south: false) * area);
            _south.Add(design, design.Squares(south.AsSpan(0, count), residuals), StackStatistics.MatcherVariance(layers, mask, i, south: true) * area);
        }
    }

    /// <summary>What the tile says; zero without a place that two pairs of different images share.</summary>
    public ImageErrors Finish() => new(_east.Finish(), _south.Finish());

    /// <summary>Median of the mean of so many squared normal variables of variance one (Wilson and Hilferty 1931).</summary>
    private static double MedianOfChiSquare(int degrees) => Math.Pow(1 - 2.0 / (9 * degrees), 3);

    /// <summary>One component.</summary>
    private sealed class Scatter
    {
        private readonly List<float> _image = [], _pair = [], _share = [], _matcher = [];

        public void Add(PairDesign design, (double Inside, double Outside) squares, double matcherVariance)
        {
            _image.Add((float)(squares.Inside / (design.ImageErrorTrace * MedianOfChiSquare(design.RankInside))));
            // What pairs have of their own is inside too, in this share.
            _share.Add((float)(design.RankInside / design.ImageErrorTrace));
            if (design.RankOutside > 0)
                _pair.Add((float)(squares.Outside / (design.RankOutside * MedianOfChiSquare(design.RankOutside))));
            if (double.IsFinite(matcherVariance))
                _matcher.Add((float)matcherVariance);
        }

        public ErrorVariances Finish()
        {
            double pair = Middle(_pair);
            return new(Math.Max(0, Middle(_image) - pair * Middle(_share) - Math.Max(0, Middle(_matcher) - pair) / 2), pair);
        }

        private static double Middle(List<float> values) => values.Count == 0 ? 0 : OrderStatistics.Median(values.ToArray());
    }
}
