using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Turns the detector footprints of both dates into one <see cref="DetectorLayout"/>: on every scan line the strips of each date become an ordered list
/// without gap or overlap (the middle of an overlap is the boundary, the rule for acquisitions before 6 November 2018; later polygons do not overlap),
/// the lists are intersected, and equal neighbours on successive lines join into regions.
/// </summary>
internal static class DetectorScan
{
    private const double NarrowestRunMetres = 300;

    /// <summary>Why the footprint cannot be used, as the end of a sentence; null when it can.</summary>
    public static string? Defect(DetectorFootprint? footprint, RasterGrid grid)
    {
        if (footprint is null)
            return "is missing";
        if (footprint.Polygons is null && (footprint.Detectors is null || footprint.DetectorsGrid is null))
            return "holds neither polygons nor a raster";
        if (footprint.Polygons is { } polygons)
        {
            if (polygons.Count == 0)
                return "holds no polygon";
            foreach (var polygon in polygons)
            {
                if (polygon.Ring.Count < 3 || polygon.Ring.Any(p => !double.IsFinite(p.Easting) || !double.IsFinite(p.Northing)))
                    return $"holds a broken polygon (detector {polygon.Detector})";
                if (polygon.Detector is < 1 or > 12)
                    return $"names a detector {polygon.Detector}, which Sentinel-2 does not have";
            }
        }
        else if (footprint.Detectors!.Pixels.Max() > 12)
        {
            return $"names a detector {footprint.Detectors.Pixels.Max()}, which Sentinel-2 does not have";
        }

        for (int i = 0; i < 32; i++)
        {
            var strips = Strips(footprint, grid.Northing((i + 0.5) * grid.Height / 32));
            if (strips.Any(s => s.End > grid.OriginX && s.Start < grid.Easting(grid.Width)))
                return null;
        }

        return "does not touch the tile";
    }

    public static DetectorLayout? Layout(DetectorFootprint reference, DetectorFootprint secondary, RasterGrid grid, int rowStep)
    {
        int lines = (grid.Height + rowStep - 1) / rowStep;
        var codes = new List<(float Start, int Code)>[lines];
        for (int line = 0; line < lines; line++)
        {
            double northing = grid.Northing(Math.Min(grid.Height, (line + 0.5) * rowStep));
            codes[line] = Intersect(Partition(Strips(reference, northing)), Partition(Strips(secondary, northing)), grid);
        }

        return FillEmptyLines(codes) ? Join(codes, grid, rowStep) : null;
    }

    private static List<(double Start, double End, int Detector)> Strips(DetectorFootprint footprint, double northing)
    {
        var strips = new List<(double Start, double End, int Detector)>();
        if (footprint.Polygons is { } polygons)
        {
            var crossings = new List<double>();
            foreach (var polygon in polygons)
            {
                crossings.Clear();
                var ring = polygon.Ring;
                for (int i = 0; i < ring.Count; i++)
                {
                    var (e0, n0) = ring[i];
                    var (e1, n1) = ring[(i + 1) % ring.Count];
                    if (n0 > northing != n1 > northing)
                        crossings.Add(e0 + (northing - n0) / (n1 - n0) * (e1 - e0));
                }

                crossings.Sort();
                for (int i = 0; i + 1 < crossings.Count; i += 2)
                    strips.Add((crossings[i], crossings[i + 1], polygon.Detector));
            }
        }
        else
        {
            var (raster, grid) = (footprint.Detectors!, footprint.DetectorsGrid!);
            int y = (int)Math.Floor(grid.Row(northing));
            if (y < 0 || y >= raster.Height)
                return strips;
            var row = raster.Row(y);
            for (int x = 0; x < row.Length;)
            {
                int start = x;
                byte detector = row[x];
                while (x < row.Length && row[x] == detector)
                    x++;
                if (detector != 0)
                    strips.Add((grid.Easting(start), grid.Easting(x), detector));
            }
        }

        strips.Sort();
        return strips;
    }

    /// <summary>Ordered starts without gap or overlap; the first start is minus infinity.</summary>
    private static List<(double Start, int Detector)> Partition(List<(double Start, double End, int Detector)> strips)
    {
        var parts = new List<(double Start, int Detector)>();
        double end = double.NegativeInfinity;
        foreach (var strip in strips)
        {
            if (strip.End <= end)
                continue;
            if (parts.Count == 0)
                parts.Add((double.NegativeInfinity, strip.Detector));
            else if (parts[^1].Detector != strip.Detector)
                parts.Add((0.5 * (end + strip.Start), strip.Detector));
            end = strip.End;
        }

        return parts;
    }

    private static List<(float Start, int Code)> Intersect(
        List<(double Start, int Detector)> reference, List<(double Start, int Detector)> secondary, RasterGrid grid)
    {
        var runs = new List<(float Start, int Code)>();
        if (reference.Count == 0 || secondary.Count == 0)
            return runs;
        int i = 0, j = 0;
        double start = double.NegativeInfinity;
        while (true)
        {
            double nextI = i + 1 < reference.Count ? reference[i + 1].Start : double.PositiveInfinity;
            double nextJ = j + 1 < secondary.Count ? secondary[j + 1].Start : double.PositiveInfinity;
            double end = Math.Min(nextI, nextJ);
            double from = Math.Clamp(grid.Column(start), 0, grid.Width), to = Math.Clamp(grid.Column(end), 0, grid.Width);
            if (to > from)
                runs.Add(((float)from, 13 * reference[i].Detector + secondary[j].Detector));
            if (double.IsPositiveInfinity(end))
                break;
            i += nextI == end ? 1 : 0;
            j += nextJ == end ? 1 : 0;
            start = end;
        }

        MergeSlivers(runs, grid);
        return runs;
    }

    /// <summary>Boundaries of two dates that nearly coincide leave slivers too narrow to estimate anything in: their halves go to the neighbours.</summary>
    private static void MergeSlivers(List<(float Start, int Code)> runs, RasterGrid grid)
    {
        float narrowest = (float)(NarrowestRunMetres / grid.PixelSizeMetres);
        for (int i = runs.Count - 2; i >= 1; i--)
        {
            float width = runs[i + 1].Start - runs[i].Start;
            if (width >= narrowest)
                continue;
            runs[i + 1] = (runs[i].Start + width / 2, runs[i + 1].Code);
            runs.RemoveAt(i);
        }

        for (int i = runs.Count - 1; i >= 1; i--)
        {
            if (runs[i].Code == runs[i - 1].Code)
                runs.RemoveAt(i);
        }
    }

    private static bool FillEmptyLines(List<(float Start, int Code)>[] lines)
    {
        int filled = Array.FindIndex(lines, l => l.Count > 0);
        if (filled < 0)
            return false;
        for (int line = 0; line < lines.Length; line++)
        {
            if (lines[line].Count == 0)
                lines[line] = lines[Math.Max(filled, line - 1)];
        }

        return true;
    }

    private static DetectorLayout Join(List<(float Start, int Code)>[] lines, RasterGrid grid, int rowStep)
    {
        var parent = new List<int>();
        int Root(int i)
        {
            while (parent[i] != i)
                i = parent[i] = parent[parent[i]];
            return i;
        }

        var lineStarts = new int[lines.Length + 1];
        for (int line = 0; line < lines.Length; line++)
            lineStarts[line + 1] = lineStarts[line] + lines[line].Count;
        for (int i = 0; i < lineStarts[^1]; i++)
            parent.Add(i);
        float End(int line, int run) => run + 1 < lines[line].Count ? lines[line][run + 1].Start : grid.Width;
        for (int line = 1; line < lines.Length; line++)
        {
            for (int a = 0; a < lines[line].Count; a++)
            {
                for (int b = 0; b < lines[line - 1].Count; b++)
                {
                    if (lines[line][a].Code == lines[line - 1][b].Code
                        && lines[line][a].Start < End(line - 1, b) && lines[line - 1][b].Start < End(line, a))
                    {
                        parent[Root(lineStarts[line] + a)] = Root(lineStarts[line - 1] + b);
                    }
                }
            }
        }

        var area = new Dictionary<int, double>();
        for (int line = 0; line < lines.Length; line++)
        {
            for (int run = 0; run < lines[line].Count; run++)
            {
                int root = Root(lineStarts[line] + run);
                area[root] = area.GetValueOrDefault(root) + (End(line, run) - lines[line][run].Start);
            }
        }

        // One byte per region: beyond 255 regions the footprint is noise, and the smallest share the last number.
        var ordered = area.OrderByDescending(p => p.Value).ThenBy(p => p.Key).Select(p => p.Key).Take(255).ToList();
        var number = ordered.Select((root, index) => (root, index)).ToDictionary(p => p.root, p => p.index);
        double total = (double)grid.Width * lines.Length;
        var starts = new float[lineStarts[^1]];
        var regions = new byte[lineStarts[^1]];
        var codeOf = new int[ordered.Count];
        for (int line = 0; line < lines.Length; line++)
        {
            for (int run = 0; run < lines[line].Count; run++)
            {
                int at = lineStarts[line] + run;
                starts[at] = lines[line][run].Start;
                bool known = number.TryGetValue(Root(at), out int index);
                regions[at] = (byte)(known ? index : ordered.Count - 1);
                if (known)
                    codeOf[index] = lines[line][run].Code;
            }
        }

        var list = ordered.Select((root, index) => new DetectorRegion(codeOf[index] / 13, codeOf[index] % 13, area[root] / total)).ToArray();
        return new DetectorLayout(grid.Width, grid.Height, rowStep, list, lineStarts, starts, regions);
    }
}
