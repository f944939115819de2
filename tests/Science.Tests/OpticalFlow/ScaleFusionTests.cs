using GdmOptEtq.Science.OpticalFlow;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.OpticalFlow;

public class ScaleFusionTests
{
    [Fact]
    public void The_large_window_is_trusted_where_it_agrees_and_the_small_one_where_it_does_not()
    {
        const int Size = 80;
        var random = new Random(6);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        var (large, small) = (new Raster<float>(Size, Size), new Raster<float>(Size, Size));
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
                (large[x, y], small[x, y]) = ((x < 40 ? 0 : 0.6f) + 0.01f * Normal(), 0.1f * Normal());
        }

        var (value, sigma) = ScaleFusion.Fuse([(large, new Raster<float>(Size, Size).Fill(0.01f)), (small, new Raster<float>(Size, Size).Fill(0.1f))], new Workers(2));
        double agreeing = 0, differing = 0;
        for (int y = 10; y < 70; y++)
        {
            for (int x = 10; x < 30; x++)
            {
                agreeing += value[x, y] * value[x, y];
                differing += Math.Pow(value[x + 40, y], 2);
            }
        }

        Math.Sqrt(agreeing / 1200).ShouldBeLessThan(0.02);
        Math.Sqrt(differing / 1200).ShouldBeInRange(0.08, 0.12);
        sigma[20, 20].ShouldBe(0.01f, 0.003f);
        sigma[60, 20].ShouldBe(0.1f, 0.01f);
    }

    [Fact]
    public void A_window_without_a_solution_has_no_say()
    {
        Raster<float> Filled(float value) => new Raster<float>(5, 5).Fill(value);
        var (value, sigma) = ScaleFusion.Fuse([(Filled(1), Filled(0.2f)), (Filled(7), Filled(float.PositiveInfinity))], Workers.Single);
        value[2, 2].ShouldBe(1, 1e-3f);
        sigma[2, 2].ShouldBe(0.2f, 1e-3f);
        (value, sigma) = ScaleFusion.Fuse([(Filled(1), Filled(float.PositiveInfinity)), (Filled(7), Filled(0.3f))], Workers.Single);
        (value[2, 2], sigma[2, 2]).ShouldBe((7f, 0.3f));
    }
}
