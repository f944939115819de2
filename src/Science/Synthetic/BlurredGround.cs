using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>What the instrument sees of the ground in one band before it is sampled: reflectance, four samples per pixel of the band, blurred.</summary>
internal static class BlurredGround
{
    /// <summary>The outer samples on each side, which the blur leaves as they were.</summary>
    public const int KernelRadius = 8;

    /// <summary>Gaussian of the given sigma in pixels of the band; the middle first, then one side.</summary>
    public static float[] Kernel(double sigmaPixels)
    {
        double sigma = sigmaPixels * Ground.SamplesPerPixel;
        double[] half = [.. Enumerable.Range(0, KernelRadius + 1).Select(k => Math.Exp(-0.5 * k * k / (sigma * sigma)))];
        double sum = 2 * half.Sum() - half[0];
        return [.. half.Select(w => (float)(w / sum))];
    }

    /// <param name="band">0 to 12.</param>
    /// <param name="kernel">From <see cref="Kernel"/>.</param>
    public static Raster<float> Of(GroundWindow ground, int band, float[] kernel)
    {
        var canvas = Reflectance(ground, band);
        Blur(canvas, kernel);
        return canvas;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Raster<float> Reflectance(GroundWindow ground, int band)
    {
        int scale = SceneBands.Resolution[band] / 10, width = ground.Samples.Width;
        var canvas = new Raster<float>(width / scale, ground.Samples.Height / scale);
        Span<float> bareOf = stackalloc float[8], gainOf = stackalloc float[8];
        foreach (var cover in Enum.GetValues<LandCover>())
        {
            bareOf[(int)cover] = SceneBands.Bare(cover, band);
            gainOf[(int)cover] = SceneBands.Green(cover, band) - SceneBands.Bare(cover, band);
        }

        var bare = Vector256.Create<float>(bareOf);
        var gain = Vector256.Create<float>(gainOf);
        ref byte cover0 = ref Unsafe.As<LandCover, byte>(ref MemoryMarshal.GetArrayDataReference(ground.Cover));
        ref float green0 = ref MemoryMarshal.GetArrayDataReference(ground.Green), brightness0 = ref MemoryMarshal.GetArrayDataReference(ground.Brightness);
        float mean = 1f / (scale * scale);
        var sums = new float[width];
        for (int y = 0; y < canvas.Height; y++)
        {
            // One row of the band is the sum of `scale` rows of the ground; whole blocks of eight, as the ground has them.
            var to = scale == 1 ? canvas.Row(y) : sums;
            for (int j = 0; j < scale; j++)
            {
                int at = (y * scale + j) * width;
                ref float sum0 = ref MemoryMarshal.GetReference(to);
                for (int i = 0; i < width; i += 8)
                {
                    nuint from = (nuint)(at + i);
                    var codes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref cover0, from))).AsByte();
                    var wide = Vector128.WidenLower(codes);
                    var index = Vector256.Create(Vector128.WidenLower(wide), Vector128.WidenUpper(wide)).AsInt32();
                    var value = (Vector256.Shuffle(bare, index) + Vector256.Shuffle(gain, index) * Vector256.LoadUnsafe(ref green0, from)) * Vector256.LoadUnsafe(ref brightness0, from);
                    if (j > 0)
                        value += Vector256.LoadUnsafe(ref sum0, (nuint)i);
                    value.StoreUnsafe(ref sum0, (nuint)i);
                }
            }

            if (scale == 1)
                continue;
            var row = canvas.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                float sum = 0;
                for (int i = x * scale; i < (x + 1) * scale; i++)
                    sum += sums[i];
                row[x] = sum * mean;
            }
        }

        return canvas;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blur(Raster<float> canvas, float[] kernel)
    {
        int width = canvas.Width, height = canvas.Height, inner = width - 2 * KernelRadius;
        var across = new float[width * height];
        for (int y = 0; y < height; y++)
            Weigh(canvas.Pixels, y * width + KernelRadius, 1, kernel, across, y * width + KernelRadius, inner);
        for (int y = KernelRadius; y < height - KernelRadius; y++)
            Weigh(across, y * width + KernelRadius, width, kernel, canvas.Pixels, y * width + KernelRadius, inner);
    }

    /// <summary>Symmetric weighted sums of samples <paramref name="stride"/> apart; the same order of additions in vectors as one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Weigh(float[] from, int at, int stride, float[] kernel, float[] to, int toAt, int count)
    {
        ref float source = ref MemoryMarshal.GetArrayDataReference(from), target = ref MemoryMarshal.GetArrayDataReference(to);
        var (w0, w1, w2) = (new Vector<float>(kernel[0]), new Vector<float>(kernel[1]), new Vector<float>(kernel[2]));
        var (w3, w4, w5) = (new Vector<float>(kernel[3]), new Vector<float>(kernel[4]), new Vector<float>(kernel[5]));
        var (w6, w7, w8) = (new Vector<float>(kernel[6]), new Vector<float>(kernel[7]), new Vector<float>(kernel[8]));
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            ref float middle = ref Unsafe.Add(ref source, at + i);
            var sum = Vector.LoadUnsafe(ref middle) * w0;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, stride))) * w1;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 2 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 2 * stride))) * w2;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 3 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 3 * stride))) * w3;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 4 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 4 * stride))) * w4;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 5 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 5 * stride))) * w5;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 6 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 6 * stride))) * w6;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 7 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 7 * stride))) * w7;
            sum += (Vector.LoadUnsafe(ref Unsafe.Subtract(ref middle, 8 * stride)) + Vector.LoadUnsafe(ref Unsafe.Add(ref middle, 8 * stride))) * w8;
            sum.StoreUnsafe(ref target, (nuint)(toAt + i));
        }

        for (; i < count; i++)
        {
            float sum = from[at + i] * kernel[0];
            for (int k = 1; k <= KernelRadius; k++)
                sum += (from[at + i - k * stride] + from[at + i + k * stride]) * kernel[k];
            to[toAt + i] = sum;
        }
    }

    /// <summary>
    /// Weights of the quintic through six neighbours (Lagrange), <paramref name="t"/> from the third towards the fourth: polynomials in t by Horner's rule, all at
    /// once; the last two are zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Weights(float t)
    {
        // Expanded from w_k(t) = product over j != k of (t + 2 - j) / (k - j).
        var w = Vector256.Create(-1 / 120f, 5 / 120f, -10 / 120f, 10 / 120f, -5 / 120f, 1 / 120f, 0, 0);
        w = w * t + Vector256.Create(5 / 120f, -20 / 120f, 30 / 120f, -20 / 120f, 5 / 120f, 0, 0, 0);
        w = w * t + Vector256.Create(-5 / 120f, -5 / 120f, 50 / 120f, -70 / 120f, 35 / 120f, -5 / 120f, 0, 0);
        w = w * t + Vector256.Create(-5 / 120f, 80 / 120f, -150 / 120f, 80 / 120f, -5 / 120f, 0, 0, 0);
        w = w * t + Vector256.Create(6 / 120f, -60 / 120f, -40 / 120f, 120 / 120f, -30 / 120f, 4 / 120f, 0, 0);
        return w * t + Vector256.Create(0, 0, 1f, 0, 0, 0, 0, 0);
    }

    /// <summary>The value between samples (<paramref name="ix"/>, <paramref name="iy"/>) and the next; reads two samples beyond the six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Between(Raster<float> canvas, int ix, int iy, Vector256<float> wx, Vector256<float> wy)
    {
        int at = (iy - 2) * canvas.Width + ix - 2;

        // One check for all loads below.
        if ((uint)at > (uint)(canvas.Pixels.Length - 5 * canvas.Width - 8))
            throw new ArgumentOutOfRangeException(nameof(ix), $"Sample ({ix}, {iy}) lies outside a canvas of {canvas.Width} x {canvas.Height}.");
        ref float first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(canvas.Pixels), at);
        nuint width = (nuint)canvas.Width;
        var sum = (Vector256.LoadUnsafe(ref first) * wy.GetElement(0) + Vector256.LoadUnsafe(ref first, width) * wy.GetElement(1))
            + (Vector256.LoadUnsafe(ref first, 2 * width) * wy.GetElement(2) + Vector256.LoadUnsafe(ref first, 3 * width) * wy.GetElement(3))
            + (Vector256.LoadUnsafe(ref first, 4 * width) * wy.GetElement(4) + Vector256.LoadUnsafe(ref first, 5 * width) * wy.GetElement(5));
        return Vector256.Sum(sum * wx);
    }
}
