using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// What the images say: the squared difference of the whitened images, linear in the displacement (Gauss-Newton), each pixel weighted by the local noise and,
/// where it differs far more than its surroundings, by the weight of a Student distribution. Local gain is a regression over the surroundings.
/// </summary>
internal sealed class DataTerm
{
    /// <summary>Radius, in cells, over which gain and noise are taken together.</summary>
    private const int Surroundings = 4;

    /// <summary>Share of a cell's pixels that must vote for its surroundings to tell its information.</summary>
    private const float LeastSeen = 0.4f;

    /// <summary>Degrees of freedom of the Student distribution of the residuals.</summary>
    private const float Freedom = 6;

    private readonly Plane reference, gradientX, gradientY, warped, weight;
    private readonly CubicSpline secondary;
    private readonly Raster<float> gain, precision;
    private readonly bool holes;
    private readonly Workers workers;
    private readonly int width, height;

    public DataTerm(Raster<float> reference, Raster<float> secondary, bool holes, Workers workers)
    {
        (width, height, this.holes, this.workers) = (reference.Width, reference.Height, holes, workers);
        (this.reference, gradientX, gradientY, warped, weight) = (new(width, height), new(width, height), new(width, height), new(width, height), new(width, height));
        this.reference.Load(reference);
        this.secondary = new CubicSpline(secondary, workers);
        SplineGradient.Apply(reference, gradientX, gradientY, workers);
        (gain, precision, Information) = (CellGrid.Create(width, height), CellGrid.Create(width, height), CellGrid.Create(width, height));
    }

    /// <summary>Share of a cell's pixels that vote; null where the images have no holes.</summary>
    public Raster<float>? Seen { get; private set; }

    /// <summary>
    /// Fisher information of one pixel about one displacement component, mean of the surroundings, per cell, 1 / px^2. In a hole it is continued from around it, so that the
    /// field keeps its stiffness across.
    /// </summary>
    public Raster<float> Information { get; private set; }

    /// <summary>Linearises about the solver's field and writes its A and B. <paramref name="votes"/> is 1 for a pixel that may vote, 0 for one that may not.</summary>
    public void Linearise(CoupledSolver solver, Raster<float> votes)
    {
        if (solver.Active.Whole)
            TakeStatistics(solver, votes);
        int cells = gain.Width, stride = solver.Dx.Padded;
        workers.Rows(gain.Height, 4, () => new float[2 * stride + cells], (first, afterLast, scratch) =>
        {
            for (int y = first * CellGrid.Side; y < Math.Min(height, afterLast * CellGrid.Side); y++)
            {
                var spans = solver.Active[y / CellGrid.Side];
                if (spans.IsEmpty)
                    continue;
                CellGrid.Read(gain, y, scratch.AsSpan(0, stride), scratch.AsSpan(2 * stride));
                CellGrid.Read(precision, y, scratch.AsSpan(stride, stride), scratch.AsSpan(2 * stride));
                foreach (var (from, to) in spans)
                {
                    if (!solver.Active.Whole)
                    {
                        Votes(solver, votes.Row(y), y, from, Math.Min(to, width));
                        secondary.WarpRow(from, y, solver.Dx.Row(y)[from..], solver.Dy.Row(y)[from..], warped.Row(y)[from..Math.Min(to, width)]);
                    }

                    Equations(solver, y, from, to, scratch, stride);
                }
            }
        });
    }

    /// <summary>Minus twice the log likelihood of the pixels of row <paramref name="y"/> from column <paramref name="from"/> on under the displacements given, but for a constant.</summary>
    public void Misfit(int from, int y, Span<float> dx, Span<float> dy, Span<float> misfit)
    {
        secondary.WarpRow(from, y, dx, dy, misfit);
        Span<float> referenceRow = reference.Row(y), votes = weight.Row(y);
        for (int i = 0; i < misfit.Length; i++)
        {
            int x = from + i, cell = y / CellGrid.Side * gain.Width + x / CellGrid.Side;
            float residual = misfit[i] - gain.Pixels[cell] * referenceRow[x];
            misfit[i] = votes[x] * (Freedom + 1) * MathF.Log(1 + residual * residual * precision.Pixels[cell] / Freedom);
        }
    }

    /// <summary>Warps the secondary everywhere and takes gain, noise and information from it.</summary>
    private void TakeStatistics(CoupledSolver solver, Raster<float> votes)
    {
        Raster<float> rr = CellGrid.Create(width, height), rs = CellGrid.Create(width, height), ss = CellGrid.Create(width, height), gg = CellGrid.Create(width, height), ww = CellGrid.Create(width, height);
        int stride = solver.Dx.Padded;
        workers.Rows(gain.Height, 4, () => new float[5 * stride], (first, afterLast, sums) =>
        {
            for (int cellRow = first; cellRow < afterLast; cellRow++)
            {
                Array.Clear(sums);
                for (int y = cellRow * CellGrid.Side; y < Math.Min(height, (cellRow + 1) * CellGrid.Side); y++)
                {
                    secondary.WarpRow(0, y, solver.Dx.Row(y), solver.Dy.Row(y), warped.Row(y));
                    Votes(solver, votes.Row(y), y, 0, width);
                    Moments(y, sums, stride);
                }

                CellGrid.Gather(sums.AsSpan(0, stride), rr.Row(cellRow));
                CellGrid.Gather(sums.AsSpan(stride, stride), rs.Row(cellRow));
                CellGrid.Gather(sums.AsSpan(2 * stride, stride), ss.Row(cellRow));
                CellGrid.Gather(sums.AsSpan(3 * stride, stride), gg.Row(cellRow));
                CellGrid.Gather(sums.AsSpan(4 * stride, stride), ww.Row(cellRow));
            }
        });
        Regress(rr, rs, ss, gg, ww);
        if (holes)
            Continue(ww);
    }

    private void Continue(Raster<float> votes)
    {
        Seen = votes;
        var known = CellGrid.Create(width, height);
        for (int c = 0; c < known.Pixels.Length; c++)
        {
            Seen.Pixels[c] /= CellGrid.Side * CellGrid.Side;
            known.Pixels[c] = Seen.Pixels[c] < LeastSeen ? 0 : 1;
        }

        Pyramid.FillHoles(Information, known);
    }

    /// <summary>
    /// Lets <paramref name="share"/> of every pixel's equations be the mean of those in its window: with 1 and no links each window stands alone.
    /// </summary>
    public void GatherWindows(CoupledSolver solver, int radius, float share)
    {
        Raster<float> own = new(width, height), window = new(width, height);
        foreach (var plane in new[] { solver.A11, solver.A12, solver.A22, solver.Bx, solver.By })
        {
            plane.Store(own);
            BoxMean.Apply(own, window, radius, workers);
            for (int y = 0; y < height; y++)
            {
                Span<float> row = plane.Row(y), mean = window.Row(y);
                for (int x = 0; x < row.Length; x++)
                    row[x] += share * (mean[x] - row[x]);
            }
        }
    }

    private void Regress(Raster<float> rr, Raster<float> rs, Raster<float> ss, Raster<float> gg, Raster<float> ww)
    {
        var means = new Raster<float>[5];
        var sums = new[] { rr, rs, ss, gg, ww };
        for (int i = 0; i < 5; i++)
        {
            means[i] = CellGrid.Create(width, height);
            BoxMean.Apply(sums[i], means[i], Surroundings, workers);
        }

        for (int i = 0; i < gain.Pixels.Length; i++)
        {
            float votes = means[4].Pixels[i], a = means[0].Pixels[i], b = means[1].Pixels[i], c = means[2].Pixels[i];
            float slope = a > 0 ? Math.Clamp(b / a, 0.2f, 5f) : 1;
            float variance = Math.Max(c - 2 * slope * b + slope * slope * a, 1e-5f * c);
            gain.Pixels[i] = slope;
            precision.Pixels[i] = variance > 0 ? votes / variance : 0;
            Information.Pixels[i] = variance > 0 ? 0.5f * slope * slope * means[3].Pixels[i] / variance : 0;
        }
    }

    /// <summary>A pixel votes while the place that it is matched to lies inside the secondary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Votes(CoupledSolver solver, Span<float> votes, int y, int from, int to)
    {
        ref float vote = ref MemoryMarshal.GetReference(votes), result = ref weight.Origin, dx = ref solver.Dx.Origin, dy = ref solver.Dy.Origin;
        int start = weight.At(0, y), x = from;
        var (right, bottom) = (Vector256.Create((float)(width - 1)), Vector256.Create((float)(height - 1)));
        var lanes = Vector256.Create(0f, 1, 2, 3, 4, 5, 6, 7);
        for (; x + 8 <= to; x += 8)
        {
            var toX = Vector256.Create((float)x) + lanes + Vector256.LoadUnsafe(ref dx, (nuint)(start + x));
            var toY = Vector256.Create((float)y) + Vector256.LoadUnsafe(ref dy, (nuint)(start + x));
            var inside = Vector256.GreaterThanOrEqual(Vector256.Min(toX, toY), Vector256<float>.Zero) & Vector256.LessThanOrEqual(toX, right) & Vector256.LessThanOrEqual(toY, bottom);
            (inside & Vector256.LoadUnsafe(ref vote, (nuint)x)).StoreUnsafe(ref result, (nuint)(start + x));
        }

        for (; x < to; x++)
        {
            float toX = x + solver.Dx.Data[start + x], toY = y + solver.Dy.Data[start + x];
            weight.Data[start + x] = toX >= 0 && toY >= 0 && toX <= width - 1 && toY <= height - 1 ? votes[x] : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Moments(int y, float[] sums, int stride)
    {
        ref float sum = ref MemoryMarshal.GetArrayDataReference(sums);
        ref float pr = ref reference.Origin, ps = ref warped.Origin, pw = ref weight.Origin, px = ref gradientX.Origin, py = ref gradientY.Origin;
        int start = reference.At(0, y);
        for (int x = 0; x < stride; x += 8)
        {
            var w = Vector256.LoadUnsafe(ref pw, (nuint)(start + x));
            var r = Vector256.LoadUnsafe(ref pr, (nuint)(start + x));
            var s = Vector256.LoadUnsafe(ref ps, (nuint)(start + x));
            var gx = Vector256.LoadUnsafe(ref px, (nuint)(start + x));
            var gy = Vector256.LoadUnsafe(ref py, (nuint)(start + x));
            (Vector256.LoadUnsafe(ref sum, (nuint)x) + w * r * r).StoreUnsafe(ref sum, (nuint)x);
            (Vector256.LoadUnsafe(ref sum, (nuint)(stride + x)) + w * r * s).StoreUnsafe(ref sum, (nuint)(stride + x));
            (Vector256.LoadUnsafe(ref sum, (nuint)(2 * stride + x)) + w * s * s).StoreUnsafe(ref sum, (nuint)(2 * stride + x));
            (Vector256.LoadUnsafe(ref sum, (nuint)(3 * stride + x)) + w * (gx * gx + gy * gy)).StoreUnsafe(ref sum, (nuint)(3 * stride + x));
            (Vector256.LoadUnsafe(ref sum, (nuint)(4 * stride + x)) + w).StoreUnsafe(ref sum, (nuint)(4 * stride + x));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Equations(CoupledSolver solver, int y, int from, int to, float[] scratch, int stride)
    {
        ref float cells = ref MemoryMarshal.GetArrayDataReference(scratch);
        ref float pr = ref reference.Origin, ps = ref warped.Origin, pw = ref weight.Origin, px = ref gradientX.Origin, py = ref gradientY.Origin;
        ref float pdx = ref solver.Dx.Origin, pdy = ref solver.Dy.Origin;
        ref float a11 = ref solver.A11.Origin, a12 = ref solver.A12.Origin, a22 = ref solver.A22.Origin, bx = ref solver.Bx.Origin, by = ref solver.By.Origin;
        int start = reference.At(0, y);
        for (int x = from; x < to; x += 8)
        {
            int at = start + x;
            var localGain = Vector256.LoadUnsafe(ref cells, (nuint)x);
            var localPrecision = Vector256.LoadUnsafe(ref cells, (nuint)(stride + x));
            var residual = Vector256.LoadUnsafe(ref ps, (nuint)at) - localGain * Vector256.LoadUnsafe(ref pr, (nuint)at);
            var w = Vector256.LoadUnsafe(ref pw, (nuint)at) * localPrecision * Vector256.Create(Freedom + 1)
                / (Vector256.Create(Freedom) + residual * residual * localPrecision);
            var gx = localGain * Vector256.LoadUnsafe(ref px, (nuint)at);
            var gy = localGain * Vector256.LoadUnsafe(ref py, (nuint)at);
            var target = gx * Vector256.LoadUnsafe(ref pdx, (nuint)at) + gy * Vector256.LoadUnsafe(ref pdy, (nuint)at) - residual;
            (w * gx * gx).StoreUnsafe(ref a11, (nuint)at);
            (w * gx * gy).StoreUnsafe(ref a12, (nuint)at);
            (w * gy * gy).StoreUnsafe(ref a22, (nuint)at);
            (w * gx * target).StoreUnsafe(ref bx, (nuint)at);
            (w * gy * target).StoreUnsafe(ref by, (nuint)at);
        }
    }
}
