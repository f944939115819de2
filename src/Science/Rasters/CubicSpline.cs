using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// An image as a surface that passes through its pixels, to be read at any place: cubic B-spline (Unser, Aldroubi and Eden 1993, IEEE Trans. Signal Processing 41, 821-848) plus a share of its
/// second derivative (Blu, Thevenaz and Unser 2001, IEEE Trans. Image Processing 10, 1069-1080, who take 1 / 42 of it). Beyond the border the image is mirrored; places more than one pixel outside are read at that distance.
/// </summary>
public sealed class CubicSpline
{
    /// <summary>Coefficients kept around the image so that no place needs a border case.</summary>
    private const int Margin = 4;

    /// <summary>
    /// Share of the second derivative in the kernel at which reading between pixels shifts high frequencies least. A kernel of four pixels also passes the frequency f as f - 1, turned by
    /// 2 pi t at a fraction t: what is read lies beside its place by a sine of t, and a matcher is drawn to half pixels. The second derivative weighs f - 1 more than f and takes it out.
    /// </summary>
    public const float LeastPull = 0.055f;

    private readonly float curvature;

    private readonly Raster<float> coefficients;

    /// <param name="curvature">Share of the second derivative in the kernel, 0 to below 1 / 12; 0 is the plain cubic B-spline.</param>
    public CubicSpline(Raster<float> image, Workers workers, float curvature = LeastPull)
    {
        this.curvature = curvature;
        Width = image.Width;
        Height = image.Height;
        var inner = new Raster<float>(Width, Height);
        SymmetricFilter.Apply(image, inner, Inverse(curvature), 1, workers);
        coefficients = new Raster<float>(Width + 2 * Margin, Height + 2 * Margin);
        for (int y = 0; y < coefficients.Height; y++)
        {
            var from = inner.Row(SymmetricFilter.Mirror(y - Margin, Height));
            var to = coefficients.Row(y);
            from.CopyTo(to[Margin..]);
            for (int i = 1; i <= Margin; i++)
            {
                to[Margin - i] = from[SymmetricFilter.Mirror(-i, Width)];
                to[Margin + Width - 1 + i] = from[SymmetricFilter.Mirror(Width - 1 + i, Width)];
            }
        }
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The surface at column <paramref name="x"/> and row <paramref name="y"/>, pixel centres at whole numbers.</summary>
    public float At(float x, float y)
    {
        x = Math.Clamp(x, -1f, Width) + Margin;
        y = Math.Clamp(y, -1f, Height) + Margin;
        int left = (int)x - 1, top = (int)y - 1;
        Span<float> across = stackalloc float[4];
        Span<float> down = stackalloc float[4];
        Weights(x - (int)x, across);
        Weights(y - (int)y, down);
        float sum = 0;
        for (int j = 0; j < 4; j++)
        {
            var row = coefficients.Row(top + j).Slice(left, 4);
            sum += down[j] * (across[0] * row[0] + across[1] * row[1] + across[2] * row[2] + across[3] * row[3]);
        }

        return sum;
    }

    /// <summary>
    /// One warped row: result[i] = surface at (<paramref name="x0"/> + i + dx[i], <paramref name="y"/> + dy[i]), displacements in pixels.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WarpRow(int x0, int y, ReadOnlySpan<float> dx, ReadOnlySpan<float> dy, Span<float> result)
    {
        int i = 0;
        ref float origin = ref MemoryMarshal.GetArrayDataReference(coefficients.Pixels);
        int stride = coefficients.Width;
        var lanes = Vector256.Create(0f, 1, 2, 3, 4, 5, 6, 7);
        var laneNumbers = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7);
        var lowest = Vector256.Create(-1f);
        var right = Vector256.Create((float)Width);
        var bottom = Vector256.Create((float)Height);
        var margin = Vector256.Create((float)Margin);
        var share = Vector256.Create(curvature);
        Span<int> offsets = stackalloc int[8];
        for (; i + 8 <= result.Length; i += 8)
        {
            var x = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(dx), (nuint)i) + lanes + Vector256.Create((float)(x0 + i));
            var y8 = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(dy), (nuint)i) + Vector256.Create((float)y);
            x = Vector256.Min(Vector256.Max(x, lowest), right) + margin;
            y8 = Vector256.Min(Vector256.Max(y8, lowest), bottom) + margin;
            var column = Vector256.ConvertToInt32(x);
            var line = Vector256.ConvertToInt32(y8);
            WeightVectors(x - Vector256.ConvertToSingle(column), share, out var a0, out var a1, out var a2, out var a3);
            WeightVectors(y8 - Vector256.ConvertToSingle(line), share, out var b0, out var b1, out var b2, out var b3);
            var index = (line - Vector256<int>.One) * Vector256.Create(stride) + column - Vector256<int>.One;
            int start = index.ToScalar();
            Vector256<float> sum;
            if (index - laneNumbers == Vector256.Create(start))
            {
                // Neighbours that move alike read neighbouring coefficients: plain loads.
                ref float top = ref Unsafe.Add(ref origin, start);
                sum = b0 * Across(ref top, a0, a1, a2, a3)
                    + b1 * Across(ref Unsafe.Add(ref top, stride), a0, a1, a2, a3)
                    + b2 * Across(ref Unsafe.Add(ref top, 2 * stride), a0, a1, a2, a3)
                    + b3 * Across(ref Unsafe.Add(ref top, 3 * stride), a0, a1, a2, a3);
            }
            else
            {
                index.CopyTo(offsets);
                sum = b0 * Gathered(ref origin, offsets, a0, a1, a2, a3)
                    + b1 * Gathered(ref Unsafe.Add(ref origin, stride), offsets, a0, a1, a2, a3)
                    + b2 * Gathered(ref Unsafe.Add(ref origin, 2 * stride), offsets, a0, a1, a2, a3)
                    + b3 * Gathered(ref Unsafe.Add(ref origin, 3 * stride), offsets, a0, a1, a2, a3);
            }

            sum.StoreUnsafe(ref MemoryMarshal.GetReference(result), (nuint)i);
        }

        for (; i < result.Length; i++)
            result[i] = At(x0 + i + dx[i], y + dy[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Across(ref float row, Vector256<float> a0, Vector256<float> a1, Vector256<float> a2, Vector256<float> a3) =>
        a0 * Vector256.LoadUnsafe(ref row) + a1 * Vector256.LoadUnsafe(ref row, 1) + a2 * Vector256.LoadUnsafe(ref row, 2) + a3 * Vector256.LoadUnsafe(ref row, 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gathered(ref float row, Span<int> offsets, Vector256<float> a0, Vector256<float> a1, Vector256<float> a2, Vector256<float> a3) =>
        a0 * Gather(ref row, offsets) + a1 * Gather(ref Unsafe.Add(ref row, 1), offsets) + a2 * Gather(ref Unsafe.Add(ref row, 2), offsets) + a3 * Gather(ref Unsafe.Add(ref row, 3), offsets);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gather(ref float row, Span<int> offsets) => Vector256.Create(
        Unsafe.Add(ref row, offsets[0]), Unsafe.Add(ref row, offsets[1]), Unsafe.Add(ref row, offsets[2]), Unsafe.Add(ref row, offsets[3]),
        Unsafe.Add(ref row, offsets[4]), Unsafe.Add(ref row, offsets[5]), Unsafe.Add(ref row, offsets[6]), Unsafe.Add(ref row, offsets[7]));

    private void Weights(float t, Span<float> weights)
    {
        float s = 1 - t;
        weights[0] = s * s * s / 6 + curvature * s;
        weights[1] = (4 - 3 * t * t * (2 - t)) / 6 + curvature * (3 * t - 2);
        weights[2] = (4 - 3 * s * s * (2 - s)) / 6 + curvature * (3 * s - 2);
        weights[3] = t * t * t / 6 + curvature * t;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightVectors(Vector256<float> t, Vector256<float> curvature, out Vector256<float> w0, out Vector256<float> w1, out Vector256<float> w2, out Vector256<float> w3)
    {
        var one = Vector256<float>.One;
        var two = Vector256.Create(2f);
        var sixth = Vector256.Create(1f / 6);
        var half = Vector256.Create(0.5f);
        var three = Vector256.Create(3f);
        var twoThirds = Vector256.Create(2f / 3);
        var s = one - t;
        w0 = s * (s * s * sixth + curvature);
        w1 = twoThirds - half * t * t * (two - t) + curvature * (three * t - two);
        w2 = twoThirds - half * s * s * (two - s) + curvature * (three * s - two);
        w3 = t * (t * t * sixth + curvature);
    }

    /// <summary>
    /// Impulse response of the inverse of the kernel at the pixels, [b a b] with a = 2 / 3 - 2 c and b = 1 / 6 + c: powers of its pole, cut where they fall below 3e-5; scaled to keep a constant.
    /// </summary>
    private static float[] Inverse(float curvature)
    {
        double ratio = (2.0 / 3 - 2 * curvature) / (1.0 / 6 + curvature), pole = (Math.Sqrt(ratio * ratio - 4) - ratio) / 2;
        var taps = new double[1 + (int)(Math.Log(3e-5) / Math.Log(-pole))];
        for (int k = 0; k < taps.Length; k++)
            taps[k] = Math.Pow(pole, k);
        double sum = taps[0] + 2 * taps.Skip(1).Sum();
        return Array.ConvertAll(taps, tap => (float)(tap / sum));
    }
}
