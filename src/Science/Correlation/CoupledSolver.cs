using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Solves, for both displacement components at once, sum over pixels of (d' A d - 2 b' d) + sum over links of w |d_j - d_i - v|^2 = min
/// by conjugate gradients, preconditioned by the 2 x 2 blocks of the diagonal and by corrections over growing cells. Sums run row by row in a fixed order.
/// </summary>
internal sealed class CoupledSolver
{
    private const int CellRowsPerBand = 4;

    private readonly Plane rx, ry, px, py, qx, qy, m11, m12, m22;
    private readonly double[] rowSums;
    private readonly CoarseCorrection coarse;
    private readonly Workers workers;

    public CoupledSolver(int width, int height, Workers workers)
    {
        this.workers = workers;
        (A11, A12, A22, Bx, By) = (new(width, height), new(width, height), new(width, height), new(width, height), new(width, height));
        (Right, Down, Dx, Dy) = (new(width, height), new(width, height), new(width, height), new(width, height));
        (Vxx, Vxy, Vyx, Vyy) = (new(width, height), new(width, height), new(width, height), new(width, height));
        (Along, Vax, Vay) = (new(width, height), new(width, height), new(width, height));
        (rx, ry, px, py, qx, qy) = (new(width, height), new(width, height), new(width, height), new(width, height), new(width, height), new(width, height));
        (m11, m12, m22) = (new(width, height), new(width, height), new(width, height));
        rowSums = new double[height];
        coarse = new CoarseCorrection(width, height, workers);
        Active = ActiveColumns.Everywhere(width, height);
    }

    public Plane A11 { get; }
    public Plane A12 { get; }
    public Plane A22 { get; }
    public Plane Bx { get; }
    public Plane By { get; }

    /// <summary>Weight of the link from (x, y) to (x + 1, y); 0 in the last column.</summary>
    public Plane Right { get; }

    /// <summary>Weight of the link from (x, y) to (x, y + 1); 0 in the last row.</summary>
    public Plane Down { get; }

    /// <summary>Weight of the link from (x, y) to (x + AlongX, y + AlongY), used when that offset is not zero; 0 where it leaves the image.</summary>
    public Plane Along { get; }

    public int AlongX { get; init; }
    public int AlongY { get; init; }

    /// <summary>Expected change of dx and of dy along that link.</summary>
    public Plane Vax { get; }
    public Plane Vay { get; }

    public Plane Dx { get; }
    public Plane Dy { get; }

    /// <summary>Expected change of dx along the link to the right, of dy along it, of dx along the link down, of dy along it.</summary>
    public Plane Vxx { get; }
    public Plane Vyx { get; }
    public Plane Vxy { get; }
    public Plane Vyy { get; }

    /// <summary>Where the field may change; elsewhere it is held.</summary>
    public ActiveColumns Active { get; set; }

    /// <summary>Improves Dx and Dy by <paramref name="iterations"/> steps.</summary>
    public void Solve(int iterations)
    {
        coarse.Prepare(this);
        if (!Active.Whole)
        {
            // Outside the active columns the search direction must be zero.
            Array.Clear(px.Data);
            Array.Clear(py.Data);
        }

        EachRow((y, from, to, sums) =>
        {
            Precondition(y, from, to);
            Operator(y, from, to, Dx, Dy, qx, qy);
            if (Directed)
                AddAlong(y, from, to, Dx, Dy, qx, qy);
            return Begin(y, from, to, sums);
        });
        double rho = Sum() + coarse.Correct();
        Direction(0);
        for (int i = 0; i < iterations && rho > 1e-12; i++)
        {
            EachRow((y, from, to, _) => Operator(y, from, to, px, py, qx, qy) + (Directed ? AddAlong(y, from, to, px, py, qx, qy) : 0), false);
            double curvature = Sum();
            if (!(curvature > 0))
                break;
            float alpha = (float)(rho / curvature);
            EachRow((y, from, to, sums) => Advance(y, from, to, alpha, sums));
            if (i == iterations - 1)
                break;
            double next = Sum() + coarse.Correct();
            Direction((float)(next / rho));
            rho = next;
        }
    }

    /// <summary>
    /// Sets up in <paramref name="cells"/> the equations of a correction that is smooth over cells: residual and information of a cell's pixels summed, links as strong
    /// per length as the pixels' own.
    /// </summary>
    public void GatherCells(CoupledSolver cells)
    {
        coarse.Prepare(this);
        EachRow((y, from, to, sums) =>
        {
            Operator(y, from, to, Dx, Dy, qx, qy);
            return Begin(y, from, to, sums);
        });
        coarse.CopyTo(cells);
    }

    public bool Directed => AlongX != 0 || AlongY != 0;

    /// <summary>Adds the links along the chosen direction to the operator's row; returns what they add to its dot product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double AddAlong(int y, int from, int to, Plane ux, Plane uy, Plane outX, Plane outY)
    {
        ref float link = ref Origin(Along), x = ref Origin(ux), yy = ref Origin(uy), ox = ref Origin(outX), oy = ref Origin(outY);
        int start = Dx.At(0, y), offset = AlongY * Dx.Stride + AlongX;
        var sum = Vector256<float>.Zero;
        for (int at = start + from; at < start + to; at += 8)
        {
            var forth = Get(ref link, at);
            var back = Get(ref link, at - offset);
            var cx = Get(ref x, at);
            var cy = Get(ref yy, at);
            var addX = forth * (cx - Get(ref x, at + offset)) + back * (cx - Get(ref x, at - offset));
            var addY = forth * (cy - Get(ref yy, at + offset)) + back * (cy - Get(ref yy, at - offset));
            (Get(ref ox, at) + addX).StoreUnsafe(ref ox, (nuint)at);
            (Get(ref oy, at) + addY).StoreUnsafe(ref oy, (nuint)at);
            sum += addX * cx + addY * cy;
        }

        return Vector256.Sum(sum);
    }

    private void Direction(float beta)
    {
        int padded = Dx.Padded, cells = coarse.CorrectionX.Width;
        workers.Rows(coarse.CorrectionX.Height, CellRowsPerBand, () => new float[2 * padded], (first, afterLast, scratch) =>
        {
            for (int row = first; row < afterLast; row++)
            {
                if (Active[row].Length == 0)
                    continue;
                Span<float> cx = coarse.CorrectionX.Row(row), cy = coarse.CorrectionY.Row(row);
                for (int c = 0; c < cells; c++)
                {
                    scratch.AsSpan(4 * c, 4).Fill(cx[c]);
                    scratch.AsSpan(padded + 4 * c, 4).Fill(cy[c]);
                }

                for (int y = row * CellGrid.Side; y < Math.Min(Dx.Height, (row + 1) * CellGrid.Side); y++)
                    foreach (var (from, to) in Active[row])
                        Direct(y, from, to, beta, scratch, padded);
            }
        });
    }

    /// <summary>Calls <paramref name="kernel"/> for the active columns of every row and keeps the sum it returns; the residual that it adds to its scratch is summed over cells.</summary>
    private void EachRow(Func<int, int, int, float[], double> kernel, bool gather = true)
    {
        int padded = Dx.Padded;
        workers.Rows(coarse.ResidualX.Height, CellRowsPerBand, () => new float[2 * padded], (first, afterLast, sums) =>
        {
            for (int row = first; row < afterLast; row++)
            {
                if (gather)
                    Array.Clear(sums);
                for (int y = row * CellGrid.Side; y < Math.Min(Dx.Height, (row + 1) * CellGrid.Side); y++)
                {
                    double sum = 0;
                    foreach (var (from, to) in Active[row])
                        sum += kernel(y, from, to, sums);
                    rowSums[y] = sum;
                }

                if (!gather)
                    continue;
                CellGrid.Gather(sums.AsSpan(0, padded), coarse.ResidualX.Row(row));
                CellGrid.Gather(sums.AsSpan(padded, padded), coarse.ResidualY.Row(row));
            }
        });
    }

    private double Sum()
    {
        double sum = 0;
        foreach (double row in rowSums)
            sum += row;
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Get(ref float origin, int at) => Vector256.LoadUnsafe(ref origin, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref float sums, int x, int padded, Vector256<float> residualX, Vector256<float> residualY)
    {
        (Get(ref sums, x) + residualX).StoreUnsafe(ref sums, (nuint)x);
        (Get(ref sums, padded + x) + residualY).StoreUnsafe(ref sums, (nuint)(padded + x));
    }

    private static ref float Origin(Plane plane) => ref MemoryMarshal.GetArrayDataReference(plane.Data);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Precondition(int y, int from, int to)
    {
        ref float right = ref Origin(Right), down = ref Origin(Down), a11 = ref Origin(A11), a12 = ref Origin(A12), a22 = ref Origin(A22);
        ref float i11 = ref Origin(m11), i12 = ref Origin(m12), i22 = ref Origin(m22);
        ref float along = ref Origin(Along);
        int start = Dx.At(0, y), stride = Dx.Stride, offset = AlongY * stride + AlongX;
        for (int at = start + from; at < start + to; at += 8)
        {
            var links = Get(ref right, at) + Get(ref right, at - 1) + Get(ref down, at) + Get(ref down, at - stride) + Get(ref along, at) + Get(ref along, at - offset) + Vector256.Create(1e-9f);
            var a = Get(ref a11, at) + links;
            var b = Get(ref a12, at);
            var c = Get(ref a22, at) + links;
            var scale = Vector256<float>.One / (a * c - b * b);
            (c * scale).StoreUnsafe(ref i11, (nuint)at);
            (-b * scale).StoreUnsafe(ref i12, (nuint)at);
            (a * scale).StoreUnsafe(ref i22, (nuint)at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Operator(int y, int from, int to, Plane ux, Plane uy, Plane outX, Plane outY)
    {
        ref float right = ref Origin(Right), down = ref Origin(Down), a11 = ref Origin(A11), a12 = ref Origin(A12), a22 = ref Origin(A22);
        ref float x = ref Origin(ux), yy = ref Origin(uy), ox = ref Origin(outX), oy = ref Origin(outY);
        int start = Dx.At(0, y), stride = Dx.Stride;
        var sum = Vector256<float>.Zero;
        for (int at = start + from; at < start + to; at += 8)
        {
            var east = Get(ref right, at);
            var west = Get(ref right, at - 1);
            var south = Get(ref down, at);
            var north = Get(ref down, at - stride);
            var links = east + west + south + north;
            var cx = Get(ref x, at);
            var cy = Get(ref yy, at);
            var coupling = Get(ref a12, at);
            var resultX = (Get(ref a11, at) + links) * cx + coupling * cy
                - east * Get(ref x, at + 1) - west * Get(ref x, at - 1) - south * Get(ref x, at + stride) - north * Get(ref x, at - stride);
            var resultY = (Get(ref a22, at) + links) * cy + coupling * cx
                - east * Get(ref yy, at + 1) - west * Get(ref yy, at - 1) - south * Get(ref yy, at + stride) - north * Get(ref yy, at - stride);
            resultX.StoreUnsafe(ref ox, (nuint)at);
            resultY.StoreUnsafe(ref oy, (nuint)at);
            sum += resultX * cx + resultY * cy;
        }

        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Begin(int y, int from, int to, float[] sums)
    {
        ref float right = ref Origin(Right), down = ref Origin(Down), bx = ref Origin(Bx), by = ref Origin(By);
        ref float vxx = ref Origin(Vxx), vyx = ref Origin(Vyx), vxy = ref Origin(Vxy), vyy = ref Origin(Vyy);
        ref float i11 = ref Origin(m11), i12 = ref Origin(m12), i22 = ref Origin(m22);
        ref float ax = ref Origin(qx), ay = ref Origin(qy), resX = ref Origin(rx), resY = ref Origin(ry), cells = ref MemoryMarshal.GetArrayDataReference(sums);
        ref float along = ref Origin(Along), vax = ref Origin(Vax), vay = ref Origin(Vay);
        int start = Dx.At(0, y), stride = Dx.Stride, padded = Dx.Padded, offset = AlongY * stride + AlongX;
        var sum = Vector256<float>.Zero;
        for (int at = start + from; at < start + to; at += 8)
        {
            var east = Get(ref right, at);
            var west = Get(ref right, at - 1);
            var south = Get(ref down, at);
            var north = Get(ref down, at - stride);
            var residualX = Get(ref bx, at) - Get(ref ax, at)
                - east * Get(ref vxx, at) + west * Get(ref vxx, at - 1) - south * Get(ref vxy, at) + north * Get(ref vxy, at - stride);
            var residualY = Get(ref by, at) - Get(ref ay, at)
                - east * Get(ref vyx, at) + west * Get(ref vyx, at - 1) - south * Get(ref vyy, at) + north * Get(ref vyy, at - stride);
            if (Directed)
            {
                var forth = Get(ref along, at);
                var back = Get(ref along, at - offset);
                residualX += back * Get(ref vax, at - offset) - forth * Get(ref vax, at);
                residualY += back * Get(ref vay, at - offset) - forth * Get(ref vay, at);
            }

            residualX.StoreUnsafe(ref resX, (nuint)at);
            residualY.StoreUnsafe(ref resY, (nuint)at);
            Accumulate(ref cells, at - start, padded, residualX, residualY);
            var zx = Get(ref i11, at) * residualX + Get(ref i12, at) * residualY;
            var zy = Get(ref i12, at) * residualX + Get(ref i22, at) * residualY;
            sum += zx * residualX + zy * residualY;
        }

        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Advance(int y, int from, int to, float alpha, float[] sums)
    {
        ref float i11 = ref Origin(m11), i12 = ref Origin(m12), i22 = ref Origin(m22), dx = ref Origin(Dx), dy = ref Origin(Dy);
        ref float ax = ref Origin(qx), ay = ref Origin(qy), resX = ref Origin(rx), resY = ref Origin(ry), dirX = ref Origin(px), dirY = ref Origin(py);
        ref float cells = ref MemoryMarshal.GetArrayDataReference(sums);
        int start = Dx.At(0, y), padded = Dx.Padded;
        var sum = Vector256<float>.Zero;
        var step = Vector256.Create(alpha);
        for (int at = start + from; at < start + to; at += 8)
        {
            (Get(ref dx, at) + step * Get(ref dirX, at)).StoreUnsafe(ref dx, (nuint)at);
            (Get(ref dy, at) + step * Get(ref dirY, at)).StoreUnsafe(ref dy, (nuint)at);
            var residualX = Get(ref resX, at) - step * Get(ref ax, at);
            var residualY = Get(ref resY, at) - step * Get(ref ay, at);
            residualX.StoreUnsafe(ref resX, (nuint)at);
            residualY.StoreUnsafe(ref resY, (nuint)at);
            Accumulate(ref cells, at - start, padded, residualX, residualY);
            var cross = Get(ref i12, at);
            sum += Get(ref i11, at) * residualX * residualX + Vector256.Create(2f) * cross * residualX * residualY + Get(ref i22, at) * residualY * residualY;
        }

        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Direct(int y, int from, int to, float beta, float[] corrections, int padded)
    {
        ref float i11 = ref Origin(m11), i12 = ref Origin(m12), i22 = ref Origin(m22);
        ref float resX = ref Origin(rx), resY = ref Origin(ry), dirX = ref Origin(px), dirY = ref Origin(py);
        ref float cells = ref MemoryMarshal.GetArrayDataReference(corrections);
        int start = Dx.At(0, y);
        var factor = Vector256.Create(beta);
        for (int at = start + from; at < start + to; at += 8)
        {
            var residualX = Get(ref resX, at);
            var residualY = Get(ref resY, at);
            var cross = Get(ref i12, at);
            (Get(ref i11, at) * residualX + cross * residualY + Get(ref cells, at - start) + factor * Get(ref dirX, at)).StoreUnsafe(ref dirX, (nuint)at);
            (cross * residualX + Get(ref i22, at) * residualY + Get(ref cells, padded + at - start) + factor * Get(ref dirY, at)).StoreUnsafe(ref dirY, (nuint)at);
        }
    }
}
