using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Statistics;
using GdmOptEtq.Science.Tests.Correction;

namespace GdmOptEtq.Science.Tests.Statistics;

public sealed class StackStatisticsTests
{
    private static readonly StatisticsParameters Defaults = new();

    private static DisplacementField Field(int width, int height, Func<int, int, (double Dx, double Dy)> value, float score = 0.9f)
    {
        var field = DisplacementField.Empty(width, height, Validity.Valid);
        field.Score.Fill(score);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                var (dx, dy) = value(x, y);
                (field.Dx[x, y], field.Dy[x, y]) = ((float)dx, (float)dy);
            }
        }

        return field;
    }

    private static StackResult Compute(IReadOnlyList<PairLayer> layers, double minimumScore = 0.2, StatisticsParameters? parameters = null) =>
        StackStatistics.Compute(layers, layers[0].Field.Dx.Bounds, 10, minimumScore, Pool(layers, minimumScore), parameters ?? Defaults, Workers.Single);

    private static ImageErrors Pool(IReadOnlyList<PairLayer> layers, double minimumScore)
    {
        var pool = new ImageErrorPool([.. layers.Select(l => l.Role)]);
        pool.Add(layers, 10, minimumScore);
        return pool.Finish();
    }

    [Fact]
    public void A_backward_pair_is_the_negated_forward_pair()
    {
        var forward = Field(8, 8, (x, y) => (0.1 * x, -0.05 * y));
        var backward = Field(8, 8, (x, y) => (-0.1 * x, 0.05 * y));

        var one = Compute([new(new PairRole(0, 1, false), forward)]);
        var both = Compute([new(new PairRole(0, 1, false), forward), new(new PairRole(1, 0, true), backward)]);

        both.MeanEastWest.Pixels.ShouldBe(one.MeanEastWest.Pixels);
        both.MeanNorthSouth.Pixels.ShouldBe(one.MeanNorthSouth.Pixels);
        both.MeanEastWest[3, 2].ShouldBe(3f, 1e-5f);
        both.MeanNorthSouth[3, 2].ShouldBe(-1f, 1e-5f);
        both.Magnitude[3, 2].ShouldBe(MathF.Sqrt(10), 1e-5f);
    }

    [Fact]
    public void The_magnitude_is_that_of_the_mean_vector_and_opposite_pairs_have_no_coherence()
    {
        var east = Field(15, 15, (_, _) => (1, 0.1));
        var west = Field(15, 15, (_, _) => (-1, 0.1));

        var opposite = Compute([new(new PairRole(0, 2, false), east), new(new PairRole(1, 2, false), west)]);
        var equal = Compute([new(new PairRole(0, 2, false), east), new(new PairRole(1, 2, false), east)]);

        opposite.Magnitude[7, 7].ShouldBe(1f, 1e-5f);
        opposite.Coherence[7, 7].ShouldBe(0.1f / MathF.Sqrt(1.01f), 1e-4f);
        equal.Coherence[7, 7].ShouldBe(1f, 1e-4f);
    }

    [Fact]
    public void Quality_counts_scores_strictly_above_the_threshold_among_all_pairs_and_masked_pairs_fail()
    {
        var atThreshold = Field(1, 1, (_, _) => (1, 1), 0.5f);
        var above = Field(1, 1, (_, _) => (1, 1), 0.51f);
        var clouded = Field(1, 1, (_, _) => (1, 1), 0.9f);
        clouded.Validity[0, 0] = Validity.Cloud;
        var tooLarge = Field(1, 1, (_, _) => (99, 1), 0.9f);
        tooLarge.Validity[0, 0] = Validity.TooLarge;

        var result = Compute(
            [new(new(0, 2, false), atThreshold), new(new(0, 3, false), above), new(new(1, 2, false), clouded), new(new(1, 3, false), tooLarge)], 0.5);

        result.Quality[0, 0].ShouldBe(50);
        result.ValidPairs[0, 0].ShouldBe((byte)2);
        result.MeanEastWest[0, 0].ShouldBe(10);
    }

    [Fact]
    public void Without_a_valid_pair_there_is_no_value_but_a_quality_of_zero()
    {
        var field = DisplacementField.Empty(3, 3, Validity.NoData);
        var result = Compute([new(new(0, 1, false), field)]);

        result.MeanEastWest.Pixels.ShouldAllBe(v => float.IsNaN(v));
        result.SigmaEastWest.Pixels.ShouldAllBe(v => float.IsNaN(v));
        result.Coherence.Pixels.ShouldAllBe(v => float.IsNaN(v));
        result.Quality.Pixels.ShouldAllBe(v => v == 0);
        result.ValidPairs.Pixels.ShouldAllBe(v => v == 0);
    }

    [Theory]
    [InlineData(0.1, 0.0)]
    [InlineData(0.1, 0.1)]
    [InlineData(0.0, 0.1)]
    public void The_standard_error_of_four_pairs_that_share_images_is_honest(double imageSigma, double pairSigma)
    {
        var random = new Random(17);
        const int size = 120;
        var images = Enumerable.Range(0, 4).Select(_ => Noise(random, size, imageSigma)).ToArray();
        var layers = new List<PairLayer>();
        foreach (int before in (int[])[0, 1])
        {
            foreach (int after in (int[])[2, 3])
            {
                var own = Noise(random, size, pairSigma);
                layers.Add(new(new(before, after, false), Field(size, size, (x, y) =>
                    (images[after][x, y] - images[before][x, y] + own[x, y], images[after][y, x] - images[before][y, x] + own[y, x]))));
            }
        }

        var result = Compute(layers);

        double expected = 10 * Math.Sqrt(imageSigma * imageSigma + pairSigma * pairSigma / 4);
        result.SigmaEastWest.Pixels.Average().ShouldBe((float)expected, (float)(0.1 * expected));
        double inside = result.MeanEastWest.Pixels.Zip(result.SigmaEastWest.Pixels).Average(p => Math.Abs(p.First) <= p.Second ? 1.0 : 0);
        inside.ShouldBeInRange(0.60, 0.76);
    }

    /// <summary>Waves of 120 px with an error of 0.03 px per image; in the left half one pair of four is valid, so nothing there scatters.</summary>
    [Fact]
    public void Jitter_that_is_left_in_the_images_is_in_the_standard_error_even_where_one_pair_is_valid()
    {
        const int size = 160;
        var random = new Random(5);
        var (few, many) = (new List<double>(), new List<double>());
        for (int scene = 0; scene < 8; scene++)
        {
            var images = Enumerable.Range(0, 4).Select(_ => Wave()).ToArray();
            PairLayer[] layers = [.. from before in (int[])[0, 1] from after in (int[])[2, 3] select new PairLayer(new(before, after, false), Pair(images[before], images[after], before + after > 2))];
            var result = Compute(layers);
            for (int i = 0; i < size * size; i++)
                (i % size < size / 2 ? few : many).Add(Math.Abs(result.MeanEastWest.Pixels[i]) <= result.SigmaEastWest.Pixels[i] ? 1 : 0);
        }

        few.Average().ShouldBeInRange(0.58, 0.8);
        many.Average().ShouldBeInRange(0.58, 0.8);

        Func<int, int, double> Wave()
        {
            double phaseX = random.NextDouble() * Math.Tau, phaseY = random.NextDouble() * Math.Tau;
            return (x, y) => 0.03 * (Math.Sin(x * Math.Tau / 120 + phaseX) + Math.Sin(y * Math.Tau / 120 + phaseY));
        }

        DisplacementField Pair(Func<int, int, double> before, Func<int, int, double> after, bool maskedOnTheLeft)
        {
            double Error(int x, int y) => after(x, y) - before(x, y) + 0.01 * RobustPlaneTests.Normal(random);
            var field = Field(size, size, (x, y) => (Error(x, y), Error(y, x)));
            field.SigmaDx.Fill(0.01f);
            field.SigmaDy.Fill(0.01f);
            for (int i = 0; maskedOnTheLeft && i < field.Validity.Pixels.Length; i++)
                field.Validity.Pixels[i] = i % size < size / 2 ? Validity.Cloud : Validity.Valid;
            return field;
        }
    }

    [Fact]
    public void With_one_pair_the_standard_error_is_that_of_the_matcher()
    {
        var field = Field(30, 30, (_, _) => (1, 1));
        field.SigmaDx.Fill(0.12f);
        field.SigmaDy.Fill(0.08f);

        var result = Compute([new(new(0, 1, false), field)]);

        result.SigmaEastWest[15, 15].ShouldBe(1.2f, 1e-4f);
        result.SigmaNorthSouth[15, 15].ShouldBe(0.8f, 1e-4f);
    }

    [Fact]
    public void Bands_with_their_halo_give_the_bytes_of_the_whole()
    {
        var random = new Random(4);
        const int width = 70, height = 90;
        DisplacementField Noisy() => Field(width, height, (_, _) => (RobustPlaneTests.Normal(random), RobustPlaneTests.Normal(random)));
        PairLayer[] layers = [new(new(0, 2, false), Noisy()), new(new(0, 3, false), Noisy()), new(new(1, 3, false), Noisy())];
        layers[1].Field.Validity[12, 40] = Validity.Water;
        var whole = StackStatistics.Compute(layers, new Window(0, 0, width, height), 10, 0.2, new ImageErrors(new(0.2, 0.3), new(0.1, 0)), Defaults, new Workers(2));
        int halo = StackStatistics.Halo(Defaults);
        var padded = new Window(0, 40 - halo, width, 20 + 2 * halo);
        var band = StackStatistics.Compute(
            layers.Select(l => l with { Field = l.Field.Crop(padded) }).ToArray(), new Window(0, halo, width, 20), 10, 0.2, new ImageErrors(new(0.2, 0.3), new(0.1, 0)), Defaults, Workers.Single);

        var core = new Window(0, 40, width, 20);
        band.SigmaEastWest.Pixels.ShouldBe(whole.SigmaEastWest.Crop(core).Pixels);
        band.Coherence.Pixels.ShouldBe(whole.Coherence.Crop(core).Pixels);
        band.MeanNorthSouth.Pixels.ShouldBe(whole.MeanNorthSouth.Crop(core).Pixels);
    }

    private static Raster<float> Noise(Random random, int size, double sigma)
    {
        var noise = new Raster<float>(size, size);
        for (int i = 0; i < noise.Pixels.Length; i++)
            noise.Pixels[i] = (float)(sigma * RobustPlaneTests.Normal(random));
        return noise;
    }
}
