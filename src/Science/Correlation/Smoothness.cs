using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// What is expected of the field: from pixel to pixel it follows its own slope, smooth over tens of pixels, except across faults. A link between neighbours
/// that breaks with the slope loses its weight (Geman and McClure 1987), so a fault ends up between two pixels and each side keeps its slope up to it.
/// </summary>
internal sealed class Smoothness
{
    private readonly Plane right, down;
    private readonly Raster<float>[] sums = new Raster<float>[6];
    private Raster<float>[] slopes = [];
    private readonly Workers workers;
    private readonly int width, height;

    public Smoothness(int width, int height, Workers workers)
    {
        (this.width, this.height, this.workers) = (width, height, workers);
        (right, down) = (new(width, height), new(width, height));
        Calm = CellGrid.Create(width, height).Fill(1);
        for (int y = 0; y < height; y++)
        {
            right.Row(y)[..^1].Fill(1);
            if (y < height - 1)
                down.Row(y).Fill(1);
        }
    }

    /// <summary>Per cell, 1 where no fault runs, towards 0 beside one; set by <see cref="SetLinks"/>.</summary>
    public Raster<float> Calm { get; private set; }

    /// <summary>Share of a cell's pixels that vote; null where all do.</summary>
    public Raster<float>? Seen { get; set; }

    /// <summary>Where faults were traced, if anywhere.</summary>
    public FaultTrace? Faults { get; set; }

    /// <summary>Slope of the field from the links that hold, gathered over cells for <see cref="SlopesOver"/>.</summary>
    public void GatherSlopes(CoupledSolver solver)
    {
        int stride = solver.Dx.Padded;
        for (int i = 0; i < 6; i++)
            sums[i] = CellGrid.Create(width, height);
        workers.Rows(sums[0].Height, 4, () => new float[6 * stride], (first, afterLast, scratch) =>
        {
            for (int cellRow = first; cellRow < afterLast; cellRow++)
            {
                Array.Clear(scratch);
                for (int y = cellRow * CellGrid.Side; y < Math.Min(height, (cellRow + 1) * CellGrid.Side); y++)
                    Accumulate(solver, y, scratch, stride);
                for (int i = 0; i < 6; i++)
                    CellGrid.Gather(scratch.AsSpan(i * stride, stride), sums[i].Row(cellRow));
            }
        });
    }

    /// <summary>
    /// The gathered slope smoothed, per cell: dx along the row, dy along the row, dx down, dy down; px/px. What lies in a hole has no say: there the field follows the slope,
    /// and counted as evidence for it any error at the rim would grow from pass to pass.
    /// </summary>
    public Raster<float>[] SlopesOver(double sigmaCells)
    {
        var smooth = new Raster<float>[6];
        for (int i = 0; i < 6; i++)
        {
            var shared = Faults is null && Seen is null ? sums[i] : sums[i].Clone();
            if (Faults is not null)
                Multiply(shared, Faults.SlopeShare);
            if (Seen is not null)
                Multiply(shared, Seen);
            smooth[i] = CellGrid.Smooth(shared, sigmaCells, workers);
        }

        for (int i = 0; i < 4; i++)
        {
            var weights = smooth[i < 2 ? 4 : 5].Pixels;
            for (int c = 0; c < weights.Length; c++)
                smooth[i].Pixels[c] /= Math.Max(1e-4f, weights[c]);
        }

        return smooth[..4];
    }

    private static void Multiply(Raster<float> values, Raster<float> shares)
    {
        for (int c = 0; c < values.Pixels.Length; c++)
            values.Pixels[c] *= shares.Pixels[c];
    }

    /// <summary>
    /// Sets the solver's links, which expect the field to follow <paramref name="expected"/>: weight = reach^2 times the information of a pixel, so that alone they would
    /// smooth over about <c>reach</c> pixels.
    /// </summary>
    public void SetLinks(CoupledSolver solver, Raster<float>[] expected, Raster<float> information, LinkRule rule)
    {
        slopes = expected;
        int stride = solver.Dx.Padded, cells = information.Width;
        var energy = CellGrid.Create(width, height);
        workers.Rows(energy.Height, 4, () => new float[stride + cells], (first, afterLast, scratch) =>
        {
            for (int cellRow = first; cellRow < afterLast; cellRow++)
            {
                scratch.AsSpan(0, stride).Clear();
                for (int y = cellRow * CellGrid.Side; y < Math.Min(height, (cellRow + 1) * CellGrid.Side); y++)
                {
                    CellGrid.Read(slopes[0], y, solver.Vxx.PaddedRow(y), scratch.AsSpan(stride));
                    CellGrid.Read(slopes[1], y, solver.Vyx.PaddedRow(y), scratch.AsSpan(stride));
                    CellGrid.Read(slopes[2], y, solver.Vxy.PaddedRow(y), scratch.AsSpan(stride));
                    CellGrid.Read(slopes[3], y, solver.Vyy.PaddedRow(y), scratch.AsSpan(stride));
                    Breaks(solver, y, scratch);
                }

                CellGrid.Gather(scratch.AsSpan(0, stride), energy.Row(cellRow));
            }
        });
        var calm = Calm = CalmCells(energy, information, rule);
        workers.Rows(height, 16, () => new float[2 * stride + cells], (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                CellGrid.Read(information, y, scratch.AsSpan(0, stride), scratch.AsSpan(2 * stride));
                CellGrid.Read(calm, y, scratch.AsSpan(stride, stride), scratch.AsSpan(2 * stride));
                Weigh(solver, y, scratch, stride, rule);
                Faults?.SetLinks(solver, right, down, scratch.AsSpan(0, stride), rule.FaultReach, y);
                right.Data[right.At(width - 1, y)] = solver.Right.Data[right.At(width - 1, y)] = 0;
            }
        });
        solver.Down.Row(height - 1).Clear();
        down.Row(height - 1).Clear();
        if (rule.AlongReach > 0)
            SetAlong(solver, information, calm, rule);
    }

    /// <summary>Links along the chosen direction, from each pixel to the one <see cref="CoupledSolver.AlongX"/>, <see cref="CoupledSolver.AlongY"/> away.</summary>
    private void SetAlong(CoupledSolver solver, Raster<float> information, Raster<float> calm, LinkRule rule)
    {
        int ox = solver.AlongX, oy = solver.AlongY;
        float length2 = ox * ox + oy * oy, reach2 = (float)(rule.AlongReach * rule.AlongReach) / length2;
        workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                for (int x = 0; x < width; x++)
                {
                    int at = right.At(x, y), to = right.At(x + ox, y + oy), cell = y / CellGrid.Side * calm.Width + x / CellGrid.Side;
                    if ((uint)(x + ox) >= (uint)width || (uint)(y + oy) >= (uint)height || (Faults is not null && Faults.Parts(x, y, x + ox, y + oy)))
                    {
                        solver.Along.Data[at] = 0;
                        continue;
                    }

                    float vx = ox * solver.Vxx.Data[at] + oy * solver.Vxy.Data[at], vy = ox * solver.Vyx.Data[at] + oy * solver.Vyy.Data[at];
                    float ex = solver.Dx.Data[to] - solver.Dx.Data[at] - vx, ey = solver.Dy.Data[to] - solver.Dy.Data[at] - vy;
                    float inside = Math.Max(information.Pixels[cell], 1e-6f);
                    float inverse = (1.0001f - calm.Pixels[cell]) / (length2 * (rule.Scale * rule.Scale + rule.NoiseScale * rule.NoiseScale / inside));
                    float q = 1 / (1 + (ex * ex + ey * ey) * inverse);
                    solver.Along.Data[at] = inside * reach2 * Math.Max(q * q, rule.Floor);
                    solver.Vax.Data[at] = vx;
                    solver.Vay.Data[at] = vy;
                }
        });
    }

    /// <summary>Information, 1 / px^2, below which a cell counts as unseen.</summary>
    private const float LeastInformation = 1e-5f;

    /// <summary>Whether the images say anything about a cell.</summary>
    public bool Sees(int cell, Raster<float> information) => information.Pixels[cell] > LeastInformation && (Seen is null || Seen.Pixels[cell] > 0);

    /// <summary>1 where the breaks look like noise, towards 0 where they are so much stronger than elsewhere that a fault must run there.</summary>
    private Raster<float> CalmCells(Raster<float> energy, Raster<float> information, LinkRule rule)
    {
        var ratio = CellGrid.Smooth(energy, rule.EvidenceCells, workers);
        var calm = CellGrid.Create(width, height);
        // Cells under a mask say nothing and are smooth by continuation: counted, they would make all others look unusual.
        int seen = 0;
        for (int c = 0; c < calm.Pixels.Length; c++)
        {
            ratio.Pixels[c] *= Math.Max(information.Pixels[c], 1e-6f);
            if (Sees(c, information))
                calm.Pixels[seen++] = ratio.Pixels[c];
        }

        float usual = Math.Max(1e-12f, seen == 0 ? 0 : (float)OrderStatistics.Median(calm.Pixels.AsSpan(0, seen)));
        for (int c = 0; c < calm.Pixels.Length; c++)
        {
            float q = ratio.Pixels[c] / (usual * rule.Threshold);
            calm.Pixels[c] = Faults is not null && Faults.Beside(c) ? 0 : 1 / (1 + q * q * q * q);
        }

        return calm;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Accumulate(CoupledSolver solver, int y, float[] scratch, int stride)
    {
        ref float sum = ref MemoryMarshal.GetArrayDataReference(scratch);
        ref float dx = ref solver.Dx.Origin, dy = ref solver.Dy.Origin, r = ref right.Origin, d = ref down.Origin;
        int start = right.At(0, y), next = right.Stride;
        for (int x = 0; x < stride; x += 8)
        {
            nuint at = (nuint)(start + x), below = (nuint)(start + x + next);
            var wr = Vector256.LoadUnsafe(ref r, at);
            var wd = Vector256.LoadUnsafe(ref d, at);
            var ux = Vector256.LoadUnsafe(ref dx, at);
            var uy = Vector256.LoadUnsafe(ref dy, at);
            Add(ref sum, x, wr * (Vector256.LoadUnsafe(ref dx, at + 1) - ux));
            Add(ref sum, stride + x, wr * (Vector256.LoadUnsafe(ref dy, at + 1) - uy));
            Add(ref sum, 2 * stride + x, wd * (Vector256.LoadUnsafe(ref dx, below) - ux));
            Add(ref sum, 3 * stride + x, wd * (Vector256.LoadUnsafe(ref dy, below) - uy));
            Add(ref sum, 4 * stride + x, wr);
            Add(ref sum, 5 * stride + x, wd);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float sum, int at, Vector256<float> value) => (Vector256.LoadUnsafe(ref sum, (nuint)at) + value).StoreUnsafe(ref sum, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Breaks(CoupledSolver solver, int y, float[] scratch)
    {
        ref float sum = ref MemoryMarshal.GetArrayDataReference(scratch);
        ref float dx = ref solver.Dx.Origin, dy = ref solver.Dy.Origin;
        ref float vxx = ref solver.Vxx.Origin, vyx = ref solver.Vyx.Origin, vxy = ref solver.Vxy.Origin, vyy = ref solver.Vyy.Origin;
        int start = right.At(0, y), next = y + 1 < height ? right.Stride : 0;
        for (int x = 0; x < width - 8; x += 8)
        {
            nuint at = (nuint)(start + x), below = (nuint)(start + x + next);
            var ux = Vector256.LoadUnsafe(ref dx, at);
            var uy = Vector256.LoadUnsafe(ref dy, at);
            var ex = Vector256.LoadUnsafe(ref dx, at + 1) - ux - Vector256.LoadUnsafe(ref vxx, at);
            var ey = Vector256.LoadUnsafe(ref dy, at + 1) - uy - Vector256.LoadUnsafe(ref vyx, at);
            var fx = Vector256.LoadUnsafe(ref dx, below) - ux - Vector256.LoadUnsafe(ref vxy, at);
            var fy = Vector256.LoadUnsafe(ref dy, below) - uy - Vector256.LoadUnsafe(ref vyy, at);
            Add(ref sum, x, ex * ex + ey * ey + fx * fx + fy * fy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh(CoupledSolver solver, int y, float[] cells, int stride, LinkRule rule)
    {
        ref float cell = ref MemoryMarshal.GetArrayDataReference(cells);
        ref float dx = ref solver.Dx.Origin, dy = ref solver.Dy.Origin, r = ref right.Origin, d = ref down.Origin, linkR = ref solver.Right.Origin, linkD = ref solver.Down.Origin;
        ref float vxx = ref solver.Vxx.Origin, vyx = ref solver.Vyx.Origin, vxy = ref solver.Vxy.Origin, vyy = ref solver.Vyy.Origin;
        int start = right.At(0, y), next = right.Stride;
        var calmReach = Vector256.Create((float)(rule.CalmReach * rule.CalmReach));
        var faultReach = Vector256.Create((float)(rule.FaultReach * rule.FaultReach));
        for (int x = 0; x < solver.Dx.Padded; x += 8)
        {
            nuint at = (nuint)(start + x), below = (nuint)(start + x + next);
            var inside = Vector256.Max(Vector256.LoadUnsafe(ref cell, (nuint)x), Vector256.Create(1e-6f));
            var calm = Vector256.LoadUnsafe(ref cell, (nuint)(stride + x));
            var reach = inside * (calm * calmReach + (Vector256<float>.One - calm) * faultReach);
            // Where all is calm a link does not break: the scale of a break grows a hundredfold.
            var inverse = (Vector256.Create(1.0001f) - calm) / (Vector256.Create(rule.Scale * rule.Scale) + Vector256.Create(rule.NoiseScale * rule.NoiseScale) / inside);
            var ux = Vector256.LoadUnsafe(ref dx, at);
            var uy = Vector256.LoadUnsafe(ref dy, at);
            var ex = Vector256.LoadUnsafe(ref dx, at + 1) - ux - Vector256.LoadUnsafe(ref vxx, at);
            var ey = Vector256.LoadUnsafe(ref dy, at + 1) - uy - Vector256.LoadUnsafe(ref vyx, at);
            var weight = Weight(ex * ex + ey * ey, inverse, rule.Floor);
            weight.StoreUnsafe(ref r, at);
            (weight * reach).StoreUnsafe(ref linkR, at);
            ex = Vector256.LoadUnsafe(ref dx, below) - ux - Vector256.LoadUnsafe(ref vxy, at);
            ey = Vector256.LoadUnsafe(ref dy, below) - uy - Vector256.LoadUnsafe(ref vyy, at);
            weight = Weight(ex * ex + ey * ey, inverse, rule.Floor);
            weight.StoreUnsafe(ref d, at);
            (weight * reach).StoreUnsafe(ref linkD, at);
        }

        // Beyond the last column there is nothing to link to.
        right.Data.AsSpan(start + width, solver.Dx.Padded - width).Clear();
        down.Data.AsSpan(start + width, solver.Dx.Padded - width).Clear();
        solver.Right.Data.AsSpan(start + width, solver.Dx.Padded - width).Clear();
        solver.Down.Data.AsSpan(start + width, solver.Dx.Padded - width).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Weight(Vector256<float> square, Vector256<float> inverseScale, float floor)
    {
        var q = Vector256<float>.One / (Vector256<float>.One + square * inverseScale);
        return Vector256.Max(q * q, Vector256.Create(floor));
    }
}

/// <summary>How links are weighed.</summary>
/// <param name="CalmReach">Pixels over which links smooth where no fault runs.</param>
/// <param name="FaultReach">The same beside a fault.</param>
/// <param name="AlongReach">Pixels over which the links along the chosen direction smooth; 0 without one.</param>
/// <param name="Scale">Break with the slope, px/px, at which a link has lost three quarters of its weight.</param>
/// <param name="NoiseScale">The same in units of the standard error of one pixel.</param>
/// <param name="Floor">Least share of its weight that a link keeps.</param>
/// <param name="Threshold">How many times stronger than usual the breaks of a neighbourhood must be to count as a fault.</param>
/// <param name="EvidenceCells">Gaussian sigma, in cells, of that neighbourhood.</param>
internal readonly record struct LinkRule(double CalmReach, double FaultReach, double AlongReach, float Scale, float NoiseScale, float Floor, float Threshold, double EvidenceCells);
