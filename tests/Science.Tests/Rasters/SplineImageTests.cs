using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tests.OpticalFlow;

namespace GdmOptEtq.Science.Tests.Rasters;

public class SplineImageTests
{
    [Theory]
    [InlineData(40, 31)]
    [InlineData(1, 7)]
    [InlineData(7, 1)]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    public void The_spline_passes_through_every_pixel(int width, int height)
    {
        var image = new AnalyticTexture(1).Image(width, height);
        var spline = SplineImage.Of(image, new Workers(2));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                spline.Sample(x, y).ShouldBe(image[x, y], 0.02f);
        }
    }

    [Fact]
    public void A_band_limited_texture_is_interpolated_to_a_thousandth_of_its_deviation()
    {
        var texture = new AnalyticTexture(2, highestFrequency: 0.12);
        var spline = SplineImage.Of(texture.Image(80, 60), Workers.Single);
        double worst = 0, squares = 0;
        int count = 0;
        for (double y = 12.3; y < 47; y += 0.9)
        {
            for (double x = 12.1; x < 67; x += 0.7, count++)
            {
                double error = spline.Sample((float)x, (float)y) - texture.At(x, y);
                worst = Math.Max(worst, Math.Abs(error));
                squares += Math.Pow(texture.At(x, y) - 1000, 2);
            }
        }

        (worst / Math.Sqrt(squares / count)).ShouldBeLessThan(5e-3);
    }

    [Fact]
    public void A_row_is_sampled_like_its_pixels_one_by_one_with_the_textbook_weights()
    {
        var image = new AnalyticTexture(4).Image(33, 20);
        var spline = SplineImage.Of(image, Workers.Single);
        var random = new Random(5);
        var dx = new float[33];
        var dy = new float[33];
        for (int i = 0; i < dx.Length; i++)
            (dx[i], dy[i]) = ((float)(random.NextDouble() * 8 - 4), (float)(random.NextDouble() * 8 - 4));
        var row = new float[33];
        spline.SampleRow(9, dx, dy, row);
        for (int x = 4; x < 29; x++)
            row[x].ShouldBe((float)Textbook(image, x + dx[x], 9 + dy[x]), 0.05f);
    }

    [Fact]
    public void Positions_far_outside_are_clamped_instead_of_read()
    {
        var spline = SplineImage.Of(new AnalyticTexture(4).Image(16, 16), Workers.Single);
        spline.Sample(1e9f, -1e9f).ShouldBe(spline.Sample(16, -1));
        float.IsFinite(spline.Sample(-1e30f, 1e30f)).ShouldBeTrue();
    }

    // Coefficients by a truncated convolution with the inverse filter sqrt(3) z^|k|, weights by the cardinal definition of the B-spline.
    private static double Textbook(Raster<float> image, double x, double y)
    {
        double pole = Math.Sqrt(3) - 2, sum = 0;
        int Reflect(int i, int n) => i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
        double Coefficient(int cx, int cy)
        {
            double c = 0;
            for (int j = -9; j <= 9; j++)
            {
                for (int i = -9; i <= 9; i++)
                    c += 3 * Math.Pow(pole, Math.Abs(i) + Math.Abs(j)) * image[Reflect(Reflect(cx + i, image.Width), image.Width), Reflect(Reflect(cy + j, image.Height), image.Height)];
            }

            return c;
        }

        static double Weight(double t)
        {
            t = Math.Abs(t);
            return t < 1 ? (4 - 6 * t * t + 3 * t * t * t) / 6 : t < 2 ? Math.Pow(2 - t, 3) / 6 : 0;
        }

        for (int cy = (int)Math.Floor(y) - 1; cy <= (int)Math.Floor(y) + 2; cy++)
        {
            for (int cx = (int)Math.Floor(x) - 1; cx <= (int)Math.Floor(x) + 2; cx++)
                sum += Weight(x - cx) * Weight(y - cy) * Coefficient(cx, cy);
        }

        return sum;
    }
}
