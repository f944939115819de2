using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Correlation;

/// <summary>The rows of <see cref="CoupledSolver"/>, eight pixels at a time; columns from and to are multiples of eight.</summary>
internal sealed partial class CoupledSolver
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Get(ref float origin, int at) => Vector256.LoadUnsafe(ref origin, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref float sums, int x, int padded, Vector256<float> alongX, Vector256<float> alongY)
    {
        (Get(ref sums, x) + alongX).StoreUnsafe(ref sums, (nuint)x);
        (Get(ref sums, padded + x) + alongY).StoreUnsafe(ref sums, (nuint)(padded + x));
    }

    private static ref float Origin(Plane plane) => ref MemoryMarshal.GetArrayDataReference(plane.Data);

    /// <summary>r = b - A d less what the links pull, summed into <paramref name="cells"/>; returns r times r over the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Residual(int y, int from, int to, float[] cells)
    {
        ref float right = ref Origin(Right), down = ref Origin(Down), a11 = ref Origin(A11), a12 = ref Origin(A12), a22 = ref Origin(A22), bx = ref Origin(Bx), by = ref Origin(By);
        ref float dx = ref Origin(Dx), dy = ref Origin(Dy), vxx = ref Origin(Vxx), vyx = ref Origin(Vyx), vxy = ref Origin(Vxy), vyy = ref Origin(Vyy);
        ref float resX = ref Origin(rx), resY = ref Origin(ry), sums = ref MemoryMarshal.GetArrayDataReference(cells);
        ref float along = ref Origin(Along), vax = ref Origin(Vax), vay = ref Origin(Vay);
        int start = Dx.At(0, y), stride = Dx.Stride, padded = Dx.Padded, offset = AlongY * stride + AlongX;
        bool isDirected = Directed;
        var sum = Vector256<float>.Zero;
        for (int at = start + from; at < start + to; at += 8)
        {
            var east = Get(ref right, at);
            var west = Get(ref right, at - 1);
            var south = Get(ref down, at);
            var north = Get(ref down, at - stride);
            var links = east + west + south + north;
            var x = Get(ref dx, at);
            var yy = Get(ref dy, at);
            var coupling = Get(ref a12, at);
            var (xx, yInformation) = (Get(ref a11, at), Get(ref a22, at));
            var residualX = Get(ref bx, at) - xx * x - coupling * yy
                + east * (Get(ref dx, at + 1) - x - Get(ref vxx, at)) + west * (Get(ref dx, at - 1) - x + Get(ref vxx, at - 1))
                + south * (Get(ref dx, at + stride) - x - Get(ref vxy, at)) + north * (Get(ref dx, at - stride) - x + Get(ref vxy, at - stride));
            var residualY = Get(ref by, at) - yInformation * yy - coupling * x
                + east * (Get(ref dy, at + 1) - yy - Get(ref vyx, at)) + west * (Get(ref dy, at - 1) - yy + Get(ref vyx, at - 1))
                + south * (Get(ref dy, at + stride) - yy - Get(ref vyy, at)) + north * (Get(ref dy, at - stride) - yy + Get(ref vyy, at - stride));
            if (isDirected)
            {
                var forth = Get(ref along, at);
                var back = Get(ref along, at - offset);
                links += forth + back;
                residualX += forth * (Get(ref dx, at + offset) - x - Get(ref vax, at)) + back * (Get(ref dx, at - offset) - x + Get(ref vax, at - offset));
                residualY += forth * (Get(ref dy, at + offset) - yy - Get(ref vay, at)) + back * (Get(ref dy, at - offset) - yy + Get(ref vay, at - offset));
            }

            residualX.StoreUnsafe(ref resX, (nuint)at);
            residualY.StoreUnsafe(ref resY, (nuint)at);
            Accumulate(ref sums, at - start, padded, residualX, residualY);
            var (zx, zy) = OverDiagonal(xx, coupling, yInformation, links, residualX, residualY);
            sum += zx * residualX + zy * residualY;
        }

        return Vector256.Sum(sum);
    }

    /// <summary>d += alpha p, r -= alpha q, p = r over the diagonal + correction of the cell + beta p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Advance(int y, int from, int to, float alpha, float beta)
    {
        ref float right = ref Origin(Right), down = ref Origin(Down), a11 = ref Origin(A11), a12 = ref Origin(A12), a22 = ref Origin(A22), along = ref Origin(Along);
        ref float dx = ref Origin(Dx), dy = ref Origin(Dy), resX = ref Origin(rx), resY = ref Origin(ry), dirX = ref Origin(px), dirY = ref Origin(py), ax = ref Origin(qx), ay = ref Origin(qy);
        int start = Dx.At(0, y), stride = Dx.Stride, offset = AlongY * stride + AlongX, cells = coarse.CorrectionX.At(0, y / CellGrid.Side);
        ref float cellX = ref Origin(coarse.CorrectionX), cellY = ref Origin(coarse.CorrectionY);
        bool isDirected = Directed;
        var step = Vector256.Create(alpha);
        var factor = Vector256.Create(beta);
        for (int at = start + from; at < start + to; at += 8)
        {
            var directionX = Get(ref dirX, at);
            var directionY = Get(ref dirY, at);
            (Get(ref dx, at) + step * directionX).StoreUnsafe(ref dx, (nuint)at);
            (Get(ref dy, at) + step * directionY).StoreUnsafe(ref dy, (nuint)at);
            var residualX = Get(ref resX, at) - step * Get(ref ax, at);
            var residualY = Get(ref resY, at) - step * Get(ref ay, at);
            residualX.StoreUnsafe(ref resX, (nuint)at);
            residualY.StoreUnsafe(ref resY, (nuint)at);
            var links = Get(ref right, at) + Get(ref right, at - 1) + Get(ref down, at) + Get(ref down, at - stride);
            if (isDirected)
                links += Get(ref along, at) + Get(ref along, at - offset);
            var (zx, zy) = OverDiagonal(Get(ref a11, at), Get(ref a12, at), Get(ref a22, at), links, residualX, residualY);
            int cell = cells + ((at - start) >> 2);
            (zx + Both(ref cellX, cell) + factor * directionX).StoreUnsafe(ref dirX, (nuint)at);
            (zy + Both(ref cellY, cell) + factor * directionY).StoreUnsafe(ref dirY, (nuint)at);
        }
    }

    /// <summary>q = A p and the links' pull on p, summed into <paramref name="cells"/>; adds the row's sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(int y, int from, int to, float[] cells)
    {
        ref float right = ref Origin(Right), down = ref Origin(Down), a11 = ref Origin(A11), a12 = ref Origin(A12), a22 = ref Origin(A22), along = ref Origin(Along);
        ref float dirX = ref Origin(px), dirY = ref Origin(py), resX = ref Origin(rx), resY = ref Origin(ry), ax = ref Origin(qx), ay = ref Origin(qy);
        ref float sums = ref MemoryMarshal.GetArrayDataReference(cells);
        int start = Dx.At(0, y), stride = Dx.Stride, padded = Dx.Padded, offset = AlongY * stride + AlongX;
        bool isDirected = Directed;
        Vector256<float> curvature = default, local = default, cross = default, square = default;
        for (int at = start + from; at < start + to; at += 8)
        {
            var east = Get(ref right, at);
            var west = Get(ref right, at - 1);
            var south = Get(ref down, at);
            var north = Get(ref down, at - stride);
            var links = east + west + south + north;
            var x = Get(ref dirX, at);
            var yy = Get(ref dirY, at);
            var coupling = Get(ref a12, at);
            var (xx, yInformation) = (Get(ref a11, at), Get(ref a22, at));
            var imageX = (xx + links) * x + coupling * yy
                - east * Get(ref dirX, at + 1) - west * Get(ref dirX, at - 1) - south * Get(ref dirX, at + stride) - north * Get(ref dirX, at - stride);
            var imageY = (yInformation + links) * yy + coupling * x
                - east * Get(ref dirY, at + 1) - west * Get(ref dirY, at - 1) - south * Get(ref dirY, at + stride) - north * Get(ref dirY, at - stride);
            if (isDirected)
            {
                imageX += Get(ref ax, at);
                imageY += Get(ref ay, at);
                links += Get(ref along, at) + Get(ref along, at - offset);
            }

            imageX.StoreUnsafe(ref ax, (nuint)at);
            imageY.StoreUnsafe(ref ay, (nuint)at);
            Accumulate(ref sums, at - start, padded, imageX, imageY);
            var residualX = Get(ref resX, at);
            var residualY = Get(ref resY, at);
            var (zx, zy) = OverDiagonal(xx, coupling, yInformation, links, residualX, residualY);
            var (ux, uy) = OverDiagonal(xx, coupling, yInformation, links, imageX, imageY);
            curvature += imageX * x + imageY * yy;
            local += zx * residualX + zy * residualY;
            cross += zx * imageX + zy * imageY;
            square += ux * imageX + uy * imageY;
        }

        int height = Dx.Height;
        rowSums[y] += Vector256.Sum(curvature);
        rowSums[height + y] += Vector256.Sum(local);
        rowSums[2 * height + y] += Vector256.Sum(cross);
        rowSums[3 * height + y] += Vector256.Sum(square);
    }

    /// <summary>Begins q with what the links along the chosen direction pull on p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyAlong(int y, int from, int to)
    {
        ref float link = ref Origin(Along), x = ref Origin(px), yy = ref Origin(py), ax = ref Origin(qx), ay = ref Origin(qy);
        int start = Dx.At(0, y), offset = AlongY * Dx.Stride + AlongX;
        for (int at = start + from; at < start + to; at += 8)
        {
            var forth = Get(ref link, at);
            var back = Get(ref link, at - offset);
            var cx = Get(ref x, at);
            var cy = Get(ref yy, at);
            (forth * (cx - Get(ref x, at + offset)) + back * (cx - Get(ref x, at - offset))).StoreUnsafe(ref ax, (nuint)at);
            (forth * (cy - Get(ref yy, at + offset)) + back * (cy - Get(ref yy, at - offset))).StoreUnsafe(ref ay, (nuint)at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(Plane field, Plane direction, int y, int from, int to, float alpha)
    {
        ref float d = ref Origin(field), p = ref Origin(direction);
        int start = field.At(0, y);
        var step = Vector256.Create(alpha);
        for (int at = start + from; at < start + to; at += 8)
            (Get(ref d, at) + step * Get(ref p, at)).StoreUnsafe(ref d, (nuint)at);
    }

    /// <summary>(x, y) over the 2 x 2 block of the diagonal of one pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> X, Vector256<float> Y) OverDiagonal(
        Vector256<float> a11, Vector256<float> a12, Vector256<float> a22, Vector256<float> links, Vector256<float> x, Vector256<float> y)
    {
        // Never singular: where neither image nor neighbour says anything a pixel stays.
        links += Vector256.Create(1e-9f);
        var a = a11 + links;
        var c = a22 + links;
        var scale = Vector256<float>.One / (a * c - a12 * a12);
        return ((c * x - a12 * y) * scale, (a * y - a12 * x) * scale);
    }

    /// <summary>The values of two neighbouring cells, each over its four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Both(ref float cells, int first) =>
        Vector256.Create(Vector128.Create(Unsafe.Add(ref cells, first)), Vector128.Create(Unsafe.Add(ref cells, first + 1)));
}
