using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Rasters;

public class RasterKernelTests
{
    [Theory]
    [InlineData(37, 21, 1)]
    [InlineData(64, 33, 4)]
    [InlineData(5, 4, 3)]
    public void The_symmetric_filter_equals_its_scalar_twin(int width, int height, int step)
    {
        var image = RandomRaster.Uniform(width, height, 1);
        var result = new Raster<float>(width, height);
        float[] taps = [0.4f, 0.25f, 0.05f];
        SymmetricFilter.Apply(image, result, taps, step, new Workers(2));
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double sum = 0;
                for (int j = -2; j <= 2; j++)
                    for (int i = -2; i <= 2; i++)
                        sum += taps[Math.Abs(i)] * taps[Math.Abs(j)]
                            * image[SymmetricFilter.Mirror(x + i * step, width), SymmetricFilter.Mirror(y + j * step, height)];
                result[x, y].ShouldBe((float)sum, 1e-5f);
            }
    }

    [Theory]
    [InlineData(50, 150, 3)]
    [InlineData(20, 9, 12)]
    public void The_running_box_mean_equals_its_scalar_twin(int width, int height, int radius)
    {
        var image = RandomRaster.Uniform(width, height, 2);
        var result = new Raster<float>(width, height);
        BoxMean.Apply(image, result, radius, new Workers(2));
        for (int y = 0; y < height; y += 3)
            for (int x = 0; x < width; x++)
            {
                double sum = 0;
                int count = 0;
                for (int j = Math.Max(0, y - radius); j <= Math.Min(height - 1, y + radius); j++)
                    for (int i = Math.Max(0, x - radius); i <= Math.Min(width - 1, x + radius); i++, count++)
                        sum += image[i, j];
                result[x, y].ShouldBe((float)(sum / count), 1e-5f);
            }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f / 42)]
    [InlineData(CubicSpline.LeastPull)]
    public void The_spline_passes_through_its_pixels_and_its_vector_path_equals_the_scalar_one(float curvature)
    {
        const int width = 53, height = 31;
        var image = RandomRaster.Uniform(width, height, 3);
        var spline = new CubicSpline(image, Workers.Single, curvature);
        var (dx, dy, row) = (new float[width], new float[width], new float[width]);
        for (int y = 0; y < height; y++)
        {
            spline.WarpRow(0, y, dx, dy, row);
            for (int x = 0; x < width; x++)
                row[x].ShouldBe(image[x, y], 2e-4f);
        }

        var random = new Random(4);
        foreach (bool together in new[] { true, false })
        {
            for (int x = 0; x < width; x++)
                (dx[x], dy[x]) = together ? (1.3f, -0.6f) : ((float)random.NextDouble() * 60 - 30, (float)random.NextDouble() * 60 - 30);
            spline.WarpRow(0, 15, dx, dy, row);
            for (int x = 0; x < width; x++)
                row[x].ShouldBe(spline.At(x + dx[x], 15 + dy[x]), 1e-5f);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    [InlineData(3)]
    public void A_wave_read_a_quarter_of_a_pixel_on_lies_nearer_its_place_than_in_the_plain_spline(int periodPixels)
    {
        var wave = new Raster<float>(240, 8);
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 240; x++)
                wave[x, y] = MathF.Cos(MathF.Tau * x / periodPixels);
        double Shift(float curvature)
        {
            var spline = new CubicSpline(wave, Workers.Single, curvature);
            double cos = 0, sin = 0;
            for (int x = 60; x < 180; x++)
            {
                float value = spline.At(x + 0.25f, 4);
                cos += value * Math.Cos(Math.Tau * (x + 0.25) / periodPixels);
                sin += value * Math.Sin(Math.Tau * (x + 0.25) / periodPixels);
            }

            return Math.Abs(Math.Atan2(sin, cos)) / Math.Tau * periodPixels;
        }

        Shift(CubicSpline.LeastPull).ShouldBeLessThan(0.5 * Shift(0));
    }

    [Fact]
    public void Holes_are_filled_smoothly_and_known_pixels_stay()
    {
        var image = new Raster<float>(40, 30);
        var weight = new Raster<float>(40, 30);
        for (int y = 0; y < 30; y++)
            for (int x = 0; x < 40; x++)
            {
                bool hole = x is > 10 and < 20 && y is > 5 and < 15;
                image[x, y] = hole ? 1e9f : x + y;
                weight[x, y] = hole ? 0 : 1;
            }

        Pyramid.FillHoles(image, weight);
        image[3, 3].ShouldBe(6);
        image[15, 10].ShouldBe(25, 4f);
    }

    [Fact]
    public void Halving_a_plane_and_doubling_it_gives_the_plane_back()
    {
        var image = new Raster<float>(41, 27);
        for (int y = 0; y < 27; y++)
            for (int x = 0; x < 41; x++)
                image[x, y] = 2 * x - 3 * y;
        var back = Pyramid.Double(Pyramid.Halve(image, Workers.Single), 41, 27, 1, Workers.Single);
        for (int y = 4; y < 22; y++)
            for (int x = 4; x < 36; x++)
                back[x, y].ShouldBe(image[x, y], 1e-3f);
    }
}
