using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>
/// The contrast inversion of GeFolki (Brigot et al. 2016): where the locally equalised secondary resembles the negative of the equalised reference more
/// than the positive, its ranks are taken from darker instead of brighter neighbours.
/// </summary>
internal sealed class ContrastChoice
{
    private const int RowsPerBand = 64;
    private const int Bins = 256;

    // Tiles per axis of the equalisation.
    private const int Tiles = 8;

    private readonly Raster<float> reference;
    private readonly SplineImage secondary;
    private readonly int radius;

    private ContrastChoice(Raster<float> reference, SplineImage secondary, SplineImage darkerRanks, int radius)
    {
        this.reference = reference;
        this.secondary = secondary;
        this.radius = radius;
        DarkerRanks = darkerRanks;
    }

    /// <summary>Ranks of the secondary counted over darker neighbours.</summary>
    public SplineImage DarkerRanks { get; }

    public static ContrastChoice Create(
        Raster<float> reference, Raster<float> referenceMask, Raster<float> secondary, Raster<float> secondaryMask, int rankRadius, Workers workers) => new(
        Equalise(reference, referenceMask, workers),
        SplineImage.Of(Equalise(secondary, secondaryMask, workers), workers),
        SplineImage.Of(RankTransform.Compute(secondary, secondaryMask, rankRadius, darker: true, workers, out _), workers),
        rankRadius);

    /// <summary>1 where the contrast of the secondary, warped by (dx, dy), is to be inverted.</summary>
    public Raster<float> Inverted(Raster<float> dx, Raster<float> dy, Raster<float> mask, Workers workers)
    {
        int width = reference.Width, height = reference.Height;
        var same = new Raster<float>(width, height);
        var opposite = new Raster<float>(width, height);
        workers.Rows(height, RowsPerBand, () => new float[width], (first, afterLast, warped) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                secondary.SampleRow(y, dx.Row(y), dy.Row(y), warped);
                for (int x = 0; x < width; x++)
                {
                    same[x, y] = mask[x, y] * Math.Abs(reference[x, y] - warped[x]);
                    opposite[x, y] = mask[x, y] * Math.Abs(1 - reference[x, y] - warped[x]);
                }
            }
        });
        var inverted = new Raster<float>(width, height);
        BoxSums.ForEachRow([same, opposite], radius, workers, (y, sums) =>
        {
            var row = inverted.Row(y);
            for (int x = 0; x < width; x++)
                row[x] = sums[0][x] > sums[1][x] ? 1 : 0;
        });
        return inverted;
    }

    /// <summary>
    /// Adaptive histogram equalisation (Pizer et al. 1987) to [0, 1]: the cumulative histograms of 8 x 8 tiles, bilinear between their centres; unclipped,
    /// as GeFolki uses it.
    /// </summary>
    internal static Raster<float> Equalise(Raster<float> image, Raster<float> mask, Workers workers)
    {
        int width = image.Width, height = image.Height;
        var maps = new float[Tiles * Tiles][];
        workers.Each(Tiles * Tiles, tile =>
        {
            int column = tile % Tiles, row = tile / Tiles;
            maps[tile] = CumulativeHistogram(image, mask, width * column / Tiles, width * (column + 1) / Tiles, height * row / Tiles, height * (row + 1) / Tiles);
        });
        var result = new Raster<float>(width, height);
        workers.Rows(height, RowsPerBand, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                float ty = Math.Clamp((y + 0.5f) * Tiles / height - 0.5f, 0, Tiles - 1);
                int row = Math.Min((int)ty, Tiles - 2);
                for (int x = 0; x < width; x++)
                {
                    if (mask[x, y] == 0)
                    {
                        result[x, y] = 0.5f;
                        continue;
                    }

                    float tx = Math.Clamp((x + 0.5f) * Tiles / width - 0.5f, 0, Tiles - 1);
                    int column = Math.Min((int)tx, Tiles - 2), bin = Bin(image[x, y]), tile = row * Tiles + column;
                    float fx = tx - column, fy = ty - row;
                    float upper = (1 - fx) * maps[tile][bin] + fx * maps[tile + 1][bin];
                    float lower = (1 - fx) * maps[tile + Tiles][bin] + fx * maps[tile + Tiles + 1][bin];
                    result[x, y] = (1 - fy) * upper + fy * lower;
                }
            }
        });
        return result;
    }

    private static int Bin(float value) => Math.Clamp((int)(value * Bins), 0, Bins - 1);

    private static float[] CumulativeHistogram(Raster<float> image, Raster<float> mask, int left, int right, int top, int bottom)
    {
        var map = new float[Bins];
        int count = 0;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                if (mask[x, y] == 0)
                    continue;
                map[Bin(image[x, y])]++;
                count++;
            }
        }

        float sum = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            sum += map[bin];
            // A tile without valid pixels leaves the values as they are.
            map[bin] = count == 0 ? (bin + 0.5f) / Bins : sum / count;
        }

        return map;
    }
}
