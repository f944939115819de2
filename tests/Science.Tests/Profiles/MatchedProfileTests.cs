using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tests.Correction;

namespace GdmOptEtq.Science.Tests.Profiles;

/// <summary>Fields with the faults of matched ones: a step drawn to the other side, errors that neighbours share, parts that are known badly or hardly at all.</summary>
public sealed class MatchedProfileTests
{
    private const int Side = 600;
    private const double Slip = 3, DepthMetres = 2500;
    private static readonly RasterGrid Grid = new(32611, 400000, 4000000, 10, Side, Side);
    private static readonly (double, double)[] Trace = [(403000, 3994500), (403000, 3999500)];
    private static readonly FaultProfileParameters OneSwath = new() { HalfLength = 2.5, Width = 4, Spacing = 5, TraceTolerance = 0.1 };

    /// <summary>Left-lateral slip on a trace to the North, with an error that depends on the distance to the right of it, and white noise of 0.3 m.</summary>
    private static (Raster<float> East, Raster<float> South) Field(Func<double, double> error, int seed = 1, double depthMetres = DepthMetres)
    {
        var random = new Random(seed);
        var (east, south) = (new Raster<float>(Side, Side), new Raster<float>(Side, Side));
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double across = Across(x);
                east[x, y] = (float)(0.3 * RobustPlaneTests.Normal(random));
                south[x, y] = (float)-(Slip / Math.PI * Math.Atan(depthMetres / across) + error(across) + 0.3 * RobustPlaneTests.Normal(random));
            }
        }

        return (east, south);
    }

    private static double Across(int x) => Grid.Easting(x + 0.5) - 403000;

    private static FaultProfile Measure((Raster<float> East, Raster<float> South) field, Raster<float>? sigma = null) =>
        FaultProfiles.Measure(field.East, field.South, sigma is null ? null : (sigma, sigma), Grid, Trace, OneSwath, Workers.Single).ShouldHaveSingleItem();

    private static double Smear(double across, double metres) => -Math.Sign(across) * metres * Math.Exp(-Math.Abs(across) / 100);

    /// <summary>Errors that the whole swath and neighbours within some 150 m share, different from seed to seed.</summary>
    private static Func<double, double> SharedError(int seed, double metres)
    {
        const int Reach = 15;
        var random = new Random(1000 + seed);
        double[] white = [.. Enumerable.Range(0, Side + 2 * Reach).Select(_ => RobustPlaneTests.Normal(random))];
        double[] smooth = [.. Enumerable.Range(0, Side).Select(x => metres / Math.Sqrt(2 * Reach + 1) * white.Skip(x).Take(2 * Reach + 1).Sum())];
        return across => smooth[(int)Math.Floor(Grid.Column(403000 + across))];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.15)]
    [InlineData(0.3)]
    public void What_the_matcher_smears_of_the_step_is_given_back(double smearMetres)
    {
        var profile = Measure(Field(across => Smear(across, smearMetres)));

        profile.Parallel.Offset.ShouldBe(Slip, 0.1);
        Math.Abs(profile.Parallel.Offset - Slip).ShouldBeLessThan(2 * profile.Parallel.Sigma);
        profile.ZoneWidthMetres.ShouldBe(0);
        profile.Normal.Offset.ShouldBe(0, 0.05);
    }

    [Fact]
    public void The_drawn_curve_leaves_the_smear_out()
    {
        var profile = Measure(Field(across => Smear(across, 0.3)));

        (profile.FittedParallel(1) - profile.FittedParallel(-1)).ShouldBe(profile.Parallel.Offset, 0.01);
        var beside = profile.Samples.MinBy(s => Math.Abs(s.AcrossMetres - 12.5));
        (profile.FittedParallel(beside.AcrossMetres) - beside.Parallel).ShouldBeInRange(0.15, 0.4);
    }

    [Fact]
    public void Distances_that_are_known_badly_count_less()
    {
        static bool Bad(double across) => across is > 0 and < 800;
        var field = Field(across => Bad(across) ? -0.5 * (1 - across / 800) : 0);
        var sigma = new Raster<float>(Side, Side);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
                sigma[x, y] = Bad(Across(x)) ? 0.5f : 0.05f;
        }

        Measure(field, sigma).Parallel.Offset.ShouldBe(Slip, 0.1);
        Measure(field).Parallel.Offset.ShouldBeLessThan(Slip - 0.15);
        foreach (var sample in Measure(field, sigma).Samples)
            sample.ParallelSigma.ShouldBe(Bad(sample.AcrossMetres) ? 0.5 : 0.05, 1e-6);
        Measure(field).Samples.ShouldAllBe(s => double.IsNaN(s.ParallelSigma));
    }

    [Fact]
    public void Distances_of_which_little_is_left_beside_a_hole_count_less()
    {
        var field = Field(across => across is > 0 and < 800 ? -0.5 * (1 - across / 800) : 0);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                if (Across(x) is > 0 and < 800 && y % 8 != 0)
                    field.South[x, y] = float.NaN;
            }
        }

        var profile = Measure(field);
        profile.Parallel.Offset.ShouldBe(Slip, 0.1);
        profile.Samples.Count(s => s.Pixels < 200).ShouldBe(32);
    }

    [Fact]
    public void The_standard_error_counts_what_neighbours_share_and_the_depths_that_fit_as_well()
    {
        int withinTwo = 0;
        double errors = 0, sigmas = 0;
        const int Fields = 12;
        for (int seed = 1; seed <= Fields; seed++)
        {
            var shared = SharedError(seed, 0.03);
            var offset = Measure(Field(across => shared(across) + Smear(across, 0.2), seed, 800 * (1 + seed % 4))).Parallel;
            double error = offset.Offset - Slip;
            withinTwo += Math.Abs(error) <= 2 * offset.Sigma ? 1 : 0;
            errors += error * error;
            sigmas += offset.Sigma * offset.Sigma;
        }

        // One sigma that counted the scatter of the samples alone would be a fifth of the error.
        withinTwo.ShouldBeGreaterThanOrEqualTo(Fields - 2);
        Math.Sqrt(errors / sigmas).ShouldBeInRange(0.4, 1.5);
        Math.Sqrt(errors / Fields).ShouldBeLessThan(0.12);
    }
}
