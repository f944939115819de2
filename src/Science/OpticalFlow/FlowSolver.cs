using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>
/// Dense Lucas-Kanade in the FOLKI form (Le Besnerais and Champagnat 2005; Plyer et al. 2015): the residual is linearised with each pixel's own
/// displacement inside the window, so one warp per iteration serves all windows, and box sums make any window equally cheap.
/// </summary>
internal sealed class FlowSolver
{
    private const int RowsPerBand = 64;

    // Share of the mean gradient energy added to the diagonal: only windows without texture feel it, and they keep the displacement they came with.
    private const float Damping = 1e-3f;

    // Largest change of a displacement in one iteration, pixels: beyond it the linearisation says nothing.
    private const float MaximumStep = 2f;

    private readonly FlowLevel level;
    private readonly Workers workers;
    private readonly Raster<float> mask, energyXX, energyYY, energyXY, rightX, rightY;

    public FlowSolver(FlowLevel level, Workers workers)
    {
        this.level = level;
        this.workers = workers;
        Raster<float> New() => new(level.Width, level.Height);
        (mask, energyXX, energyYY, energyXY, rightX, rightY) = (New(), New(), New(), New(), New(), New());
    }

    /// <summary>1 where both images of the last solution were valid at the displacement it started from.</summary>
    public Raster<float> Mask => mask;

    /// <summary>Refines (dx, dy), pixels of this level, in place.</summary>
    /// <param name="limit">Largest displacement per axis, pixels of this level.</param>
    public void Refine(Raster<float> dx, Raster<float> dy, int radius, int iterations, float limit)
    {
        workers.Rows(level.Height, RowsPerBand, (first, afterLast) => JointMask(dx, dy, first, afterLast));
        float damping = SumEnergies(radius);
        for (int i = 0; i < iterations; i++)
        {
            var inverted = level.Contrast?.Inverted(dx, dy, mask, workers);
            workers.Rows(level.Height, RowsPerBand, () => (new float[level.Width], new float[level.Width]), (first, afterLast, scratch) =>
            {
                for (int y = first; y < afterLast; y++)
                    RightHandSide(y, dx.Row(y), dy.Row(y), inverted, scratch.Item1, scratch.Item2);
            });
            BoxSums.ForEachRow([rightX, rightY], radius, workers, (y, sums) =>
                Solve(energyXX.Row(y), energyYY.Row(y), energyXY.Row(y), sums[0], sums[1], damping, limit, dx.Row(y), dy.Row(y)));
        }
    }

    private void JointMask(Raster<float> dx, Raster<float> dy, int first, int afterLast)
    {
        int width = level.Width, height = level.Height;
        for (int y = first; y < afterLast; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int column = (int)MathF.Round(x + dx[x, y]), row = (int)MathF.Round(y + dy[x, y]);
                bool inside = (uint)column < (uint)width && (uint)row < (uint)height;
                mask[x, y] = inside ? level.ReferenceMask[x, y] * level.SecondaryMask[column, row] : 0;
            }
        }
    }

    // Sums of the squared gradients into the energy rasters; returns the damping.
    private float SumEnergies(int radius)
    {
        int width = level.Width;
        var xx = new Raster<float>(width, level.Height);
        var (yy, xy) = (rightX, rightY);
        workers.Rows(level.Height, RowsPerBand, (first, afterLast) =>
        {
            for (int i = first * width; i < afterLast * width; i++)
            {
                float gx = level.GradientX.Pixels[i] * mask.Pixels[i], gy = level.GradientY.Pixels[i] * mask.Pixels[i];
                xx.Pixels[i] = gx * gx;
                yy.Pixels[i] = gy * gy;
                xy.Pixels[i] = gx * gy;
            }
        });
        var rowEnergy = new double[level.Height];
        BoxSums.ForEachRow([xx, yy, xy], radius, workers, (y, sums) =>
        {
            sums[0].CopyTo(energyXX.Row(y));
            sums[1].CopyTo(energyYY.Row(y));
            sums[2].CopyTo(energyXY.Row(y));
            double energy = 0;
            for (int x = 0; x < width; x++)
                energy += sums[0][x] + sums[1][x];
            rowEnergy[y] = energy;
        });
        double total = 0;
        foreach (double energy in rowEnergy)
            total += energy;
        return (float)(Damping * total / (2.0 * width * level.Height)) + 1e-12f;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RightHandSide(int y, Span<float> dx, Span<float> dy, Raster<float>? inverted, float[] warped, float[] other)
    {
        level.Secondary.SampleRow(y, dx, dy, warped);
        if (inverted is not null)
        {
            level.Contrast!.DarkerRanks.SampleRow(y, dx, dy, other);
            var choice = inverted.Row(y);
            for (int x = 0; x < warped.Length; x++)
                warped[x] = choice[x] != 0 ? other[x] : warped[x];
        }

        Residual(level.Reference.Row(y), warped, level.GradientX.Row(y), level.GradientY.Row(y), mask.Row(y), dx, dy, rightX.Row(y), rightY.Row(y));
    }

    /// <summary>Gradient times linearised residual: m g (I0 - I1w + d.g), per component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Residual(
        ReadOnlySpan<float> reference, ReadOnlySpan<float> warped, ReadOnlySpan<float> gradientX, ReadOnlySpan<float> gradientY, ReadOnlySpan<float> mask,
        ReadOnlySpan<float> dx, ReadOnlySpan<float> dy, Span<float> rightX, Span<float> rightY)
    {
        ref float r0 = ref MemoryMarshal.GetReference(reference), r1 = ref MemoryMarshal.GetReference(warped);
        ref float px = ref MemoryMarshal.GetReference(gradientX), py = ref MemoryMarshal.GetReference(gradientY), pm = ref MemoryMarshal.GetReference(mask);
        ref float pu = ref MemoryMarshal.GetReference(dx), pv = ref MemoryMarshal.GetReference(dy);
        int x = 0;
        for (; x + 8 <= reference.Length; x += 8)
        {
            nuint at = (nuint)x;
            var gx = Vector256.LoadUnsafe(ref px, at);
            var gy = Vector256.LoadUnsafe(ref py, at);
            var e = Vector256.LoadUnsafe(ref r0, at) - Vector256.LoadUnsafe(ref r1, at)
                + Vector256.LoadUnsafe(ref pu, at) * gx + Vector256.LoadUnsafe(ref pv, at) * gy;
            e *= Vector256.LoadUnsafe(ref pm, at);
            (gx * e).StoreUnsafe(ref MemoryMarshal.GetReference(rightX), at);
            (gy * e).StoreUnsafe(ref MemoryMarshal.GetReference(rightY), at);
        }

        for (; x < reference.Length; x++)
        {
            float e = mask[x] * (reference[x] - warped[x] + dx[x] * gradientX[x] + dy[x] * gradientY[x]);
            rightX[x] = gradientX[x] * e;
            rightY[x] = gradientY[x] * e;
        }
    }

    /// <summary>The damped 2 x 2 systems of one row: (A + k) u + C v = G + k u', C u + (B + k) v = H + k v', with u', v' the displacement so far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Solve(
        ReadOnlySpan<float> xx, ReadOnlySpan<float> yy, ReadOnlySpan<float> xy, ReadOnlySpan<float> rightX, ReadOnlySpan<float> rightY,
        float damping, float limit, Span<float> dx, Span<float> dy)
    {
        ref float pa = ref MemoryMarshal.GetReference(xx), pb = ref MemoryMarshal.GetReference(yy), pc = ref MemoryMarshal.GetReference(xy);
        ref float pg = ref MemoryMarshal.GetReference(rightX), ph = ref MemoryMarshal.GetReference(rightY);
        ref float pu = ref MemoryMarshal.GetReference(dx), pv = ref MemoryMarshal.GetReference(dy);
        var k = Vector256.Create(damping);
        var step = Vector256.Create(MaximumStep);
        var most = Vector256.Create(limit);
        int x = 0;
        for (; x + 8 <= dx.Length; x += 8)
        {
            nuint at = (nuint)x;
            var u = Vector256.LoadUnsafe(ref pu, at);
            var v = Vector256.LoadUnsafe(ref pv, at);
            var a = Vector256.LoadUnsafe(ref pa, at) + k;
            var b = Vector256.LoadUnsafe(ref pb, at) + k;
            var c = Vector256.LoadUnsafe(ref pc, at);
            var g = Vector256.LoadUnsafe(ref pg, at) + k * u;
            var h = Vector256.LoadUnsafe(ref ph, at) + k * v;
            var inverse = Vector256<float>.One / (a * b - c * c);
            var nextU = (b * g - c * h) * inverse;
            var nextV = (a * h - c * g) * inverse;
            nextU = Vector256.Min(Vector256.Max(Vector256.Min(Vector256.Max(nextU, u - step), u + step), -most), most);
            nextV = Vector256.Min(Vector256.Max(Vector256.Min(Vector256.Max(nextV, v - step), v + step), -most), most);
            nextU.StoreUnsafe(ref pu, at);
            nextV.StoreUnsafe(ref pv, at);
        }

        for (; x < dx.Length; x++)
        {
            float a = xx[x] + damping, b = yy[x] + damping, c = xy[x];
            float g = rightX[x] + damping * dx[x], h = rightY[x] + damping * dy[x];
            float inverse = 1 / (a * b - c * c);
            dx[x] = Math.Clamp(Math.Clamp((b * g - c * h) * inverse, dx[x] - MaximumStep, dx[x] + MaximumStep), -limit, limit);
            dy[x] = Math.Clamp(Math.Clamp((a * h - c * g) * inverse, dy[x] - MaximumStep, dy[x] + MaximumStep), -limit, limit);
        }
    }
}
