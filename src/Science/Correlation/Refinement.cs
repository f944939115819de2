using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>Continuous displacement on one level of the pyramid: whitened intensities against smoothness, linearised and re-weighted in turn.</summary>
internal sealed class Refinement
{
    private readonly Raster<float> reference, secondary, referenceWeight, secondaryWeight;
    private readonly Raster<float> dx, dy;
    private readonly bool holes;
    private readonly CorrelationParameters p;
    private readonly MethodConstants m;
    private readonly Workers workers;
    private readonly int width, height, level;

    public Refinement(
        Raster<float> reference, Raster<float> secondary, Raster<float> referenceWeight, Raster<float> secondaryWeight, Raster<float> dx, Raster<float> dy, int level,
        CorrelationParameters p, MethodConstants m, Workers workers)
    {
        (this.reference, this.secondary, this.dx, this.dy, this.level, this.p, this.m, this.workers) = (reference, secondary, dx, dy, level, p, m, workers);
        (this.referenceWeight, this.secondaryWeight) = (Eroded(referenceWeight), Eroded(secondaryWeight));
        (width, height) = (reference.Width, reference.Height);
        holes = Array.IndexOf(this.secondaryWeight.Pixels, 0f) >= 0 || Array.IndexOf(this.referenceWeight.Pixels, 0f) >= 0;
        Weight = this.referenceWeight;
    }

    private double Tolerance => level > 0 ? m.CoarseTolerance : m.Tolerance;

    public Raster<float> Weight { get; private set; }

    private CoupledSolver Solver { get; set; } = null!;

    private DataTerm Data { get; set; } = null!;

    private Smoothness Smooth { get; set; } = null!;

    /// <summary>Improves the field given at construction, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        UpdateWeight();
        var lowPasses = Whitening.LowPasses(reference, workers);
        var amplitudes = Whitening.Amplitudes(lowPasses, Warp(new CubicSpline(secondary, workers), dx, dy, workers), Weight, workers);
        Data = new DataTerm(Whitening.Filter(lowPasses, amplitudes, workers), Whitening.Filter(secondary, amplitudes, workers), holes, workers);
        Smooth = new Smoothness(width, height, workers);
        var (alongX, alongY) = p.UseRegularizationDirection ? DirectionOffset(p.FaultDirection) : (0, 0);
        Solver = new CoupledSolver(width, height, workers, alongX, alongY);
        Solver.Dx.Load(dx);
        Solver.Dy.Load(dy);
        var rule = Rule();
        double sigmaCells = Math.Max(1, m.SlopeSigmaPixels / (1 << level) / CellGrid.Side);
        float windowShare = WindowShare(p.Regularization);
        var cells = Solver.Directed || windowShare > 0 ? null : new CellStep(Solver, workers);
        for (int pass = 0; pass < (level == 0 ? m.FinestPasses : m.CoarsePasses); pass++)
        {
            UpdateWeight();
            Data.Linearise(Solver, Weight);
            if (windowShare > 0)
                Data.GatherWindows(Solver, p.WindowSize, windowShare);
            Smooth.Seen = Data.Seen;
            Smooth.GatherSlopes(Solver);
            if (windowShare == 0 && level == 0 && pass >= m.FirstTracedPass && pass <= m.LastTracedPass)
                TraceFaults(sigmaCells);
            Smooth.SetLinks(Solver, Smooth.SlopesOver(sigmaCells), Data.Information, rule);
            bool converged = Improve(cells, pass) == 0;
            Limit((float)m.LongestStepPixels);
            if (converged && level > 0)
                break;
            if (pass + 1 >= m.WholePasses && windowShare == 0 && level == 0)
            {
                Solver.Active = ActiveColumns.AroundFaults(Smooth.Calm, m.FaultMarginCells);
                if (Solver.Active.IsEmpty)
                    break;
            }
        }
    }

    /// <summary>Looks for faults in the field as it is, once, and traces them, each time more exactly.</summary>
    private void TraceFaults(double sigmaCells)
    {
        if (Smooth.Faults is null)
        {
            var zone = FaultZone.Find(Smooth.SlopesOver(m.FineSlopeSigmaPixels / CellGrid.Side), Smooth.SlopesOver(sigmaCells), cell => Smooth.Sees(cell, Data.Information), m, workers);
            if (zone is null)
                return;
            Smooth.Faults = new FaultTrace(zone, width, height, m, workers);
        }

        Smooth.Faults.Follow(Solver, Data, Smooth.SlopesOver(sigmaCells));
    }

    /// <summary>Solves the equations of one pass; returns how many steps on single pixels it took.</summary>
    private int Improve(CellStep? cells, int pass)
    {
        if (!Solver.Active.Whole)
            return Solver.Solve(m.FaultSteps, Tolerance);
        if (cells is null)
            return Solver.Solve(level == 0 ? m.WholeSteps : m.CoarseSteps, Tolerance);
        // What is smooth is found on cells of pixels; single pixels then add what differs from one to the next.
        cells.Apply(m.CellSteps, Tolerance);
        if (level > 0)
            return Solver.Solve(m.CoarseStepsAfterCells, Tolerance);
        // The first pass takes in single pixels everywhere, so that faults show; later ones only beside faults.
        if (pass == 0)
            return Solver.Solve(m.WholeStepsAfterCells, Tolerance);
        var everywhere = Solver.Active;
        Solver.Active = ActiveColumns.AroundFaults(Smooth.Calm, m.FaultMarginCells);
        int steps = Solver.Solve(m.FaultSteps, Tolerance);
        Solver.Active = everywhere;
        return steps;
    }

    /// <summary>
    /// Offset in whole pixels, x to the East and y to the South, of a step of three to four pixels along a direction given in degrees counter-clockwise from East.
    /// </summary>
    internal static (int X, int Y) DirectionOffset(double degrees)
    {
        double best = double.MaxValue, radians = degrees * Math.PI / 180, toX = Math.Cos(radians), toY = -Math.Sin(radians);
        var offset = (1, 0);
        for (int y = -4; y <= 4; y++)
            for (int x = -4; x <= 4; x++)
            {
                double length = Math.Sqrt(x * x + y * y), miss = Math.Abs(x * toY - y * toX);
                if (length is >= 3 and <= 4.3 && x * toX + y * toY > 0 && miss / length < best - 1e-9)
                    (best, offset) = (miss / length, (x, y));
            }

        return offset;
    }

    /// <summary>Share of the rigid window in what a pixel says: all of it without regularization, nothing from a third of the default on.</summary>
    internal static float WindowShare(double regularization) => (float)Math.Max(0, 1 - regularization / 0.1);

    private LinkRule Rule()
    {
        // Reach grows with the square root of a link's weight, and with the window that the user asks for.
        double strength = Math.Sqrt(p.Regularization / 0.3) * (2 * p.WindowSize + 1) / 7, scale = 1 << level;
        double Reach(double pixels) => strength == 0 && level == 0 ? 0.05 : Math.Max(level == 0 ? 0 : m.LeastReachPixels, pixels * strength / scale);
        bool directed = p.UseRegularizationDirection;
        return new LinkRule(
            Reach(m.CalmReachPixels) * (directed ? 0.5 : 1), Reach(m.FaultReachPixels) * (directed ? 0.5 : 1), directed ? Reach(m.CalmReachPixels) : 0,
            (float)m.BreakScale, (float)m.BreakNoiseScale, (float)m.LinkFloor, (float)m.EvidenceThreshold, m.EvidenceSigmaPixels / scale / CellGrid.Side);
    }

    /// <summary>Standard errors of the field, see <see cref="MatchQuality.Sigma"/>.</summary>
    public (Raster<float> SigmaX, Raster<float> SigmaY) Sigma()
    {
        Raster<float> a = new(width, height), b = new(width, height), c = new(width, height), support = new(width, height);
        Solver.A11.Store(a);
        Solver.A12.Store(b);
        Solver.A22.Store(c);
        double strength = Math.Min(4, p.Regularization / 0.3);
        double alone = (2 * p.WindowSize + 1) * (2 * p.WindowSize + 1);
        for (int y = 0; y < height; y++)
        {
            var row = support.Row(y);
            var calm = Smooth.Calm.Row(y / CellGrid.Side);
            for (int x = 0; x < width; x++)
                row[x] = (float)Math.Max(alone, strength * (m.FaultSupportPixels + (m.CalmSupportPixels - m.FaultSupportPixels) * calm[x / CellGrid.Side]));
        }

        // Beside a hole fewer pixels hold the field, and from one side only.
        if (Smooth.Seen is not null)
        {
            var share = CellGrid.Smooth(Smooth.Seen, m.SlopeSigmaPixels / CellGrid.Side, workers);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    support[x, y] *= share[x / CellGrid.Side, y / CellGrid.Side];
        }

        return MatchQuality.Sigma(a, b, c, support, workers);
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
            foreach (var (from, to) in Solver.Active[y / CellGrid.Side])
            {
                int end = Math.Min(to, width);
                Limit(Solver.Dx.Row(y)[from..end], dx.Row(y)[from..end], most);
                Limit(Solver.Dy.Row(y)[from..end], dy.Row(y)[from..end], most);
            }
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Limit(Span<float> solved, Span<float> before, float most)
    {
        ref float s = ref MemoryMarshal.GetReference(solved), b = ref MemoryMarshal.GetReference(before);
        var (lowest, highest) = (Vector256.Create(-most), Vector256.Create(most));
        int x = 0;
        for (; x + 8 <= solved.Length; x += 8)
        {
            var old = Vector256.LoadUnsafe(ref b, (nuint)x);
            var now = old + Vector256.Min(Vector256.Max(Vector256.LoadUnsafe(ref s, (nuint)x) - old, lowest), highest);
            now.StoreUnsafe(ref s, (nuint)x);
            now.StoreUnsafe(ref b, (nuint)x);
        }

        for (; x < solved.Length; x++)
            solved[x] = before[x] += Math.Clamp(solved[x] - before[x], -most, most);
    }

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

    private void UpdateWeight()
    {
        if (holes)
            Weight = Votes(referenceWeight, secondaryWeight, dx, dy, workers);
    }

    /// <summary>A pixel votes when the reference is valid around it and so is the secondary around the place it is matched to.</summary>
    public static Raster<float> Votes(Raster<float> referenceWeight, Raster<float> secondaryWeight, Raster<float> dx, Raster<float> dy, Workers workers)
    {
        int width = referenceWeight.Width, height = referenceWeight.Height;
        var votes = new Raster<float>(width, height);
        workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                for (int x = 0; x < width; x++)
                {
                    int i = y * width + x;
                    int column = Math.Clamp((int)MathF.Round(x + dx.Pixels[i]), 0, width - 1), row = Math.Clamp((int)MathF.Round(y + dy.Pixels[i]), 0, height - 1);
                    votes.Pixels[i] = referenceWeight.Pixels[i] * secondaryWeight[column, row];
                }
        });
        return votes;
    }
}
