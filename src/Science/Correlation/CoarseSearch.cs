using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>Where to begin: whole-pixel shifts on a decimated level, over the whole range of the search; the refinement may then leave it, and is flagged where it does.</summary>
internal static class CoarseSearch
{
    /// <summary>Cost (1 - NCC) of one pixel of change between neighbours, and the most a jump may cost.</summary>
    private const float Slope = 0.35f, Jump = 0.9f;

    /// <summary>Halvings after which the explored range is at most three pixels to each side: the number of shifts stays bounded whatever the range.</summary>
    public static int Level(double exploredPixels)
    {
        int level = 2;
        while (exploredPixels / (1 << level) > 3)
            level++;
        return level;
    }

    /// <summary>Shift of every pixel of the decimated images, pixels of that level.</summary>
    public static (Raster<float> Dx, Raster<float> Dy) Find(
        Raster<float> reference, Raster<float> secondary, Raster<float> weight, double exploredPixels, int windowRadius, Workers workers)
    {
        int radius = Math.Max(1, (int)Math.Ceiling(exploredPixels - 1e-9)), side = 2 * radius + 1, labels = side * side;
        int width = reference.Width, height = reference.Height;
        var cost = new float[checked(width * height * labels)];
        var planes = new ShiftPlanes(reference, secondary, windowRadius, workers);
        for (int label = 0; label < labels; label++)
            planes.Correlate(label % side - radius, label / side - radius, cost.AsSpan(label), labels);
        for (int i = 0; i < width * height; i++)
        {
            var costs = cost.AsSpan(i * labels, labels);
            float w = weight.Pixels[i];
            for (int label = 0; label < labels; label++)
            {
                // A trace of preference for standing still decides where the images say nothing.
                int dx = label % side - radius, dy = label / side - radius;
                costs[label] = w * (1 - costs[label]) + 1e-4f * (Math.Abs(dx) + Math.Abs(dy));
            }
        }

        var chosen = SemiGlobal.Choose(cost, width, height, radius, Slope, Jump, workers);
        var fieldX = new Raster<float>(width, height);
        var fieldY = new Raster<float>(width, height);
        for (int i = 0; i < chosen.Length; i++)
        {
            fieldX.Pixels[i] = chosen[i] % side - radius;
            fieldY.Pixels[i] = chosen[i] / side - radius;
        }

        return (fieldX, fieldY);
    }
}
