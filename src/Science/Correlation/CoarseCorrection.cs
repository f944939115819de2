using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// The part of the solver's preconditioner that carries corrections over many pixels at once: the residual summed over cells of 4, 8, 16 ... pixels, each divided by the
/// diagonal of the equations summed the same way (Bramble, Pasciak and Xu 1990, Mathematics of Computation 55, 1-22, with piecewise constant steps).
/// Cells are only worked on where the solver is.
/// </summary>
internal sealed class CoarseCorrection
{
    public const int Levels = 5;

    /// <summary>Rows of cells that one thread takes at once.</summary>
    private const int RowsPerBand = 16;

    private readonly List<Cells> levels = [];
    private readonly double[] rowSums;
    private readonly Workers workers;
    private readonly int height;

    public CoarseCorrection(int width, int height, Workers workers)
    {
        (this.height, this.workers) = (height, workers);
        int columns = (width + CellGrid.Side - 1) / CellGrid.Side, rows = (height + CellGrid.Side - 1) / CellGrid.Side;
        rowSums = new double[rows];
        (ImageX, ImageY) = (new Plane(columns, rows), new Plane(columns, rows));
        for (int level = 0; level < Levels && (level == 0 || Math.Min(columns, rows) > 1); level++)
        {
            levels.Add(new Cells(columns, rows));
            (columns, rows) = ((columns + 1) / 2, (rows + 1) / 2);
        }
    }

    /// <summary>Residual summed over each cell; filled by the solver, row by row of cells.</summary>
    public Plane ResidualX => levels[0].Rx;

    public Plane ResidualY => levels[0].Ry;

    /// <summary>What the equations make of the search direction, summed over each cell; filled by the solver.</summary>
    public Plane ImageX { get; }

    public Plane ImageY { get; }

    /// <summary>Correction of each cell, once <see cref="Correct"/> is done.</summary>
    public Plane CorrectionX => levels[0].Zx;

    public Plane CorrectionY => levels[0].Zy;

    /// <summary>Sums the equations of <paramref name="solver"/>, on the finest cells only where <paramref name="active"/>, and forgets the residuals.</summary>
    public void Prepare(CoupledSolver solver, ActiveColumns active)
    {
        var first = levels[0];
        int stride = solver.Dx.Padded;
        workers.Rows(first.A11.Height, RowsPerBand, () => new float[4 * stride], (from, to, sums) =>
        {
            for (int row = from; row < to; row++)
                foreach (var (left, right) in active[row])
                    first.Sum(solver, row, left, right, sums, Math.Min(height, (row + 1) * CellGrid.Side));
        });
        for (int level = 1; level < levels.Count; level++)
            levels[level].From(levels[level - 1], active, level);
        for (int level = 0; level < levels.Count; level++)
            levels[level].Invert(active, level);
        // The solver fills in the cells that it works on; all others are to count for nothing.
        foreach (var plane in new[] { ResidualX, ResidualY, ImageX, ImageY })
            plane.Clear();
    }

    /// <summary>
    /// Copies equations and residuals of the cells. A cell's links across its side are <see cref="CellGrid.Side"/> times too stiff for a field that changes evenly
    /// between the centres of cells.
    /// </summary>
    public void CopyTo(CoupledSolver solver)
    {
        var first = levels[0];
        solver.A11.Copy(first.A11);
        solver.A12.Copy(first.A12);
        solver.A22.Copy(first.A22);
        solver.Bx.Copy(first.Rx);
        solver.By.Copy(first.Ry);
        const float even = 1f / CellGrid.Side;
        for (int y = 0; y < first.Right.Height; y++)
        {
            Span<float> right = first.Right.Row(y), down = first.Down.Row(y), toRight = solver.Right.Row(y), toDown = solver.Down.Row(y);
            for (int x = 0; x < right.Length; x++)
                (toRight[x], toDown[x]) = (even * right[x], even * down[x]);
        }

        solver.Dx.Clear();
        solver.Dy.Clear();
    }

    /// <summary>Takes the residuals of the cells along with a step of <paramref name="alpha"/>.</summary>
    public void Reduce(float alpha, ActiveColumns active)
    {
        for (int row = 0; row < ResidualX.Height; row++)
            foreach (var (from, to) in active.Cells(0, row))
            {
                Subtract(ResidualX, ImageX, row, from, to, alpha);
                Subtract(ResidualY, ImageY, row, from, to, alpha);
            }
    }

    /// <summary>Turns the residuals of the cells into corrections; returns the sum over cells of correction times residual.</summary>
    public double Correct(ActiveColumns active)
    {
        for (int level = 1; level < levels.Count; level++)
            levels[level].Restrict(levels[level - 1], active, level);
        for (int level = levels.Count - 1; level > 0; level--)
            levels[level].Solve(level + 1 < levels.Count ? levels[level + 1] : null, active, level);
        var (finest, next) = (levels[0], levels.Count > 1 ? levels[1] : null);
        workers.Rows(rowSums.Length, RowsPerBand, (first, afterLast) =>
        {
            for (int row = first; row < afterLast; row++)
            {
                rowSums[row] = 0;
                foreach (var (from, to) in active.Cells(0, row))
                    rowSums[row] += finest.SolveRow(next, row, from, to);
            }
        });
        double dot = 0;
        foreach (double row in rowSums)
            dot += row;
        return dot;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(Plane plane, Plane image, int row, int from, int to, float alpha)
    {
        ref float r = ref plane.Origin, q = ref image.Origin;
        var step = Vector256.Create(alpha);
        for (int at = plane.At(from, row); at < plane.At(to, row); at += 8)
            (Vector256.LoadUnsafe(ref r, (nuint)at) - step * Vector256.LoadUnsafe(ref q, (nuint)at)).StoreUnsafe(ref r, (nuint)at);
    }

    /// <summary>One size of cells, worked on in whole vectors.</summary>
    private sealed class Cells(int width, int height)
    {
        public readonly Plane A11 = new(width, height), A12 = new(width, height), A22 = new(width, height), Right = new(width, height), Down = new(width, height);
        public readonly Plane Rx = new(width, height), Ry = new(width, height), Zx = new(width, height), Zy = new(width, height);
        private readonly Plane m11 = new(width, height), m12 = new(width, height), m22 = new(width, height);

        /// <summary>Sums pixels into the cells of one row.</summary>
        public void Sum(CoupledSolver solver, int row, int left, int right, float[] sums, int bottom)
        {
            int stride = solver.Dx.Padded, top = row * CellGrid.Side, first = left / CellGrid.Side, count = (right - left) / CellGrid.Side;
            for (int i = 0; i < 4; i++)
                sums.AsSpan(i * stride + left, right - left).Clear();
            for (int y = top; y < bottom; y++)
            {
                Add(solver.A11, y, left, right, sums, 0);
                Add(solver.A12, y, left, right, sums, stride);
                Add(solver.A22, y, left, right, sums, 2 * stride);
                Add(solver.Right, y, left, right, sums, 3 * stride);
            }

            CellGrid.Gather(sums.AsSpan(left, right - left), A11.PaddedRow(row).Slice(first, count));
            CellGrid.Gather(sums.AsSpan(stride + left, right - left), A12.PaddedRow(row).Slice(first, count));
            CellGrid.Gather(sums.AsSpan(2 * stride + left, right - left), A22.PaddedRow(row).Slice(first, count));
            CellGrid.Gather(solver.Down.PaddedRow(bottom - 1)[left..right], Down.PaddedRow(row).Slice(first, count));
            var links = Right.PaddedRow(row);
            for (int c = first; c < first + count; c++)
                links[c] = sums[3 * stride + 4 * c + 3];
        }

        public void From(Cells fine, ActiveColumns active, int level)
        {
            for (int y = 0; y < height; y++)
                foreach (var (from, to) in active.Cells(level, y))
                {
                    PairUp(fine.A11, A11, y, from, to);
                    PairUp(fine.A12, A12, y, from, to);
                    PairUp(fine.A22, A22, y, from, to);
                    Links(fine, y, from, to);
                }
        }

        public void Restrict(Cells fine, ActiveColumns active, int level)
        {
            for (int y = 0; y < height; y++)
                foreach (var (from, to) in active.Cells(level, y))
                {
                    PairUp(fine.Rx, Rx, y, from, to);
                    PairUp(fine.Ry, Ry, y, from, to);
                }
        }

        public void Invert(ActiveColumns active, int level)
        {
            for (int y = 0; y < height; y++)
                foreach (var (from, to) in active.Cells(level, y))
                    InvertRow(y, from, to);
        }

        public void Solve(Cells? coarse, ActiveColumns active, int level)
        {
            for (int y = 0; y < height; y++)
                foreach (var (from, to) in active.Cells(level, y))
                    SolveRow(coarse, y, from, to);
        }

        /// <summary>Corrections of one row; returns the sum of correction times residual.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public double SolveRow(Cells? coarse, int y, int from, int to)
        {
            ref float rx = ref Rx.Origin, ry = ref Ry.Origin, zx = ref Zx.Origin, zy = ref Zy.Origin, i11 = ref m11.Origin, i12 = ref m12.Origin, i22 = ref m22.Origin;
            ref float cx = ref (coarse ?? this).Zx.Origin, cy = ref (coarse ?? this).Zy.Origin;
            int start = Rx.At(0, y), above = coarse?.Zx.At(0, y / 2) ?? 0;
            var twice = Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3);
            var sum = Vector256<float>.Zero;
            for (int x = from; x < to; x += 8)
            {
                nuint at = (nuint)(start + x);
                var u = Vector256.LoadUnsafe(ref rx, at);
                var v = Vector256.LoadUnsafe(ref ry, at);
                var cross = Vector256.LoadUnsafe(ref i12, at);
                var correctionX = Vector256.LoadUnsafe(ref i11, at) * u + cross * v;
                var correctionY = cross * u + Vector256.LoadUnsafe(ref i22, at) * v;
                if (coarse is not null)
                {
                    var (coarseX, coarseY) = (Vector128.LoadUnsafe(ref cx, (nuint)(above + x / 2)), Vector128.LoadUnsafe(ref cy, (nuint)(above + x / 2)));
                    correctionX += Vector256.Shuffle(Vector256.Create(coarseX, coarseX), twice);
                    correctionY += Vector256.Shuffle(Vector256.Create(coarseY, coarseY), twice);
                }

                correctionX.StoreUnsafe(ref zx, at);
                correctionY.StoreUnsafe(ref zy, at);
                sum += correctionX * u + correctionY * v;
            }

            return Vector256.Sum(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void InvertRow(int y, int from, int to)
        {
            ref float right = ref Right.Origin, down = ref Down.Origin, a11 = ref A11.Origin, a12 = ref A12.Origin, a22 = ref A22.Origin;
            ref float i11 = ref m11.Origin, i12 = ref m12.Origin, i22 = ref m22.Origin;
            int start = A11.At(0, y), stride = A11.Stride;
            for (int x = from; x < to; x += 8)
            {
                nuint at = (nuint)(start + x);
                var links = Vector256.LoadUnsafe(ref right, at) + Vector256.LoadUnsafe(ref right, at - 1)
                    + Vector256.LoadUnsafe(ref down, at) + Vector256.LoadUnsafe(ref down, at - (nuint)stride) + Vector256.Create(1e-9f);
                var a = Vector256.LoadUnsafe(ref a11, at) + links;
                var b = Vector256.LoadUnsafe(ref a12, at);
                var c = Vector256.LoadUnsafe(ref a22, at) + links;
                var scale = Vector256<float>.One / (a * c - b * b);
                (c * scale).StoreUnsafe(ref i11, at);
                (-b * scale).StoreUnsafe(ref i12, at);
                (a * scale).StoreUnsafe(ref i22, at);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void PairUp(Plane fine, Plane coarse, int y, int from, int to)
        {
            ref float input = ref fine.Origin, output = ref coarse.Origin;
            int top = fine.At(0, 2 * y), start = coarse.At(0, y), stride = fine.Stride;
            for (int x = from; x < to; x += 8)
            {
                nuint at = (nuint)(top + 2 * x), below = at + (nuint)stride;
                var left = Vector256.LoadUnsafe(ref input, at) + Vector256.LoadUnsafe(ref input, below);
                var right = Vector256.LoadUnsafe(ref input, at + 8) + Vector256.LoadUnsafe(ref input, below + 8);
                (Even(left, right) + Odd(left, right)).StoreUnsafe(ref output, (nuint)(start + x));
            }
        }

        /// <summary>A link across the side of a cell is the sum of those of the finer cells along that side.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Links(Cells fine, int y, int from, int to)
        {
            ref float fineRight = ref fine.Right.Origin, fineDown = ref fine.Down.Origin, right = ref Right.Origin, down = ref Down.Origin;
            int top = fine.Right.At(0, 2 * y), start = Right.At(0, y), stride = fine.Right.Stride;
            for (int x = from; x < to; x += 8)
            {
                nuint at = (nuint)(top + 2 * x), below = at + (nuint)stride;
                Odd(Vector256.LoadUnsafe(ref fineRight, at) + Vector256.LoadUnsafe(ref fineRight, below),
                    Vector256.LoadUnsafe(ref fineRight, at + 8) + Vector256.LoadUnsafe(ref fineRight, below + 8)).StoreUnsafe(ref right, (nuint)(start + x));
                var (west, east) = (Vector256.LoadUnsafe(ref fineDown, below), Vector256.LoadUnsafe(ref fineDown, below + 8));
                (Even(west, east) + Odd(west, east)).StoreUnsafe(ref down, (nuint)(start + x));
            }
        }

        private static void Add(Plane plane, int y, int left, int right, float[] sums, int offset)
        {
            ref float from = ref plane.Origin, to = ref MemoryMarshal.GetArrayDataReference(sums);
            int start = plane.At(0, y);
            for (int x = left; x < right; x += 8)
                (Vector256.LoadUnsafe(ref from, (nuint)(start + x)) + Vector256.LoadUnsafe(ref to, (nuint)(offset + x))).StoreUnsafe(ref to, (nuint)(offset + x));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Even(Vector256<float> left, Vector256<float> right) =>
            Vector256.Create(Vector256.Shuffle(left, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower(), Vector256.Shuffle(right, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Odd(Vector256<float> left, Vector256<float> right) =>
            Vector256.Create(Vector256.Shuffle(left, Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)).GetLower(), Vector256.Shuffle(right, Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)).GetLower());
    }
}
