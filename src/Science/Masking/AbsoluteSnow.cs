namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Spectral-contextual snow index (Qiu et al. 2019): snow fields are smooth over 10 km and bright in green against SWIR, clouds are not.
/// Sums of whole numbers over the window make it exact and independent of the order of work.
/// </summary>
internal static class AbsoluteSnow
{
    private const double WindowRadiusMetres = 5000;
    private const double Threshold = 0.0009;

    /// <summary>Pixels of possible snow that must exist before the index is worth computing (333 x 333).</summary>
    public const int MinimumSnowPixels = 333 * 333;

    public static BitMask Compute(Scene scene, BitMask potentialSnow)
    {
        int width = scene.Width, height = scene.Height;
        int radius = (int)(WindowRadiusMetres / scene.Bands.PixelSizeMetres), side = 2 * radius + 1;
        double count = (double)side * side;
        var result = new BitMask(width, height);
        scene.Workers.Rows(height, 512, () => (Sum: new long[width], Squares: new long[width]), (first, afterLast, columns) =>
        {
            Array.Clear(columns.Sum);
            Array.Clear(columns.Squares);
            for (int dy = -radius; dy <= radius; dy++)
                Add(first + dy, 1);
            for (int y = first; y < afterLast; y++)
            {
                if (y > first)
                {
                    Add(y + radius, 1);
                    Add(y - radius - 1, -1);
                }

                TestRow(y);
            }

            void Add(int y, int sign)
            {
                int row = Mirror(y, height);
                var green = scene.Bands.Green.Row(row);
                var flags = scene.Bands.Flags.Row(row);
                for (int x = 0; x < width; x++)
                {
                    long level = (flags[x] & PixelFlags.Null) != 0 ? 0 : (long)MathF.Round(green[x] * 10_000);
                    columns.Sum[x] += sign * level;
                    columns.Squares[x] += sign * level * level;
                }
            }

            void TestRow(int y)
            {
                long sum = 0, squares = 0;
                for (int dx = -radius; dx <= radius; dx++)
                {
                    sum += columns.Sum[Mirror(dx, width)];
                    squares += columns.Squares[Mirror(dx, width)];
                }

                var green = scene.Bands.Green.Row(y);
                var swir1 = scene.Bands.Swir1.Row(y);
                var flags = scene.Bands.Flags.Row(y);
                for (int x = 0; x < width; x++)
                {
                    if (x > 0)
                    {
                        int enters = Mirror(x + radius, width), leaves = Mirror(x - radius - 1, width);
                        sum += columns.Sum[enters] - columns.Sum[leaves];
                        squares += columns.Squares[enters] - columns.Squares[leaves];
                    }

                    if (!potentialSnow[x, y] || (flags[x] & PixelFlags.SaturatedGreen) != 0)
                        continue;
                    double variance = (squares - (double)sum * sum / count) / (count - 1);
                    double deviation = Math.Sqrt(Math.Max(0, variance)) / 10_000;
                    if (deviation * (1 - SpectralIndices.NormalisedDifference(green[x], swir1[x])) < Threshold)
                        result[x, y] = true;
                }
            }
        });
        return result;
    }

    /// <summary>Index continued by mirroring with the border pixel repeated, as often as needed.</summary>
    public static int Mirror(int i, int length)
    {
        int period = 2 * length;
        i = (i % period + period) % period;
        return i < length ? i : period - 1 - i;
    }
}
