using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>Continuous displacement on one level of the pyramid: whitened intensities against smoothness, linearised and re-weighted in turn.</summary>
internal sealed class Refinement
{
    private readonly Raster<float> reference, secondary, referenceWeight, secondaryWeight;
    private readonly Raster<float> dx, dy;
    private readonly bool holes;
    private readonly Tuning t;
    private readonly Workers workers;
    private readonly int width, height, level;

    public Refinement(
        Raster<float> reference, Raster<float> secondary, Raster<float> referenceWeight, Raster<float> secondaryWeight, Raster<float> dx, Raster<float> dy, int level, Tuning tuning, Workers workers)
    {
        (this.reference, this.secondary, this.dx, this.dy, this.level, t, this.workers) = (reference, secondary, dx, dy, level, tuning, workers);
        (this.referenceWeight, this.secondaryWeight) = (Eroded(referenceWeight), Eroded(secondaryWeight));
        (width, height) = (reference.Width, reference.Height);
        holes = Array.IndexOf(this.secondaryWeight.Pixels, 0f) >= 0 || Array.IndexOf(this.referenceWeight.Pixels, 0f) >= 0;
        Weight = this.referenceWeight;
    }

    public Raster<float> Weight { get; private set; }

    public CoupledSolver Solver { get; private set; } = null!;

    public DataTerm Data { get; private set; } = null!;

    public void Run(int outer, CorrelationParameters p)
    {
        UpdateWeight();
        var lowPasses = Whitening.LowPasses(reference, workers);
        var aligned = Whitening.LowPasses(Warp(new CubicSpline(secondary, workers), dx, dy, workers), workers);
        var amplitudes = Whitening.Amplitudes(lowPasses, aligned, Weight, workers);
        if (t.Verbose) Console.WriteLine("  f " + string.Join(" ", amplitudes.Select(a => a.ToString("G4"))));
        Data = new DataTerm(Whitening.Filter(lowPasses, amplitudes, workers), Whitening.Filter(Whitening.LowPasses(secondary, workers), amplitudes, workers), workers);
        var smoothness = new Smoothness(width, height, workers);
        Solver = new CoupledSolver(width, height, workers);
        Solver.Dx.Load(dx);
        Solver.Dy.Load(dy);
        double scale = 1 << level;
        double reach = Math.Max(t.MinReach, t.Reach / scale);
        double sigmaCells = Math.Max(1, t.SlopeSigma / scale / CellGrid.Side);
        for (int k = 0; k < outer; k++)
        {
            UpdateWeight();
            Data.Linearise(Solver, Weight);
            smoothness.GatherSlopes(Solver, sigmaCells);
            double decay = Math.Pow(t.Decay, outer - 1 - k) * (level > 0 ? t.CoarseTau : 1);
            smoothness.SetLinks(Solver, Data.Information, new LinkRule(Math.Max(t.MinReach, t.CalmReach / scale), reach, (float)(t.Tau * decay), (float)(t.TauNoise * decay),
                (float)t.Floor, (float)t.Threshold, t.Evidence / scale / 4));
            Solver.Solve(t.Inner);
            Limit((float)t.MaxStep);
        }

        Solver.Dx.Store(dx);
        Solver.Dy.Store(dy);
    }

    public (Raster<float>, Raster<float>) Sigma()
    {
        Raster<float> a = new(width, height), b = new(width, height), c = new(width, height);
        Solver.A11.Store(a);
        Solver.A12.Store(b);
        Solver.A22.Store(c);
        return MatchQuality.Sigma(a, b, c, 12, t.SigmaPixels, workers);
    }

    /// <summary>The spline read at every pixel moved by the field.</summary>
    public static Raster<float> Warp(CubicSpline spline, Raster<float> dx, Raster<float> dy, Workers workers)
    {
        var result = new Raster<float>(dx.Width, dx.Height);
        workers.Rows(dx.Height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                spline.WarpRow(0, y, dx.Row(y), dy.Row(y), result.Row(y));
        });
        return result;
    }

    /// <summary>No pixel moves by more than <paramref name="most"/> in one step: the images are linear no farther.</summary>
    private void Limit(float most) => workers.Rows(height, 32, (first, afterLast) =>
    {
        for (int y = first; y < afterLast; y++)
        {
            Span<float> solvedX = Solver.Dx.Row(y), solvedY = Solver.Dy.Row(y), beforeX = dx.Row(y), beforeY = dy.Row(y);
            for (int x = 0; x < width; x++)
            {
                solvedX[x] = beforeX[x] = beforeX[x] + Math.Clamp(solvedX[x] - beforeX[x], -most, most);
                solvedY[x] = beforeY[x] = beforeY[x] + Math.Clamp(solvedY[x] - beforeY[x], -most, most);
            }
        }
    });

    /// <summary>Zero within two pixels of a hole: what was filled in shows through the filters that far.</summary>
    private static Raster<float> Eroded(Raster<float> weight)
    {
        if (Array.IndexOf(weight.Pixels, 0f) < 0)
            return weight;
        var result = weight.Clone();
        for (int y = 0; y < weight.Height; y++)
            for (int x = 0; x < weight.Width; x++)
                if (weight[x, y] == 0)
                    for (int j = Math.Max(0, y - 2); j <= Math.Min(weight.Height - 1, y + 2); j++)
                        result.Row(j)[Math.Max(0, x - 2)..Math.Min(weight.Width, x + 3)].Clear();
        return result;
    }

    /// <summary>A pixel votes when the reference is valid around it and so is the secondary around the place it is matched to.</summary>
    private void UpdateWeight()
    {
        if (!holes)
            return;
        Weight = new Raster<float>(width, height);
        workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                for (int x = 0; x < width; x++)
                {
                    int i = y * width + x;
                    int column = Math.Clamp((int)MathF.Round(x + dx.Pixels[i]), 0, width - 1), row = Math.Clamp((int)MathF.Round(y + dy.Pixels[i]), 0, height - 1);
                    Weight.Pixels[i] = referenceWeight.Pixels[i] * secondaryWeight[column, row];
                }
        });
    }
}
