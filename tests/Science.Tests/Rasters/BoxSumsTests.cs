using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Rasters;

public class BoxSumsTests
{
    [Theory]
    [InlineData(37, 300, 4)]
    [InlineData(300, 37, 40)]
    [InlineData(1, 1, 3)]
    [InlineData(5, 9, 0)]
    public void Running_sums_equal_the_sum_over_the_window_cut_at_the_border(int width, int height, int radius)
    {
        var random = new Random(3);
        var planes = new Raster<float>[3];
        for (int p = 0; p < planes.Length; p++)
        {
            planes[p] = new Raster<float>(width, height);
            for (int i = 0; i < planes[p].Pixels.Length; i++)
                planes[p].Pixels[i] = (float)(random.NextDouble() - 0.3) * 1000;
        }

        var sums = BoxSums.Sums(planes, radius, new Workers(2));

        for (int p = 0; p < planes.Length; p++)
        {
            for (int y = 0; y < height; y += 3)
            {
                for (int x = 0; x < width; x++)
                    sums[p][x, y].ShouldBe((float)Direct(planes[p], x, y, radius), 0.05f);
            }
        }
    }

    [Fact]
    public void The_sum_of_a_mask_counts_exactly()
    {
        var mask = new Raster<float>(700, 300).Fill(1);
        var sums = BoxSums.Sum(mask, 20, Workers.Single);
        sums[350, 150].ShouldBe(41 * 41);
        sums[0, 0].ShouldBe(21 * 21);
        sums[699, 299].ShouldBe(21 * 21);
    }

    private static double Direct(Raster<float> plane, int x, int y, int radius)
    {
        double sum = 0;
        var window = new Window(x - radius, y - radius, 2 * radius + 1, 2 * radius + 1).Intersect(plane.Bounds);
        for (int row = window.Y; row < window.Bottom; row++)
        {
            for (int column = window.X; column < window.Right; column++)
                sum += plane[column, row];
        }

        return sum;
    }
}
