using GdmOptEtq.Science.OpticalFlow;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.OpticalFlow;

public class FlowKernelTests
{
    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(true, 0.0)]
    [InlineData(false, 0.3)]
    public void Ranks_equal_the_count_of_brighter_or_darker_neighbours(bool darker, double maskedShare)
    {
        const int Radius = 3;
        var image = new AnalyticTexture(7).Image(45, 29);
        var mask = new Raster<float>(45, 29).Fill(1);
        var random = new Random(1);
        for (int i = 0; i < mask.Pixels.Length; i++)
            mask.Pixels[i] = random.NextDouble() < maskedShare ? 0 : 1;
        var ranks = RankTransform.Compute(image, mask, Radius, darker, new Workers(2), out var usable);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                int count = 0, possible = 0;
                for (int dy = -Radius; dy <= Radius; dy++)
                {
                    for (int dx = -Radius; dx <= Radius; dx++)
                    {
                        int column = SplineImage.Mirror(x + dx, image.Width), row = SplineImage.Mirror(y + dy, image.Height);
                        if ((dx == 0 && dy == 0) || mask[column, row] == 0)
                            continue;
                        possible++;
                        count += (darker ? image[column, row] < image[x, y] : image[column, row] > image[x, y]) ? 1 : 0;
                    }
                }

                ranks[x, y].ShouldBe(mask[x, y] == 0 || possible == 0 ? 0.5f : (float)count / possible, 1e-6f);
                usable[x, y].ShouldBe(mask[x, y] != 0 && possible >= 0.7 * 48 ? 1 : 0);
            }
        }
    }

    [Fact]
    public void The_vector_kernels_of_the_solver_agree_with_their_scalar_twins()
    {
        // 8 lanes at once on a long row, one by one on rows of a single pixel.
        const int Width = 67;
        var random = new Random(2);
        float[] Row(double scale) => Enumerable.Range(0, Width).Select(_ => (float)((random.NextDouble() - 0.5) * scale)).ToArray();
        float[] reference = Row(2), warped = Row(2), gx = Row(1), gy = Row(1), mask = Row(1).Select(v => v > 0 ? 1f : 0f).ToArray(), dx = Row(3), dy = Row(3);
        float[] rightX = new float[Width], rightY = new float[Width];
        FlowSolver.Residual(reference, warped, gx, gy, mask, dx, dy, rightX, rightY);
        float[] xx = Row(1).Select(v => v + 2).ToArray(), yy = Row(1).Select(v => v + 2).ToArray(), xy = Row(1);
        float[] u = (float[])dx.Clone(), v = (float[])dy.Clone();
        FlowSolver.Solve(xx, yy, xy, rightX, rightY, 0.01f, 1.5f, u, v);
        for (int x = 0; x < Width; x++)
        {
            float e = mask[x] * (reference[x] - warped[x] + dx[x] * gx[x] + dy[x] * gy[x]);
            rightX[x].ShouldBe(gx[x] * e, 1e-6f);
            rightY[x].ShouldBe(gy[x] * e, 1e-6f);
            float[] oneU = [dx[x]], oneV = [dy[x]];
            FlowSolver.Solve([xx[x]], [yy[x]], [xy[x]], [rightX[x]], [rightY[x]], 0.01f, 1.5f, oneU, oneV);
            u[x].ShouldBe(oneU[0], 1e-5f);
            v[x].ShouldBe(oneV[0], 1e-5f);
            Math.Abs(u[x]).ShouldBeLessThanOrEqualTo(1.5f);
        }
    }

    [Fact]
    public void The_pyramid_keeps_a_plane_and_ignores_masked_pixels()
    {
        var plane = new Raster<float>(33, 21);
        var mask = new Raster<float>(33, 21).Fill(1);
        for (int y = 0; y < 21; y++)
        {
            for (int x = 0; x < 33; x++)
                plane[x, y] = 3 * x - 2 * y;
        }

        plane[10, 10] = 1e9f;
        mask[10, 10] = 0;
        var (coarse, coarseMask) = BurtPyramid.Decimate(plane, mask, new Workers(2));
        (coarse.Width, coarse.Height).ShouldBe((17, 11));
        coarse[8, 3].ShouldBe(3 * 16 - 2 * 6, 1e-3f);
        coarse[5, 5].ShouldBe(10, 3f);
        coarseMask.Pixels.ShouldAllBe(m => m == 1);
        mask.Fill(0);
        BurtPyramid.Decimate(plane, mask, Workers.Single).Mask.Pixels.ShouldAllBe(m => m == 0);
    }
}
