using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Zero-mean normalised cross-correlation of two images for whole-pixel shifts, one plane per shift: every plane is a product image and one running window mean,
/// so the cost of a pixel and shift does not depend on the window.
/// </summary>
internal sealed class ShiftPlanes
{
    private readonly Raster<float> reference, secondary, referenceMean, secondaryMean, referenceInverseDeviation, secondaryInverseDeviation, product, mean;
    private readonly int radius;
    private readonly Workers workers;

    public ShiftPlanes(Raster<float> reference, Raster<float> secondary, int radius, Workers workers)
    {
        (this.reference, this.secondary, this.radius, this.workers) = (reference, secondary, radius, workers);
        product = new Raster<float>(reference.Width, reference.Height);
        mean = new Raster<float>(reference.Width, reference.Height);
        (referenceMean, referenceInverseDeviation) = Moments(reference);
        (secondaryMean, secondaryInverseDeviation) = Moments(secondary);
    }

    /// <summary>
    /// correlation[i * step] = NCC between the window around reference pixel i and the window around secondary pixel i + (shiftX, shiftY); 0 where the
    /// latter lies outside or either window is flat.
    /// </summary>
    public void Correlate(int shiftX, int shiftY, Span<float> correlation, int step)
    {
        int width = reference.Width, height = reference.Height;
        for (int y = 0; y < height; y++)
        {
            int row = SymmetricFilter.Mirror(y + shiftY, height);
            Multiply(reference.Row(y), secondary.Row(row), shiftX, product.Row(y));
        }

        BoxMean.Apply(product, mean, radius, workers);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                int at = y * width + x, sx = x + shiftX, sy = y + shiftY;
                if ((uint)sx >= (uint)width || (uint)sy >= (uint)height)
                {
                    correlation[at * step] = 0;
                    continue;
                }

                int other = sy * width + sx;
                float covariance = mean.Pixels[at] - referenceMean.Pixels[at] * secondaryMean.Pixels[other];
                correlation[at * step] = Math.Clamp(covariance * referenceInverseDeviation.Pixels[at] * secondaryInverseDeviation.Pixels[other], -1, 1);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(Span<float> a, Span<float> b, int shift, Span<float> result)
    {
        int width = a.Length, from = Math.Clamp(-shift, 0, width), to = Math.Clamp(width - shift, from, width);
        for (int x = 0; x < from; x++)
            result[x] = a[x] * b[SymmetricFilter.Mirror(x + shift, width)];
        for (int x = to; x < width; x++)
            result[x] = a[x] * b[SymmetricFilter.Mirror(x + shift, width)];
        int i = from;
        for (; i + Vector256<float>.Count <= to; i += Vector256<float>.Count)
        {
            var product = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(a), (nuint)i) * Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(b), (nuint)(i + shift));
            product.StoreUnsafe(ref MemoryMarshal.GetReference(result), (nuint)i);
        }

        for (; i < to; i++)
            result[i] = a[i] * b[i + shift];
    }

    private (Raster<float> Mean, Raster<float> InverseDeviation) Moments(Raster<float> image)
    {
        var average = new Raster<float>(image.Width, image.Height);
        var square = new Raster<float>(image.Width, image.Height);
        var inverse = new Raster<float>(image.Width, image.Height);
        BoxMean.Apply(image, average, radius, workers);
        for (int i = 0; i < square.Pixels.Length; i++)
            square.Pixels[i] = image.Pixels[i] * image.Pixels[i];
        BoxMean.Apply(square, inverse, radius, workers);
        for (int i = 0; i < inverse.Pixels.Length; i++)
        {
            float variance = inverse.Pixels[i] - average.Pixels[i] * average.Pixels[i];
            inverse.Pixels[i] = variance > 1e-6f * inverse.Pixels[i] && variance > 1e-12f ? 1 / MathF.Sqrt(variance) : 0;
        }

        return (average, inverse);
    }
}
