using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Detector boundaries looked for in the field itself, when no footprint tells them: at every place across the track, the step between the 2 km on both sides,
/// corrected for their gradient, as the median over bins of 2 km along the track. Boundaries are the highest steps at least 15 km apart.
/// </summary>
internal static class DetectorSearch
{
    private const int Cell = 20;
    private const double LeastSeparationKm = 15;
    private const double WidestStripKm = 32;
    private const double LeastStepPixels = 0.02;
    private const double LargestStepPixels = 0.3;
    private const double NoiseFactor = 6;

    /// <summary>A layout of strips along the track, or null when no step stands out.</summary>
    public static DetectorLayout? Layout(Raster<float> dx, Raster<float> dy, TrackFrame frame, TrackBins bins, RasterGrid fullGrid, int factor)
    {
        float leastAcross = bins.Across.Pixels.Min();
        int columns = (int)(bins.Across.Pixels.Max() - leastAcross) + 1;
        var east = Steps(dx, bins, columns, leastAcross);
        var south = Steps(dy, bins, columns, leastAcross);
        var strength = new float[columns];
        for (int c = 0; c < columns; c++)
            strength[c] = (float)Math.Sqrt(east[c] * east[c] + south[c] * south[c]);
        var known = strength.Where(float.IsFinite).ToArray();
        if (known.Length == 0)
            return null;
        double threshold = Math.Max(LeastStepPixels, NoiseFactor * OrderStatistics.Median(known));
        int separation = (int)(LeastSeparationKm * 1000 / (fullGrid.PixelSizeMetres * factor));
        var found = new List<int>();
        foreach (int c in Enumerable.Range(0, columns).Where(c => strength[c] >= threshold && strength[c] <= LargestStepPixels).OrderByDescending(c => strength[c]))
        {
            if (found.All(f => Math.Abs(f - c) >= separation))
                found.Add(c);
        }

        if (found.Count == 0)
            return null;
        found.Sort();
        double widest = WidestStripKm * 1000 / (fullGrid.PixelSizeMetres * factor);
        bool complete = found.Zip(found.Skip(1), (a, b) => b - a).All(gap => gap <= widest);
        return Strips(found.Select(c => (double)c + leastAcross).ToArray(), complete, frame, fullGrid, factor);
    }

    private static float[] Steps(Raster<float> field, TrackBins bins, int columns, float leastAcross)
    {
        int rows = bins.Count / Cell + 1;
        var (sums, counts) = (new double[rows, columns + 1], new int[rows, columns + 1]);
        for (int i = 0; i < field.Pixels.Length; i++)
        {
            if (!float.IsFinite(field.Pixels[i]))
                continue;
            int row = bins.Bin.Pixels[i] / Cell, column = (int)(bins.Across.Pixels[i] - leastAcross);
            sums[row, column + 1] += field.Pixels[i];
            counts[row, column + 1]++;
        }

        for (int row = 0; row < rows; row++)
        {
            for (int c = 0; c < columns; c++)
            {
                sums[row, c + 1] += sums[row, c];
                counts[row, c + 1] += counts[row, c];
            }
        }

        var steps = new float[columns];
        var values = new float[rows];
        for (int c = 0; c < columns; c++)
        {
            int count = 0;
            for (int row = 0; row < rows && c >= 2 * Cell && c + 2 * Cell <= columns; row++)
            {
                double Mean(int from)
                {
                    int n = counts[row, from + Cell] - counts[row, from];
                    return n < Cell * Cell / 4 ? double.NaN : (sums[row, from + Cell] - sums[row, from]) / n;
                }

                double farLeft = Mean(c - 2 * Cell), left = Mean(c - Cell), right = Mean(c), farRight = Mean(c + Cell);
                double step = right - left - 0.5 * (farRight - right + left - farLeft);
                if (double.IsFinite(step))
                    values[count++] = (float)step;
            }

            steps[c] = count >= 10 ? (float)OrderStatistics.Median(values.AsSpan(0, count)) : float.NaN;
        }

        return steps;
    }

    private static DetectorLayout Strips(double[] boundaries, bool complete, TrackFrame frame, RasterGrid grid, int factor)
    {
        var (sin, cos) = Math.SinCos(frame.AngleDegrees * Math.PI / 180);
        int lines = (grid.Height + factor - 1) / factor;
        var (lineStarts, starts, regions) = (new int[lines + 1], new List<float>(), new List<byte>());
        var area = new double[boundaries.Length + 1];
        for (int line = 0; line < lines; line++)
        {
            double y = Math.Min(grid.Height, (line + 0.5) * factor);
            double previous = 0;
            for (int k = 0; k <= boundaries.Length; k++)
            {
                double start = k == 0 ? 0 : Math.Clamp((boundaries[k - 1] * factor - y * sin) / cos, 0, grid.Width);
                double end = k == boundaries.Length ? grid.Width : Math.Clamp((boundaries[k] * factor - y * sin) / cos, 0, grid.Width);
                if (end <= start)
                    continue;
                starts.Add((float)Math.Max(previous, start));
                regions.Add((byte)k);
                area[k] += end - start;
                previous = end;
            }

            lineStarts[line + 1] = starts.Count;
        }

        // With a boundary missed, the parities would be wrong from there on: then all strips share one group.
        var list = area.Select((a, k) => new DetectorRegion(complete ? k + 1 : 1, complete ? k + 1 : 1, a / ((double)grid.Width * lines))).ToArray();
        return new DetectorLayout(grid.Width, grid.Height, factor, list, lineStarts, [.. starts], [.. regions]);
    }
}
