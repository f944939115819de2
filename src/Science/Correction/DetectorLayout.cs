
namespace GdmOptEtq.Science.Correction;

/// <summary>Connected ground seen by one detector on the reference date and one on the secondary date.</summary>
/// <param name="ReferenceDetector">1 to 12.</param>
/// <param name="SecondaryDetector">1 to 12.</param>
/// <param name="AreaShare">Part of the tile, 0 to 1.</param>
public sealed record DetectorRegion(int ReferenceDetector, int SecondaryDetector, double AreaShare)
{
    /// <summary>Odd and even detectors look at the same ground seconds apart: regions with the same pair of parities share their jitter.</summary>
    public int ParityGroup => (ReferenceDetector & 1) * 2 + (SecondaryDetector & 1);
}

/// <summary>
/// Which region every pixel of a pair belongs to, kept as runs on scan lines <see cref="RowStep"/> full rows apart; boundaries between scan lines are
/// straight. Run r of line k starts at column <c>RunStarts[LineStarts[k] + r]</c> (full pixels, 0 for the first) and belongs to the region in
/// <see cref="RunRegions"/>.
/// </summary>
public sealed record DetectorLayout(
    int Width, int Height, int RowStep, IReadOnlyList<DetectorRegion> Regions, int[] LineStarts, float[] RunStarts, byte[] RunRegions)
{
    public int Lines => LineStarts.Length - 1;

    /// <summary>Row coordinate (full pixels, 0 = upper edge) of scan line <paramref name="line"/>.</summary>
    public double LineRow(int line) => Math.Min(Height, (line + 0.5) * RowStep);

    /// <summary>The runs of full row <paramref name="y"/>: start columns and regions into the spans; returns how many.</summary>
    public int RunsOfRow(int y, Span<float> starts, Span<byte> regions)
    {
        double position = Math.Clamp((y + 0.5) / RowStep - 0.5, 0, Lines - 1);
        int line = Math.Min((int)position, Lines - 1), next = Math.Min(line + 1, Lines - 1);
        var here = Run(line);
        var below = Run(next);
        float part = (float)(position - line);
        bool same = here.Regions.SequenceEqual(below.Regions);
        var nearest = part < 0.5f ? here : below;
        for (int i = 0; i < nearest.Regions.Length; i++)
        {
            starts[i] = same ? here.Starts[i] + part * (below.Starts[i] - here.Starts[i]) : nearest.Starts[i];
            regions[i] = nearest.Regions[i];
        }

        return nearest.Regions.Length;
    }

    /// <summary>Longest list of runs on any line: the size of the spans for <see cref="RunsOfRow"/>.</summary>
    public int MaximumRuns()
    {
        int most = 1;
        for (int line = 0; line < Lines; line++)
            most = Math.Max(most, LineStarts[line + 1] - LineStarts[line]);
        return most;
    }

    internal (ReadOnlyMemory<float> Starts, ReadOnlyMemory<byte> Regions) Line(int line) =>
        (RunStarts.AsMemory(LineStarts[line]..LineStarts[line + 1]), RunRegions.AsMemory(LineStarts[line]..LineStarts[line + 1]));

    /// <summary>Tilt of the boundaries against the columns, degrees clockwise from North: the track angle; null when no boundary is 5 km long.</summary>
    public double? TrackAngleDegrees(double pixelSizeMetres)
    {
        double sumWeights = 0, sum = 0;
        foreach (var boundary in Boundaries().Values)
        {
            double n = boundary.Count, meanX = 0, meanY = 0, covariance = 0, variance = 0;
            foreach (var (x, y) in boundary)
            {
                meanX += x / n;
                meanY += y / n;
            }

            foreach (var (x, y) in boundary)
            {
                covariance += (x - meanX) * (y - meanY);
                variance += (y - meanY) * (y - meanY);
            }

            if (n * RowStep * pixelSizeMetres < 5000)
                continue;
            sum += n * Math.Atan(-covariance / variance);
            sumWeights += n;
        }

        return sumWeights == 0 ? null : sum / sumWeights * 180 / Math.PI;
    }

    /// <summary>Points (column, row) of the boundary between each two neighbouring regions, by (left region, right region).</summary>
    internal SortedDictionary<(int Left, int Right), List<(double X, double Y)>> Boundaries()
    {
        var boundaries = new SortedDictionary<(int, int), List<(double, double)>>();
        for (int line = 0; line < Lines; line++)
        {
            for (int i = LineStarts[line] + 1; i < LineStarts[line + 1]; i++)
            {
                var key = (RunRegions[i - 1], RunRegions[i]);
                if (!boundaries.TryGetValue(key, out var points))
                    boundaries[key] = points = [];
                points.Add((RunStarts[i], LineRow(line)));
            }
        }

        return boundaries;
    }

    private LineRuns Run(int line) => new(
        RunStarts.AsSpan(LineStarts[line]..LineStarts[line + 1]), RunRegions.AsSpan(LineStarts[line]..LineStarts[line + 1]));

    private readonly ref struct LineRuns(ReadOnlySpan<float> starts, ReadOnlySpan<byte> regions)
    {
        public readonly ReadOnlySpan<float> Starts = starts;
        public readonly ReadOnlySpan<byte> Regions = regions;
    }
}
