using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Correction;

public sealed class RobustPlaneTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_plane_is_recovered_under_outliers(int seed)
    {
        // Specification, section 15, test 1: 0.3 x - 0.2 y + 0.35 over x, y in [0, 1], noise 0.02 px, 15 % outliers of +3 px.
        var random = new Random(seed);
        var field = new Raster<float>(200, 200);
        for (int y = 0; y < 200; y++)
        {
            for (int x = 0; x < 200; x++)
            {
                double value = 0.3 * (x + 0.5) / 200 - 0.2 * (y + 0.5) / 200 + 0.35 + 0.02 * Normal(random);
                field[x, y] = (float)(value + (random.NextDouble() < 0.15 ? 3 : 0));
            }
        }

        var once = RobustPlane.Fit(field, null, 1).ShouldNotBeNull();
        var plane = RobustPlane.Fit(field, null, 3).ShouldNotBeNull();

        plane.A.ShouldBe(0.15, 1e-3);
        plane.B.ShouldBe(-0.1, 1e-3);
        (plane.C - plane.A - plane.B).ShouldBe(0.35, 2e-3);
        Math.Abs(once.C - once.A - once.B - 0.35).ShouldBeGreaterThan(1e-2, "one round is known not to be enough");
    }

    [Fact]
    public void Excluded_and_missing_pixels_do_not_vote()
    {
        var field = new Raster<float>(50, 40);
        var excluded = new Raster<bool>(50, 40);
        for (int y = 0; y < 40; y++)
        {
            for (int x = 0; x < 50; x++)
            {
                excluded[x, y] = x < 30;
                field[x, y] = x < 30 ? 100 : y == 3 ? float.NaN : (float)(0.2 * RobustPlane.Centred(x, 50) + 0.1);
            }
        }

        var plane = RobustPlane.Fit(field, excluded, 3).ShouldNotBeNull();

        plane.At(0.5, -0.3).ShouldBe(0.2, 1e-5);
    }

    [Fact]
    public void There_is_no_plane_through_fewer_than_three_pixels_or_through_one_row()
    {
        var field = new Raster<float>(20, 20).Fill(float.NaN);
        RobustPlane.Fit(field, null, 3).ShouldBeNull();
        field.Row(7).Fill(1);
        RobustPlane.Fit(field, null, 3).ShouldBeNull();
    }

    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
