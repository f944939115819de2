using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>One resolution of a pair: the signals that are matched (ranks, or locally normalised intensities), where they count, and the reference gradient.</summary>
internal sealed class FlowLevel
{
    private const int RowsPerBand = 64;

    // Half window of the local normalisation when ranks are off.
    private const int NormalisationRadius = 8;

    private FlowLevel(Raster<float> reference, SplineImage secondary, Raster<float> referenceMask, Raster<float> secondaryMask, ContrastChoice? contrast)
    {
        Reference = reference;
        Secondary = secondary;
        ReferenceMask = referenceMask;
        SecondaryMask = secondaryMask;
        Contrast = contrast;
        GradientX = new Raster<float>(Width, Height);
        GradientY = new Raster<float>(Width, Height);
    }

    public int Width => Reference.Width;

    public int Height => Reference.Height;

    /// <summary>Matched signal of the reference.</summary>
    public Raster<float> Reference { get; }

    /// <summary>Matched signal of the secondary, ready to be warped.</summary>
    public SplineImage Secondary { get; }

    /// <summary>1 where the reference signal and its gradient rest on valid pixels, else 0.</summary>
    public Raster<float> ReferenceMask { get; }

    /// <summary>1 where the secondary may be interpolated, else 0.</summary>
    public Raster<float> SecondaryMask { get; }

    public ContrastChoice? Contrast { get; }

    /// <summary>Central differences per pixel, 0 where masked; x to the East.</summary>
    public Raster<float> GradientX { get; }

    /// <summary>Central differences per pixel, 0 where masked; y to the South.</summary>
    public Raster<float> GradientY { get; }

    /// <param name="reference">Normalised intensities, any value where <paramref name="referenceMask"/> is 0.</param>
    public static FlowLevel Create(
        Raster<float> reference, Raster<float> referenceMask, Raster<float> secondary, Raster<float> secondaryMask, OpticalFlowParameters parameters, Workers workers)
    {
        int rank = parameters.FlowRankRadius;
        Raster<float> usable0 = referenceMask, usable1 = secondaryMask;
        var signal0 = rank > 0
            ? RankTransform.Compute(reference, referenceMask, rank, darker: false, workers, out usable0)
            : NormaliseLocally(reference, referenceMask, workers);
        var signal1 = rank > 0
            ? RankTransform.Compute(secondary, secondaryMask, rank, darker: false, workers, out usable1)
            : NormaliseLocally(secondary, secondaryMask, workers);
        // Inverted contrast is defined by the ranks: without them there is nothing to invert.
        var contrast = parameters.FlowContrastAdaptation && rank > 0
            ? ContrastChoice.Create(reference, referenceMask, secondary, secondaryMask, rank, workers)
            : null;
        var level = new FlowLevel(
            signal0, SplineImage.Of(signal1, workers), Erode(usable0, workers), Erode(usable1, workers), contrast);
        workers.Rows(level.Height, RowsPerBand, level.DifferentiateRows);
        return level;
    }

    /// <summary>(I - mean) / deviation of the valid pixels of a window: no gain, no offset, and no single bright roof that outweighs the rest.</summary>
    internal static Raster<float> NormaliseLocally(Raster<float> image, Raster<float> mask, Workers workers)
    {
        int width = image.Width, height = image.Height;
        var masked = new Raster<float>(width, height);
        var squares = new Raster<float>(width, height);
        for (int i = 0; i < masked.Pixels.Length; i++)
        {
            float value = mask.Pixels[i] == 0 ? 0 : image.Pixels[i];
            masked.Pixels[i] = value;
            squares.Pixels[i] = value * value;
        }

        var result = new Raster<float>(width, height);
        BoxSums.ForEachRow([masked, squares, mask], NormalisationRadius, workers, (y, sums) =>
        {
            var row = result.Row(y);
            var source = image.Row(y);
            var maskRow = mask.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                if (maskRow[x] == 0)
                    continue;
                float mean = sums[0][x] / sums[2][x];
                float variance = sums[1][x] / sums[2][x] - mean * mean;
                // The floor keeps the noise of flat ground (normalised units) from being blown up into texture.
                row[x] = Math.Clamp((source[x] - mean) / MathF.Sqrt(Math.Max(variance, 0) + 1e-4f), -3f, 3f);
            }
        });
        return result;
    }

    // A pixel stays when its four neighbours are valid too: the gradient and the two inner taps of the spline need them.
    private static Raster<float> Erode(Raster<float> mask, Workers workers)
    {
        int width = mask.Width, height = mask.Height;
        if (!mask.Pixels.AsSpan().Contains(0f))
            return mask;
        var eroded = new Raster<float>(width, height);
        workers.Rows(height, RowsPerBand, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = eroded.Row(y);
                var above = mask.Row(SplineImage.Mirror(y - 1, height));
                var below = mask.Row(SplineImage.Mirror(y + 1, height));
                var middle = mask.Row(y);
                for (int x = 0; x < width; x++)
                    row[x] = middle[x] * above[x] * below[x] * middle[SplineImage.Mirror(x - 1, width)] * middle[SplineImage.Mirror(x + 1, width)];
            }
        });
        return eroded;
    }

    private void DifferentiateRows(int first, int afterLast)
    {
        int width = Width, height = Height;
        for (int y = first; y < afterLast; y++)
        {
            int up = Math.Max(0, y - 1), down = Math.Min(height - 1, y + 1);
            var above = Reference.Row(up);
            var below = Reference.Row(down);
            var row = Reference.Row(y);
            var mask = ReferenceMask.Row(y);
            var gradientX = GradientX.Row(y);
            var gradientY = GradientY.Row(y);
            float perRow = down > up ? 1f / (down - up) : 0;
            for (int x = 0; x < width; x++)
            {
                int left = Math.Max(0, x - 1), right = Math.Min(width - 1, x + 1);
                float perColumn = right > left ? 1f / (right - left) : 0;
                gradientX[x] = mask[x] * perColumn * (row[right] - row[left]);
                gradientY[x] = mask[x] * perRow * (below[x] - above[x]);
            }
        }
    }
}
