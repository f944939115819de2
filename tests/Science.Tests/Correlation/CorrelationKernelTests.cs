using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tests.Rasters;

namespace GdmOptEtq.Science.Tests.Correlation;

/// <summary>The vector kernels of the matcher against the same thing written plainly, on sizes that are no multiple of a vector.</summary>
public class CorrelationKernelTests
{
    private const int Width = 77, Height = 46;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(20)]
    [InlineData(37)]
    public void Cells_are_the_sums_of_their_pixels_and_are_read_back_bilinearly(int count)
    {
        var random = new Random(count);
        var sums = Array.ConvertAll(new float[4 * count], _ => (float)random.NextDouble());
        var gathered = new float[count];
        CellGrid.Gather(sums, gathered);
        for (int c = 0; c < count; c++)
            gathered[c].ShouldBe(sums[4 * c] + sums[4 * c + 1] + sums[4 * c + 2] + sums[4 * c + 3], 1e-5f);

        var cells = RandomRaster.Uniform(count, 5, 2);
        var row = new float[4 * count];
        for (int y = 0; y < 20; y++)
        {
            CellGrid.Read(cells, y, row, new float[count]);
            for (int x = 0; x < row.Length; x++)
                row[x].ShouldBe(ReadCell(cells, x, y), 1e-5f, $"column {x}, row {y}");
        }
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_spline()
    {
        var image = RandomRaster.Uniform(Width, Height, 3);
        var (gradientX, gradientY) = (new Plane(Width, Height), new Plane(Width, Height));
        SplineGradient.Apply(image, gradientX, gradientY, new Workers(2));
        var spline = new CubicSpline(image, Workers.Single, curvature: 0);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                gradientX.Row(y)[x].ShouldBe((spline.At(x + 0.02f, y) - spline.At(x - 0.02f, y)) / 0.04f, 0.01f);
                gradientY.Row(y)[x].ShouldBe((spline.At(x, y + 0.02f) - spline.At(x, y - 0.02f)) / 0.04f, 0.01f);
            }
    }

    [Fact]
    public void Bands_are_weighed_by_their_moments_and_added_up()
    {
        var (a, b, weight) = (RandomRaster.Uniform(Width, Height, 4), RandomRaster.Uniform(Width, Height, 5), RandomRaster.Uniform(Width, Height, 6));
        for (int i = 0; i < a.Pixels.Length; i++)
            (b.Pixels[i], weight.Pixels[i]) = (b.Pixels[i] + 2 * a.Pixels[i], weight.Pixels[i] > 0.3f ? 1 : 0);
        var (lowA, lowB) = (Whitening.LowPasses(a, new Workers(2)), Whitening.LowPasses(b, Workers.Single));
        double[] noise = [0.8908, 0.2007, 0.0857, 0.0413, 0.0205];
        var amplitudes = Whitening.Amplitudes(lowA, b, weight, new Workers(2));
        var filtered = Whitening.Filter(lowA, amplitudes, new Workers(2));
        for (int band = 0; band < Whitening.Bands; band++)
        {
            double aa = 0, bb = 0, ab = 0;
            for (int i = 0; i < a.Pixels.Length; i++)
            {
                double u = lowA[band].Pixels[i] - lowA[band + 1].Pixels[i], v = lowB[band].Pixels[i] - lowB[band + 1].Pixels[i], w = weight.Pixels[i];
                (aa, bb, ab) = (aa + w * u * u, bb + w * v * v, ab + w * u * v);
            }

            double coherence = ab > 0 ? Math.Min(0.9995, ab * ab / (aa * bb)) : 0, density = aa / weight.Pixels.Sum() / (noise[band] * noise[band]);
            amplitudes[band].ShouldBe(Math.Sqrt(coherence / ((1 - coherence) * density)), 2e-4 * amplitudes[band] + 1e-9);
        }

        Whitening.Filter(a, amplitudes, Workers.Single).Bytes.SequenceEqual(filtered.Bytes).ShouldBeTrue();
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            double sum = 0;
            for (int band = 0; band < Whitening.Bands; band++)
                sum += amplitudes[band] * (lowA[band].Pixels[i] - lowA[band + 1].Pixels[i]);
            filtered.Pixels[i].ShouldBe((float)sum, 2e-4f);
        }
    }

    [Fact]
    public void Slopes_are_means_over_cells_and_links_weigh_as_the_rule_says()
    {
        var random = new Random(8);
        var solver = new CoupledSolver(Width, Height, new Workers(2));
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                (solver.Dx.Row(y)[x], solver.Dy.Row(y)[x]) = ((float)(0.02 * random.NextDouble() + (x > 40 ? 0.3 : 0)), (float)(0.02 * random.NextDouble()));
        var smoothness = new Smoothness(Width, Height, new Workers(2));
        smoothness.GatherSlopes(solver);
        // So narrow a Gaussian leaves every cell as it is.
        var slopes = smoothness.SlopesOver(0.1);
        slopes[0][3, 4].ShouldBe((float)CellMean(3, 4, (x, y) => solver.Dx.Row(y)[x + 1] - solver.Dx.Row(y)[x]), 1e-6f);
        slopes[1][10, 2].ShouldBe((float)CellMean(10, 2, (x, y) => solver.Dy.Row(y)[x + 1] - solver.Dy.Row(y)[x]), 1e-6f);
        slopes[2][0, 9].ShouldBe((float)CellMean(0, 9, (x, y) => solver.Dx.Row(y + 1)[x] - solver.Dx.Row(y)[x]), 1e-6f);
        slopes[3][18, 0].ShouldBe((float)CellMean(18, 0, (x, y) => solver.Dy.Row(y + 1)[x] - solver.Dy.Row(y)[x]), 1e-6f);

        var information = CellGrid.Create(Width, Height).Fill(30);
        var rule = new LinkRule(20, 10, 0, 0.02f, 0.03f, 0.004f, 5, 2);
        smoothness.SetLinks(solver, smoothness.SlopesOver(5), information, rule);
        smoothness.Calm.Pixels.Min().ShouldBeLessThan(0.5f);
        smoothness.Calm.Pixels.Max().ShouldBeGreaterThan(0.9f);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                double calm = ReadCell(smoothness.Calm, x, y), reach = 30 * (calm * 400 + (1 - calm) * 100), inverse = (1.0001 - calm) / (0.02 * 0.02 + 0.03 * 0.03 / 30);
                double Weight(double ex, double ey) => reach * Math.Max(Math.Pow(1 / (1 + (ex * ex + ey * ey) * inverse), 2), 0.004);
                var (dx, dy) = (solver.Dx.Row(y)[x], solver.Dy.Row(y)[x]);
                double right = x == Width - 1 ? 0 : Weight(solver.Dx.Row(y)[x + 1] - dx - solver.Vxx.Row(y)[x], solver.Dy.Row(y)[x + 1] - dy - solver.Vyx.Row(y)[x]);
                double down = y == Height - 1 ? 0 : Weight(solver.Dx.Row(y + 1)[x] - dx - solver.Vxy.Row(y)[x], solver.Dy.Row(y + 1)[x] - dy - solver.Vyy.Row(y)[x]);
                ((double)solver.Right.Row(y)[x]).ShouldBe(right, 1e-3 * right + 1e-3, $"right of {x}, {y}");
                ((double)solver.Down.Row(y)[x]).ShouldBe(down, 1e-3 * down + 1e-3, $"below {x}, {y}");
            }
    }

    [Fact]
    public void The_equations_of_a_pixel_are_those_of_weighted_least_squares()
    {
        var (reference, secondary, votes) = (RandomRaster.Uniform(Width, Height, 9), RandomRaster.Uniform(Width, Height, 10), RandomRaster.Uniform(Width, Height, 11));
        for (int i = 0; i < votes.Pixels.Length; i++)
            (secondary.Pixels[i], votes.Pixels[i]) = (0.2f * secondary.Pixels[i] + reference.Pixels[i], votes.Pixels[i] > 0.2f ? 1 : 0);
        var solver = new CoupledSolver(Width, Height, new Workers(2));
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                (solver.Dx.Row(y)[x], solver.Dy.Row(y)[x]) = (0.4f + 0.01f * y, -0.3f - 0.005f * x);
        var data = new DataTerm(reference, secondary, false, new Workers(2));
        data.Linearise(solver, votes);

        var (gradientX, gradientY) = (new Plane(Width, Height), new Plane(Width, Height));
        SplineGradient.Apply(reference, gradientX, gradientY, Workers.Single);
        var spline = new CubicSpline(secondary, Workers.Single);
        double Moved(int x, int y) => spline.At(x + solver.Dx.Row(y)[x], y + solver.Dy.Row(y)[x]);
        double Vote(int x, int y)
        {
            float toX = x + solver.Dx.Row(y)[x], toY = y + solver.Dy.Row(y)[x];
            return toX >= 0 && toX <= Width - 1 && toY >= 0 && toY <= Height - 1 ? votes[x, y] : 0;
        }

        var (gain, precision) = (CellGrid.Create(Width, Height), CellGrid.Create(Width, Height));
        for (int row = 0; row < gain.Height; row++)
            for (int column = 0; column < gain.Width; column++)
            {
                double rr = 0, rs = 0, ss = 0, count = 0;
                for (int y = Math.Max(0, 4 * (row - 4)); y < Math.Min(Height, 4 * (row + 5)); y++)
                    for (int x = Math.Max(0, 4 * (column - 4)); x < Math.Min(Width, 4 * (column + 5)); x++)
                    {
                        double w = Vote(x, y), r = reference[x, y], s = Moved(x, y);
                        (rr, rs, ss, count) = (rr + w * r * r, rs + w * r * s, ss + w * s * s, count + w);
                    }

                double slope = rs / rr;
                (gain[column, row], precision[column, row]) = ((float)slope, (float)(count / (ss - 2 * slope * rs + slope * slope * rr)));
            }

        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                double g = ReadCell(gain, x, y), p = ReadCell(precision, x, y), residual = Moved(x, y) - g * reference[x, y];
                double w = Vote(x, y) * p * 7 / (6 + residual * residual * p), gx = g * gradientX.Row(y)[x], gy = g * gradientY.Row(y)[x];
                double target = gx * solver.Dx.Row(y)[x] + gy * solver.Dy.Row(y)[x] - residual;
                void Same(Plane plane, double expected) => ((double)plane.Row(y)[x]).ShouldBe(expected, 5e-3 * Math.Abs(expected) + 2e-3 * p * gx * gx + 2e-3 * p * gy * gy + 1e-3, $"{x}, {y}");
                Same(solver.A11, w * gx * gx);
                Same(solver.A12, w * gx * gy);
                Same(solver.A22, w * gy * gy);
                Same(solver.Bx, w * gx * target);
                Same(solver.By, w * gy * target);
            }
    }

    private static double CellMean(int column, int row, Func<int, int, double> value)
    {
        double sum = 0;
        int count = 0;
        for (int y = 4 * row; y < Math.Min(Height - 1, 4 * row + 4); y++)
            for (int x = 4 * column; x < Math.Min(Width - 1, 4 * column + 4); x++, count++)
                sum += value(x, y);
        return sum / count;
    }

    /// <summary>Bilinear between the centres of the cells, the rim held beyond the outer ones.</summary>
    private static float ReadCell(Raster<float> cells, int x, int y)
    {
        double column = (x - 1.5) / 4, row = (y - 1.5) / 4;
        int left = (int)Math.Floor(column), top = (int)Math.Floor(row);
        double At(int c, int r) => cells[Math.Clamp(c, 0, cells.Width - 1), Math.Clamp(r, 0, cells.Height - 1)];
        double fx = column - left, fy = row - top;
        return (float)((1 - fy) * ((1 - fx) * At(left, top) + fx * At(left + 1, top)) + fy * ((1 - fx) * At(left, top + 1) + fx * At(left + 1, top + 1)));
    }
}
