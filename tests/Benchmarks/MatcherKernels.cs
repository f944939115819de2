using BenchmarkDotNet.Attributes;
using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Benchmarks;

/// <summary>The kernels on which the matcher spends its time, one thread, on one megapixel: milliseconds are nanoseconds per pixel.</summary>
[MemoryDiagnoser]
public class MatcherKernels
{
    private const int Side = 1000;

    private readonly Raster<float> image = Noise(1), other = Noise(2), target = new(Side, Side);
    private readonly Plane gradientX = new(Side, Side), gradientY = new(Side, Side);
    private CubicSpline spline = null!;
    private CoupledSolver solver = null!;

    [GlobalSetup]
    public void Prepare()
    {
        spline = new CubicSpline(image, Workers.Single);
        solver = new CoupledSolver(Side, Side, Workers.Single);
        for (int y = 0; y < Side; y++)
        {
            Span<float> a = image.Row(y), b = other.Row(y);
            for (int x = 0; x < Side; x++)
            {
                (solver.A11.Row(y)[x], solver.A12.Row(y)[x], solver.A22.Row(y)[x]) = (a[x] * a[x], a[x] * b[x], b[x] * b[x]);
                (solver.Bx.Row(y)[x], solver.By.Row(y)[x]) = (a[x], -b[x]);
                (solver.Right.Row(y)[x], solver.Down.Row(y)[x]) = (x + 1 < Side ? 20 : 0, y + 1 < Side ? 20 : 0);
            }
        }
    }

    [Benchmark]
    public int TenSolverSteps()
    {
        solver.Dx.Clear();
        solver.Dy.Clear();
        return solver.Solve(10, 0);
    }

    [Benchmark]
    public void LowPass() => SymmetricFilter.Apply(image, target, Pyramid.Binomial, 4, Workers.Single);

    [Benchmark]
    public void BoxMeanOfSevenPixels() => BoxMean.Apply(image, target, 3, Workers.Single);

    [Benchmark]
    public CubicSpline SplineOfAnImage() => new(image, Workers.Single);

    [Benchmark]
    public void WarpBySpline()
    {
        for (int y = 0; y < Side; y++)
            spline.WarpRow(0, y, image.Row(y), other.Row(y), target.Row(y));
    }

    [Benchmark]
    public void GradientOfASpline() => SplineGradient.Apply(image, gradientX, gradientY, Workers.Single);

    [Benchmark]
    public Raster<float> Score() => MatchQuality.Score(image, other, target, 3, Workers.Single);

    [Benchmark]
    public DisplacementField Match() => Correlator.Match(MatchInput.AllValid(image, other), new CorrelationParameters(), Workers.Single);

    private static Raster<float> Noise(int seed)
    {
        var random = new Random(seed);
        var noise = new Raster<float>(Side, Side);
        for (int i = 0; i < noise.Pixels.Length; i++)
            noise.Pixels[i] = (float)random.NextDouble();
        return noise;
    }
}
