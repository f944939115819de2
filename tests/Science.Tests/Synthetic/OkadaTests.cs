using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Science.Tests.Synthetic;

public class OkadaTests
{
    // Okada (1985), table 2: length 3, width 2, unit slip.
    [Theory]
    [InlineData(2, 3, 4, 70, 's', -8.689e-3, -4.298e-3, -2.747e-3)]
    [InlineData(2, 3, 4, 70, 'd', -4.682e-3, -3.527e-2, -3.564e-2)]
    [InlineData(2, 3, 4, 70, 't', -2.660e-4, 1.056e-2, 3.214e-3)]
    [InlineData(0, 0, 4, 90, 's', 0, 5.253e-3, 0)]
    [InlineData(0, 0, 4, 90, 'd', 0, 0, 0)]
    [InlineData(0, 0, 4, 90, 't', 1.223e-2, 0, -1.606e-2)]
    [InlineData(0, 0, 4, -90, 's', 0, -1.303e-3, 0)]
    [InlineData(0, 0, 4, -90, 'd', 0, 0, 0)]
    [InlineData(0, 0, 4, -90, 't', 3.507e-3, 0, -7.740e-3)]
    public void The_published_table_is_reproduced_to_four_digits(
        double x, double y, double depth, double dip, char kind, double ux, double uy, double uz)
    {
        var (sin, cos) = Okada.SinCosDip(dip);
        var (gotX, gotY, gotZ) = Okada.Surface(
            x, y, depth, sin, cos, 3, 2, kind == 's' ? 1 : 0, kind == 'd' ? 1 : 0, kind == 't' ? 1 : 0, 0.5);
        ShouldAgree(gotX, ux);
        ShouldAgree(gotY, uy);
        ShouldAgree(gotZ, uz);

        static void ShouldAgree(double got, double expected) =>
            got.ShouldBe(expected, expected == 0 ? 1e-9 : 0.5001 * Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(expected))) - 3));
    }

    [Theory]
    [InlineData(5000, 0, 0.733940, -0.836098)]
    [InlineData(-5000, 0, -0.733940, 0.836098)]
    [InlineData(0, 10000, 0.490176, -0.701677)]
    [InlineData(10000, 10000, 0.272634, -0.346464)]
    [InlineData(-20000, 5000, -0.447575, 0.133732)]
    [InlineData(30000, 30000, 0.030366, -0.060006)]
    [InlineData(1000, 0, 0.916688, -1.085637)]
    public void A_right_lateral_rupture_towards_the_north_west_moves_the_ground_as_computed_elsewhere(
        double easting, double northing, double east, double north)
    {
        var (e, n, _) = Okada.Displacement([new OkadaFault(0, 0, 320, 45000, 12000, 3)], easting, northing);
        e.ShouldBe(east, 1e-6);
        n.ShouldBe(north, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(35)]
    [InlineData(137)]
    [InlineData(300)]
    public void Across_the_trace_of_a_surface_rupture_the_ground_parts_by_the_slip(double strikeDegrees)
    {
        var faults = new OkadaFault(500000, 4000000, strikeDegrees, 20000, 8000, 3) { RakeDegrees = 0 }.Tapered(5, 0.3);
        double strike = strikeDegrees * Math.PI / 180;
        double rightE = Math.Cos(strike), rightN = -Math.Sin(strike);
        var right = Okada.Displacement(faults, 500000 + rightE * 0.01, 4000000 + rightN * 0.01);
        var left = Okada.Displacement(faults, 500000 - rightE * 0.01, 4000000 - rightN * 0.01);

        // Left-lateral: seen from either side the other one moves to the left, so the left side goes against the strike.
        double along = (left.East - right.East) * Math.Sin(strike) + (left.North - right.North) * Math.Cos(strike);
        double across = (left.East - right.East) * rightE + (left.North - right.North) * rightN;
        along.ShouldBe(-3, 1e-4);
        across.ShouldBe(0, 1e-4);
    }

    [Fact]
    public void A_reverse_fault_lifts_its_hanging_side()
    {
        var faults = new OkadaFault(0, 0, 0, 30000, 10000, 2) { DipDegrees = 40, RakeDegrees = 90 }.Tapered(4, 0.3);
        Okada.Displacement(faults, 2000, 0).Up.ShouldBeGreaterThan(0.5);
        Okada.Displacement(faults, -2000, 0).Up.ShouldBeLessThan(0);
    }

    [Fact]
    public void A_tapered_rupture_keeps_its_slip_in_the_middle_and_calms_its_tips()
    {
        var whole = new OkadaFault(0, 0, 0, 30000, 12000, 3);
        var tapered = whole.Tapered(5, 0.25);
        tapered.Sum(f => f.SlipMetres).ShouldBe(3, 1e-12);
        Math.Abs(Okada.Displacement(tapered, 100, 15100).Up).ShouldBeLessThan(0.5 * Math.Abs(Okada.Displacement([whole], 100, 15100).Up));
        whole.TraceStart.Northing.ShouldBe(-15000, 1e-6);
        whole.TraceEnd.Northing.ShouldBe(15000, 1e-6);
    }

    [Fact]
    public void The_grid_is_the_same_for_any_number_of_threads()
    {
        var faults = new OkadaFault(5000, 5000, 320, 8000, 3000, 3).Tapered(3, 0.3);
        var grid = new RasterGrid(32633, 0, 10000, 100, 37, 29);
        var one = Okada.Displacement(faults, grid, Workers.Single);
        var many = Okada.Displacement(faults, grid, new Workers(3));
        many.East.Pixels.ShouldBe(one.East.Pixels);
        many.North.Pixels.ShouldBe(one.North.Pixels);
        one.North[3, 4].ShouldBe((float)Okada.Displacement(faults, 350, 9550).North);
    }
}
