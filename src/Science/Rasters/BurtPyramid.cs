namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// One step down the Gaussian pyramid of Burt and Adelson (1983), a = 0.4: the separable filter [0.05 0.25 0.4 0.25 0.05], mirrored at the border,
/// then the even rows and columns. Masked pixels have no weight; a coarse pixel is valid when at least half of its weight is.
/// </summary>
public static class BurtPyramid
{
    private const int RowsPerBand = 64;
    private static readonly float[] Taps = [0.05f, 0.25f, 0.4f, 0.25f, 0.05f];

    /// <summary>Half as many rows and columns (rounded up); <paramref name="mask"/> holds 1 where the image counts and 0 elsewhere.</summary>
    public static (Raster<float> Image, Raster<float> Mask) Decimate(Raster<float> image, Raster<float> mask, Workers workers)
    {
        int width = image.Width, height = image.Height;
        int coarseWidth = (width + 1) / 2, coarseHeight = (height + 1) / 2;
        var coarse = new Raster<float>(coarseWidth, coarseHeight);
        var coarseMask = new Raster<float>(coarseWidth, coarseHeight);
        workers.Rows(coarseHeight, RowsPerBand, () => (Values: new float[width], Weights: new float[width]), (first, afterLast, columns) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                Array.Clear(columns.Values);
                Array.Clear(columns.Weights);
                for (int k = -2; k <= 2; k++)
                {
                    int from = SplineImage.Mirror(2 * y + k, height);
                    AddWeighted(image.Row(from), mask.Row(from), Taps[k + 2], columns.Values, columns.Weights);
                }

                var row = coarse.Row(y);
                var maskRow = coarseMask.Row(y);
                for (int x = 0; x < coarseWidth; x++)
                {
                    float value = 0, weight = 0;
                    for (int k = -2; k <= 2; k++)
                    {
                        int from = SplineImage.Mirror(2 * x + k, width);
                        value += Taps[k + 2] * columns.Values[from];
                        weight += Taps[k + 2] * columns.Weights[from];
                    }

                    bool valid = weight >= 0.5f;
                    row[x] = valid ? value / weight : 0;
                    maskRow[x] = valid ? 1 : 0;
                }
            }
        });
        return (coarse, coarseMask);
    }

    private static void AddWeighted(ReadOnlySpan<float> row, ReadOnlySpan<float> mask, float tap, float[] values, float[] weights)
    {
        for (int x = 0; x < row.Length; x++)
        {
            float weight = tap * mask[x];
            values[x] += weight * row[x];
            weights[x] += weight;
        }
    }
}
