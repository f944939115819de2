using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tests.Correction;

namespace GdmOptEtq.Science.Tests.Profiles;

public sealed class FaultProfileTests
{
    private static readonly RasterGrid Grid = new(32611, 400000, 4000000, 50, 400, 400);
    private static readonly (double, double)[] Trace = [(405000, 3985000), (415000, 3995000)];

    /// <summary>Left-lateral slip and opening across a trace that runs North-East, with a ramp and noise; the fault may be wide or off the trace.</summary>
    private static (Raster<float> East, Raster<float> South) Field(double slip, double opening, double noise, double zoneMetres = 0, double faultAt = 0, int seed = 1)
    {
        var random = new Random(seed);
        var (east, south) = (new Raster<float>(400, 400), new Raster<float>(400, 400));
        double s = Math.Sqrt(0.5);
        for (int y = 0; y < 400; y++)
        {
            for (int x = 0; x < 400; x++)
            {
                double e = Grid.Easting(x + 0.5) - 405000, n = Grid.Northing(y + 0.5) - 3985000, across = (e - n) * s - faultAt;
                double side = zoneMetres > 0 ? Math.Clamp(across / zoneMetres, -0.5, 0.5) : across < 0 ? -0.5 : 0.5;
                double parallel = slip * side + 0.00005 * across, normal = opening * side;
                east[x, y] = (float)(s * parallel + s * normal + noise * RobustPlaneTests.Normal(random));
                south[x, y] = (float)-(s * parallel - s * normal + noise * RobustPlaneTests.Normal(random));
            }
        }

        return (east, south);
    }

    private static IReadOnlyList<FaultProfile> Measure((Raster<float> East, Raster<float> South) field, FaultProfileParameters? parameters = null) =>
        FaultProfiles.Measure(field.East, field.South, null, Grid, Trace, parameters ?? new(), Workers.Single);

    [Fact]
    public void Slip_and_opening_are_measured_with_honest_errors()
    {
        int inside = 0, count = 0;
        for (int seed = 1; seed <= 5; seed++)
        {
            var profiles = Measure(Field(3, -0.5, 0.5, seed: seed));
            profiles.Count.ShouldBe(7);
            foreach (var profile in profiles)
            {
                profile.Problem.ShouldBeNull();
                profile.StrikeDegrees.ShouldBe(45, 1e-6);
                profile.Parallel.Offset.ShouldBe(3, 0.15);
                profile.Normal.Offset.ShouldBe(-0.5, 0.15);
                profile.ZoneWidthMetres.ShouldBe(0);
                profile.Parallel.Sigma.ShouldBeLessThan(0.2);
                inside += Math.Abs(profile.Parallel.Offset - 3) <= profile.Parallel.Sigma ? 1 : 0;
                count++;
            }
        }

        ((double)inside / count).ShouldBeInRange(0.45, 0.97);
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(12000)]
    public void Displacement_that_fades_away_from_the_fault_keeps_its_whole_offset(double depthMetres)
    {
        var field = Field(0, 0, 0.3);
        double s = Math.Sqrt(0.5);
        for (int y = 0; y < 400; y++)
        {
            for (int x = 0; x < 400; x++)
            {
                double across = (Grid.Easting(x + 0.5) - 405000 - Grid.Northing(y + 0.5) + 3985000) * s, parallel = 3 / Math.PI * Math.Atan(depthMetres / across);
                field.East[x, y] += (float)(s * parallel);
                field.South[x, y] -= (float)(s * parallel);
            }
        }

        foreach (var profile in Measure(field))
        {
            profile.Parallel.Offset.ShouldBe(3, 0.15);
            profile.ZoneWidthMetres.ShouldBe(0);
        }
    }

    [Fact]
    public void Turning_the_trace_round_keeps_the_sense_of_slip()
    {
        var field = Field(2, 0.4, 0.1);
        var turned = FaultProfiles.Measure(field.East, field.South, null, Grid, Trace.Reverse().ToArray(), new(), Workers.Single);

        turned[3].StrikeDegrees.ShouldBe(225, 1e-6);
        turned[3].Parallel.Offset.ShouldBe(2, 0.05);
        turned[3].Normal.Offset.ShouldBe(0.4, 0.05);
    }

    [Fact]
    public void A_wide_zone_and_a_misplaced_trace_are_found()
    {
        foreach (var profile in Measure(Field(4, 0, 0.2, zoneMetres: 900, faultAt: 200)))
        {
            profile.Parallel.Offset.ShouldBe(4, 0.15);
            profile.ZoneWidthMetres.ShouldBe(900, 250);
            profile.FaultAcrossMetres.ShouldBe(200, 110);
        }
    }

    [Fact]
    public void Outliers_and_holes_do_not_move_the_offset()
    {
        var field = Field(3, 0, 0.3);
        var random = new Random(9);
        for (int i = 0; i < field.East.Pixels.Length; i++)
        {
            if (random.NextDouble() < 0.15)
                field.East.Pixels[i] += 20;
            if (random.NextDouble() < 0.3)
                field.South.Pixels[i] = float.NaN;
        }

        foreach (var profile in Measure(field))
            profile.Parallel.Offset.ShouldBe(3, 0.15);
    }

    [Fact]
    public void A_side_without_data_has_a_sentence_and_a_trace_elsewhere_is_refused()
    {
        var field = Field(3, 0, 0.1);
        for (int y = 0; y < 400; y++)
        {
            for (int x = 0; x < 400; x++)
            {
                if (Grid.Easting(x + 0.5) - 405000 < Grid.Northing(y + 0.5) - 3985000)
                    field.East[x, y] = float.NaN;
            }
        }

        Measure(field).ShouldAllBe(p => p.Problem == "Too few valid pixels on one side of the fault.");
        Should.Throw<InputException>(() => FaultProfiles.Measure(field.East, field.South, null, Grid, [(0, 0), (100, 100)], new(), Workers.Single))
            .Message.ShouldContain("outside the result");
        Should.Throw<InputException>(() => FaultProfiles.Measure(field.East, field.South, null, Grid, [(405000, 3985000)], new(), Workers.Single))
            .Message.ShouldContain("no length");
    }
}
