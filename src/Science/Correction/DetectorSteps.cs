using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// One offset per detector region. <c>Boundary</c>: along each boundary, in bins of 2 km, a line and a step are fitted to the 4 km on both sides; the
/// step of the boundary is the median over the bins, so a fault that crosses it is voted out and a smooth gradient does not count as a step. A boundary
/// of less than 10 km has too few bins for a vote; its samples are fitted together, since a detector that sees one corner of the tile has no other. The
/// steps are then adjusted to offsets by least squares, with zero mean over the area. <c>Mean</c>, <c>Median</c>: of the region (CO-REGIS).
/// </summary>
internal static class DetectorSteps
{
    private const int BinRows = 20;
    private const int ReachColumns = 40;
    private const int NearestColumn = 1;
    private const int MinimumSamplesPerSide = 60;
    private const int MinimumBins = 5;

    /// <summary>For a boundary shorter than <see cref="MinimumBins"/>: the region that it cuts off a corner of the tile may have no more than that.</summary>
    private const int MinimumSamplesOfCorner = 10;
    private const double WeightOfCorner = 0.1;

    /// <summary>Region of every pixel of the coarse grid.</summary>
    public static Raster<byte> Labels(DetectorLayout layout, int factor, int width, int height)
    {
        var labels = new Raster<byte>(width, height);
        for (int y = 0; y < height; y++)
        {
            var (starts, regions) = layout.Line(Math.Min(y, layout.Lines - 1));
            int run = 0;
            for (int x = 0; x < width; x++)
            {
                while (run + 1 < regions.Length && starts.Span[run + 1] <= (x + 0.5) * factor)
                    run++;
                labels[x, y] = regions.Span[run];
            }
        }

        return labels;
    }

    public static double[] RegionValues(Raster<float> field, Raster<byte> labels, Raster<bool>? excluded, int regions, bool median)
    {
        var values = new List<float>[regions];
        for (int k = 0; k < regions; k++)
            values[k] = [];
        for (int i = 0; i < field.Pixels.Length; i++)
        {
            if (float.IsFinite(field.Pixels[i]) && excluded?.Pixels[i] != true)
                values[labels.Pixels[i]].Add(field.Pixels[i]);
        }

        return values.Select(v => v.Count == 0 ? 0 : median ? OrderStatistics.Median(v.ToArray()) : v.Average(f => (double)f)).ToArray();
    }

    public static double[] FromBoundaries(Raster<float> field, Raster<byte> labels, Raster<bool>? excluded, DetectorLayout layout)
    {
        int regions = layout.Regions.Count;
        var bins = new SortedDictionary<(int Left, int Right, int Bin), Bin>();
        for (int y = 0; y < field.Height; y++)
        {
            for (int x = 1; x < field.Width; x++)
            {
                byte left = labels[x - 1, y], right = labels[x, y];
                if (left == right)
                    continue;
                var key = (left, right, y / BinRows);
                if (!bins.TryGetValue(key, out var bin))
                    bins[key] = bin = new Bin();
                for (int k = NearestColumn; k < ReachColumns; k++)
                {
                    bin.Add(field, labels, excluded, x - 1 - k, y, left, ReachColumns - 1 - k);
                    bin.Add(field, labels, excluded, x + k, y, right, ReachColumns + k);
                }
            }
        }

        var steps = bins.Select(p => (p.Key.Left, p.Key.Right, Step: p.Value.Step(MinimumSamplesPerSide))).Where(p => double.IsFinite(p.Step)).ToLookup(p => (p.Left, p.Right), p => (float)p.Step);
        var normal = new NormalEquations(regions);
        var row = new double[regions];
        foreach (var boundary in bins.GroupBy(p => (p.Key.Left, p.Key.Right), p => p.Value))
        {
            var (left, right) = boundary.Key;
            var found = steps[(left, right)].ToArray();
            Array.Clear(row);
            row[left] = -1;
            row[right] = 1;
            if (found.Length >= MinimumBins)
                normal.Add(row, OrderStatistics.Median(found), found.Length);
            else if (boundary.Count() < MinimumBins && Bin.Of(boundary).Step(MinimumSamplesOfCorner) is var step && double.IsFinite(step))
                normal.Add(row, step, WeightOfCorner);
            else
                normal.Add(row, 0, 0.01);
        }

        for (int k = 0; k < regions; k++)
            row[k] = layout.Regions[k].AreaShare;
        normal.Add(row, 0, 1);
        for (int k = 0; k < regions; k++)
        {
            // A region without any neighbour must not leave the system undetermined.
            Array.Clear(row);
            row[k] = 1;
            normal.Add(row, 0, 1e-6);
        }

        return normal.Solve() ?? new double[regions];
    }

    /// <summary>Samples of one bin by distance to the boundary.</summary>
    private sealed class Bin
    {
        private readonly List<float>[] columns = new List<float>[2 * ReachColumns];

        public void Add(Raster<float> field, Raster<byte> labels, Raster<bool>? excluded, int x, int y, byte region, int column)
        {
            if ((uint)x >= (uint)field.Width || labels[x, y] != region || excluded?[x, y] == true)
                return;
            float value = field[x, y];
            if (float.IsFinite(value))
                (columns[column] ??= []).Add(value);
        }

        public static Bin Of(IEnumerable<Bin> parts)
        {
            var whole = new Bin();
            foreach (var part in parts)
            {
                for (int k = 0; k < part.columns.Length; k++)
                {
                    if (part.columns[k] is { } samples)
                        (whole.columns[k] ??= []).AddRange(samples);
                }
            }

            return whole;
        }

        public double Step(int minimumSamplesPerSide)
        {
            var normal = new NormalEquations(3);
            Span<double> row = stackalloc double[3];
            row[0] = 1;
            int left = 0, right = 0;
            for (int k = 0; k < columns.Length; k++)
            {
                if (columns[k] is not { } samples)
                    continue;
                bool isRight = k >= ReachColumns;
                (left, right) = isRight ? (left, right + samples.Count) : (left + samples.Count, right);
                row[1] = (k - ReachColumns + 0.5) / ReachColumns;
                row[2] = isRight ? 1 : 0;
                normal.Add(row, OrderStatistics.Median(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(samples)), samples.Count);
            }

            return left >= minimumSamplesPerSide && right >= minimumSamplesPerSide && normal.Solve() is { } solution ? solution[2] : double.NaN;
        }
    }
}
