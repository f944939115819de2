using GdmOptEtq.Pipeline.Accuracy;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Tests.Accuracy;

public class AccuracyMeasuresTests
{
    private static SceneTruth Still(int size, bool fault) => new(
        new Raster<float>(size, size), new Raster<float>(size, size), fault ? TestFields.Raster(size, size, (x, _) => x - 100) : null);

    [Fact]
    public void Errors_are_counted_inside_the_margin_by_component_and_by_distance_from_the_fault()
    {
        // 0.04 to the East near the fault, 0.3 beyond 60 px, nonsense in the margin.
        var field = TestFields.Field(200, 200, (x, y) => x < 40 || y < 40 || x >= 160 || y >= 160 ? (9, 9) : (Math.Abs(x - 100) <= 10 ? 0.04f : x == 159 ? 0.3f : 0, -0.02f));
        var measures = AccuracyMeasures.Of(field, Still(200, fault: true));
        measures.RmseSouth.ShouldBe(0.02, 1e-6);
        measures.RmseNear.ShouldBe(Math.Sqrt((0.04 * 0.04 + 0.02 * 0.02) / 2), 1e-6);
        double.IsNaN(measures.RmseFar).ShouldBeTrue("no pixel inside the margin is further than 60 px from the fault");
        measures.MedianBiasSouth.ShouldBe(-0.02, 1e-6);
        measures.MedianBiasEast.ShouldBe(0);
        measures.Within010.ShouldBe(119 / 120.0, 1e-9);
        measures.Coverage.ShouldBe(1);
    }

    [Fact]
    public void Invalid_pixels_lower_the_coverage_and_nothing_else()
    {
        var field = TestFields.Field(100, 100, (_, _) => (0.05f, 0));
        for (int x = 0; x < 100; x++)
        {
            field.Validity[x, 50] = Validity.Cloud;
            field.Dx[x, 50] = float.NaN;
        }

        var measures = AccuracyMeasures.Of(field, Still(100, fault: false));
        measures.Coverage.ShouldBe(0.95, 1e-9);
        measures.RmseEast.ShouldBe(0.05, 1e-6);
        measures.RmseFar.ShouldBe(Math.Sqrt(0.05 * 0.05 / 2), 1e-6);
    }

    [Fact]
    public void Sigma_is_honest_when_two_thirds_of_normal_errors_lie_within_it()
    {
        var random = new Random(4);
        float Normal() => (float)(0.1 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        var measures = AccuracyMeasures.Of(TestFields.Field(200, 200, (_, _) => (Normal(), Normal())), Still(200, fault: false));
        measures.WithinOneSigma.ShouldBe(0.683, 0.02);
        measures.WithinTwoSigma.ShouldBe(0.954, 0.01);
    }

    [Fact]
    public void A_pull_to_whole_pixels_shows_as_a_curve_of_its_amplitude()
    {
        var truth = new SceneTruth(TestFields.Raster(200, 200, (x, _) => x * 0.0173 - 1.5), new Raster<float>(200, 200), null);
        var field = TestFields.Field(200, 200, (x, y) => ((float)(truth.Dx[x, y] - 0.02 * Math.Sin(2 * Math.PI * truth.Dx[x, y])), 0));
        var locking = PeakLocking.Of(field, truth);
        locking.HalfRangeEast.ShouldBe(0.02, 0.001);
        locking.BiasEast[Array.FindIndex(locking.Fractions, f => f > 0.2)].ShouldBe(-0.02, 0.002);
        locking.HalfRangeSouth.ShouldBe(0, 1e-6);
    }

    [Fact]
    public void The_limit_is_the_noise_over_the_gradient_and_the_side_of_the_window()
    {
        var random = new Random(5);
        float Noise() => (float)((random.NextDouble() - 0.5) * Math.Sqrt(12));
        Raster<float> Image(double gain) => TestFields.Raster(200, 200, (x, y) => gain * (1000 + 400 * Math.Sin(x * 0.2) + 300 * Math.Sin(y * 0.25) + 5 * Noise()) + 40);
        var limit = CramerRao.Of(MatchInput.AllValid(Image(1), Image(1.3)), Still(200, fault: false), Workers.Single);
        limit.NoiseOfDifference.ShouldBe(5 * Math.Sqrt(2), 0.4);
        limit.GradientEast.ShouldBe(400 * 0.2 / Math.Sqrt(2), 2);
        limit.LimitEast(3).ShouldBe(limit.NoiseOfDifference / limit.GradientEast / 7, 1e-9);
    }

    [Fact]
    public void A_simulated_scene_moves_by_its_truth_and_carries_its_fault()
    {
        var (input, truth) = SimulatedScene.Defaults[0].Render(240, new Workers(2));
        input.Width.ShouldBe(240);
        float fastest = truth.Dx.Pixels.Zip(truth.Dy.Pixels, (a, b) => MathF.Sqrt(a * a + b * b)).Max();
        fastest.ShouldBeInRange(0.4f, 1.3f);
        truth.FaultDistance!.Pixels.Select(Math.Abs).Min().ShouldBeLessThan(1);
        // The truth is the better explanation of the second image.
        var right = CramerRao.Of(input, truth, Workers.Single).NoiseOfDifference;
        var wrong = CramerRao.Of(input, new SceneTruth(new Raster<float>(240, 240), new Raster<float>(240, 240), null), Workers.Single).NoiseOfDifference;
        right.ShouldBeLessThan(0.7 * wrong);
    }
}
