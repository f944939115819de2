using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// The part of the solver's preconditioner that carries corrections over many pixels at once: the residual summed over cells of 4, 8, 16 ... pixels, each divided by the
/// diagonal of the equations summed the same way (Bramble, Pasciak and Xu 1990, Mathematics of Computation 55, 1-22, with piecewise constant steps).
/// </summary>
internal sealed class CoarseCorrection
{
    private const int Levels = 5;

    private readonly List<Cells> levels = [];
    private readonly Workers workers;
    private readonly int height;

    public CoarseCorrection(int width, int height, Workers workers)
    {
        (this.height, this.workers) = (height, workers);
        int columns = (width + CellGrid.Side - 1) / CellGrid.Side, rows = (height + CellGrid.Side - 1) / CellGrid.Side;
        for (int level = 0; level < Levels && (level == 0 || Math.Min(columns, rows) > 1); level++)
        {
            levels.Add(new Cells(columns, rows));
            (columns, rows) = ((columns + 1) / 2, (rows + 1) / 2);
        }
    }

    /// <summary>Residual summed over each cell; filled by the solver, row by row of cells.</summary>
    public Raster<float> ResidualX => levels[0].Rx;

    public Raster<float> ResidualY => levels[0].Ry;

    /// <summary>Correction of each cell, once <see cref="Correct"/> is done.</summary>
    public Raster<float> CorrectionX => levels[0].Zx;

    public Raster<float> CorrectionY => levels[0].Zy;

    public void Prepare(CoupledSolver solver)
    {
        var first = levels[0];
        int stride = solver.Dx.Padded;
        workers.Rows(first.A11.Height, 4, () => new float[4 * stride], (from, to, sums) =>
        {
            for (int row = from; row < to; row++)
            {
                Array.Clear(sums);
                int top = row * CellGrid.Side, bottom = Math.Min(height, top + CellGrid.Side);
                for (int y = top; y < bottom; y++)
                {
                    Sum(solver.A11, y, sums, 0);
                    Sum(solver.A12, y, sums, stride);
                    Sum(solver.A22, y, sums, 2 * stride);
                    Sum(solver.Right, y, sums, 3 * stride);
                }

                CellGrid.Gather(sums.AsSpan(0, stride), first.A11.Row(row));
                CellGrid.Gather(sums.AsSpan(stride, stride), first.A12.Row(row));
                CellGrid.Gather(sums.AsSpan(2 * stride, stride), first.A22.Row(row));
                var right = first.Right.Row(row);
                for (int c = 0; c < right.Length; c++)
                    right[c] = sums[3 * stride + 4 * c + 3];
                CellGrid.Gather(solver.Down.PaddedRow(bottom - 1), first.Down.Row(row));
            }
        });
        for (int level = 1; level < levels.Count; level++)
            levels[level].From(levels[level - 1]);
        foreach (var cells in levels)
            cells.Invert();
    }

    /// <summary>
    /// Copies equations and residuals of the cells. A cell's links across its side are <see cref="CellGrid.Side"/> times too stiff for a field that changes evenly
    /// between the centres of cells.
    /// </summary>
    public void CopyTo(CoupledSolver solver)
    {
        var first = levels[0];
        solver.A11.Load(first.A11);
        solver.A12.Load(first.A12);
        solver.A22.Load(first.A22);
        solver.Bx.Load(first.Rx);
        solver.By.Load(first.Ry);
        const float even = 1f / CellGrid.Side;
        for (int y = 0; y < first.Right.Height; y++)
        {
            Span<float> right = first.Right.Row(y), down = first.Down.Row(y), toRight = solver.Right.Row(y), toDown = solver.Down.Row(y);
            for (int x = 0; x < right.Length; x++)
                (toRight[x], toDown[x]) = (even * right[x], even * down[x]);
        }

        Array.Clear(solver.Dx.Data);
        Array.Clear(solver.Dy.Data);
    }

    /// <summary>Turns the residuals of the cells into corrections; returns the sum over cells of correction times residual.</summary>
    public double Correct()
    {
        for (int level = 1; level < levels.Count; level++)
            levels[level].Restrict(levels[level - 1]);
        double dot = 0;
        for (int level = levels.Count - 1; level >= 0; level--)
            levels[level].Solve(level + 1 < levels.Count ? levels[level + 1] : null);
        for (int i = 0; i < ResidualX.Pixels.Length; i++)
            dot += (double)ResidualX.Pixels[i] * CorrectionX.Pixels[i] + (double)ResidualY.Pixels[i] * CorrectionY.Pixels[i];
        return dot;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(Plane plane, int y, float[] sums, int offset)
    {
        ref float from = ref plane.Origin, to = ref MemoryMarshal.GetArrayDataReference(sums);
        int start = plane.At(0, y);
        for (int x = 0; x < plane.Padded; x += 8)
            (Vector256.LoadUnsafe(ref from, (nuint)(start + x)) + Vector256.LoadUnsafe(ref to, (nuint)(offset + x))).StoreUnsafe(ref to, (nuint)(offset + x));
    }

    private sealed class Cells(int width, int height)
    {
        public readonly Raster<float> A11 = new(width, height), A12 = new(width, height), A22 = new(width, height), Right = new(width, height), Down = new(width, height);
        public readonly Raster<float> Rx = new(width, height), Ry = new(width, height), Zx = new(width, height), Zy = new(width, height);
        private readonly Raster<float> m11 = new(width, height), m12 = new(width, height), m22 = new(width, height);

        public void From(Cells fine)
        {
            Quarter(fine.A11, A11);
            Quarter(fine.A12, A12);
            Quarter(fine.A22, A22);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    int x1 = 2 * x + 1, y1 = 2 * y + 1;
                    Right[x, y] = x1 < fine.Right.Width ? fine.Right[x1, 2 * y] + (y1 < fine.Right.Height ? fine.Right[x1, y1] : 0) : 0;
                    Down[x, y] = y1 < fine.Down.Height ? fine.Down[2 * x, y1] + (x1 < fine.Down.Width ? fine.Down[x1, y1] : 0) : 0;
                }
        }

        public void Restrict(Cells fine)
        {
            Quarter(fine.Rx, Rx);
            Quarter(fine.Ry, Ry);
        }

        public void Invert()
        {
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    float links = Right[x, y] + Down[x, y] + (x > 0 ? Right[x - 1, y] : 0) + (y > 0 ? Down[x, y - 1] : 0) + 1e-9f;
                    float a = A11[x, y] + links, b = A12[x, y], c = A22[x, y] + links, scale = 1 / (a * c - b * b);
                    (m11[x, y], m12[x, y], m22[x, y]) = (c * scale, -b * scale, a * scale);
                }
        }

        public void Solve(Cells? coarse)
        {
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    float u = Rx[x, y], v = Ry[x, y];
                    Zx[x, y] = m11[x, y] * u + m12[x, y] * v + (coarse is null ? 0 : coarse.Zx[x / 2, y / 2]);
                    Zy[x, y] = m12[x, y] * u + m22[x, y] * v + (coarse is null ? 0 : coarse.Zy[x / 2, y / 2]);
                }
        }

        private static void Quarter(Raster<float> fine, Raster<float> coarse)
        {
            for (int y = 0; y < coarse.Height; y++)
            {
                var a = fine.Row(2 * y);
                var b = 2 * y + 1 < fine.Height ? fine.Row(2 * y + 1) : default;
                var to = coarse.Row(y);
                for (int x = 0; x < to.Length; x++)
                {
                    bool pair = 2 * x + 1 < a.Length;
                    to[x] = a[2 * x] + (pair ? a[2 * x + 1] : 0) + (b.IsEmpty ? 0 : b[2 * x] + (pair ? b[2 * x + 1] : 0));
                }
            }
        }
    }
}
