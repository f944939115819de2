using System.Runtime.CompilerServices;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Halving and doubling of images: coarse pixel (X, Y) lies on fine pixel (2X, 2Y). Low pass [1 4 6 4 1] / 16 (Burt and Adelson 1983, IEEE Trans. Communications 31, 532-540).
/// </summary>
public static class Pyramid
{
    /// <summary>Binomial low pass of five taps; also the kernel of the wavelet transform with holes.</summary>
    public static readonly float[] Binomial = [6f / 16, 4f / 16, 1f / 16];

    public static (int Width, int Height) HalfSize(int width, int height) => ((width + 1) / 2, (height + 1) / 2);

    public static Raster<float> Halve(Raster<float> image, Workers workers)
    {
        var (width, height) = HalfSize(image.Width, image.Height);
        var smooth = new Raster<float>(image.Width, image.Height);
        SymmetricFilter.Apply(image, smooth, Binomial, 1, workers);
        var half = new Raster<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            var from = smooth.Row(2 * y);
            var to = half.Row(y);
            for (int x = 0; x < width; x++)
                to[x] = from[2 * x];
        }

        return half;
    }

    /// <summary>Bilinear interpolation of <paramref name="coarse"/> at twice the resolution, values multiplied by <paramref name="scale"/>.</summary>
    public static Raster<float> Double(Raster<float> coarse, int width, int height, float scale, Workers workers)
    {
        var fine = new Raster<float>(width, height);
        workers.Rows(height, 64, (first, afterLast) => DoubleRows(coarse, fine, scale, first, afterLast));
        return fine;
    }

    /// <summary>
    /// Fills the pixels whose <paramref name="weight"/> is 0 smoothly from those around them (pull-push over a pyramid), so that filters may run over holes.
    /// </summary>
    public static void FillHoles(Raster<float> image, Raster<float> weight)
    {
        int width = image.Width, height = image.Height;
        if (Array.IndexOf(weight.Pixels, 0f) < 0)
            return;
        if (width <= 2 && height <= 2)
        {
            double sum = 0, total = 0;
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                sum += weight.Pixels[i] > 0 ? image.Pixels[i] * weight.Pixels[i] : 0;
                total += weight.Pixels[i];
            }

            for (int i = 0; i < image.Pixels.Length; i++)
                if (weight.Pixels[i] == 0)
                    image.Pixels[i] = total > 0 ? (float)(sum / total) : 0;
            return;
        }

        var (halfWidth, halfHeight) = HalfSize(width, height);
        var coarse = new Raster<float>(halfWidth, halfHeight);
        var coarseWeight = new Raster<float>(halfWidth, halfHeight);
        for (int y = 0; y < halfHeight; y++)
            for (int x = 0; x < halfWidth; x++)
            {
                float sum = 0, total = 0;
                for (int j = Math.Max(0, 2 * y - 1); j <= Math.Min(height - 1, 2 * y + 1); j++)
                    for (int i = Math.Max(0, 2 * x - 1); i <= Math.Min(width - 1, 2 * x + 1); i++)
                    {
                        float w = weight[i, j];
                        if (w > 0)
                        {
                            sum += w * image[i, j];
                            total += w;
                        }
                    }

                coarse[x, y] = total > 0 ? sum / total : 0;
                coarseWeight[x, y] = Math.Min(1, total);
            }

        FillHoles(coarse, coarseWeight);
        var fine = Double(coarse, width, height, 1, Workers.Single);
        for (int i = 0; i < image.Pixels.Length; i++)
            if (weight.Pixels[i] == 0)
                image.Pixels[i] = fine.Pixels[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DoubleRows(Raster<float> coarse, Raster<float> fine, float scale, int first, int afterLast)
    {
        for (int y = first; y < afterLast; y++)
        {
            int top = Math.Min(y >> 1, coarse.Height - 1), bottom = Math.Min((y + 1) >> 1, coarse.Height - 1);
            var a = coarse.Row(top);
            var b = coarse.Row(bottom);
            var to = fine.Row(y);
            for (int x = 0; x < to.Length; x++)
            {
                int left = Math.Min(x >> 1, a.Length - 1), right = Math.Min((x + 1) >> 1, a.Length - 1);
                to[x] = scale * 0.25f * (a[left] + a[right] + b[left] + b[right]);
            }
        }
    }
}
