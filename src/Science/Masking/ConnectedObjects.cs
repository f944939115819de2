using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Objects of pixels that touch along sides or corners (8-connected), as runs of columns. Numbered from 0 in the order of their first pixel, row by row.
/// </summary>
internal sealed class ConnectedObjects
{
    private readonly BitMask mask;
    private readonly List<Run> runs = [];
    private readonly int[] firstRunOfRow;
    private readonly int[] objectOfRun;

    public ConnectedObjects(BitMask mask)
    {
        this.mask = mask;
        firstRunOfRow = new int[mask.Height + 1];
        for (int y = 0; y < mask.Height; y++)
        {
            firstRunOfRow[y] = runs.Count;
            FindRuns(y);
        }

        firstRunOfRow[mask.Height] = runs.Count;
        objectOfRun = Unite();
    }

    /// <summary>Columns [Start, End) of row Y.</summary>
    public readonly record struct Run(int Y, int Start, int End)
    {
        public int Length => End - Start;
    }

    public int Count { get; private set; }

    public int[] Areas()
    {
        var areas = new int[Count];
        for (int i = 0; i < runs.Count; i++)
            areas[objectOfRun[i]] += runs[i].Length;
        return areas;
    }

    /// <summary>For each object, whether it has a pixel in <paramref name="other"/>.</summary>
    public bool[] Touching(BitMask other)
    {
        var touching = new bool[Count];
        for (int i = 0; i < runs.Count; i++)
        {
            ref bool touches = ref touching[objectOfRun[i]];
            touches = touches || other.AnyIn(runs[i].Y, runs[i].Start, runs[i].End);
        }

        return touching;
    }

    /// <summary>The pixels of the objects that are to be kept.</summary>
    public BitMask Select(Func<int, bool> keep)
    {
        var result = new BitMask(mask.Width, mask.Height);
        for (int i = 0; i < runs.Count; i++)
        {
            if (keep(objectOfRun[i]))
                result.SetRange(runs[i].Y, runs[i].Start, runs[i].End);
        }

        return result;
    }

    /// <summary>The runs of each object, in the order of the rows.</summary>
    public Run[][] RunsByObject()
    {
        var counts = new int[Count];
        foreach (int label in objectOfRun)
            counts[label]++;
        var result = new Run[Count][];
        for (int label = 0; label < Count; label++)
            result[label] = new Run[counts[label]];
        Array.Clear(counts);
        for (int i = 0; i < runs.Count; i++)
            result[objectOfRun[i]][counts[objectOfRun[i]]++] = runs[i];
        return result;
    }

    /// <summary>Number of the object of each pixel, -1 where there is none.</summary>
    public Raster<int> Labels()
    {
        var labels = new Raster<int>(mask.Width, mask.Height).Fill(-1);
        for (int i = 0; i < runs.Count; i++)
            labels.Row(runs[i].Y)[runs[i].Start..runs[i].End].Fill(objectOfRun[i]);
        return labels;
    }

    private void FindRuns(int y)
    {
        var row = mask.Row(y);
        int x = 0;
        while (true)
        {
            int start = NextBit(row, x, set: true);
            if (start >= mask.Width)
                return;
            x = Math.Min(NextBit(row, start, set: false), mask.Width);
            runs.Add(new Run(y, start, x));
        }
    }

    private static int NextBit(ReadOnlySpan<ulong> row, int x, bool set)
    {
        for (int i = x >> 6; i < row.Length; i++)
        {
            ulong word = set ? row[i] : ~row[i];
            if (i == x >> 6)
                word &= ulong.MaxValue << (x & 63);
            if (word != 0)
                return 64 * i + System.Numerics.BitOperations.TrailingZeroCount(word);
        }

        return int.MaxValue;
    }

    private int[] Unite()
    {
        var parent = new int[runs.Count];
        for (int i = 0; i < parent.Length; i++)
            parent[i] = i;
        for (int y = 1; y < mask.Height; y++)
        {
            int above = firstRunOfRow[y - 1], here = firstRunOfRow[y];
            while (above < firstRunOfRow[y] && here < firstRunOfRow[y + 1])
            {
                if (runs[here].Start <= runs[above].End && runs[above].Start <= runs[here].End)
                {
                    int a = Root(above), b = Root(here);
                    parent[Math.Max(a, b)] = Math.Min(a, b);
                }

                if (runs[above].End < runs[here].End)
                    above++;
                else
                    here++;
            }
        }

        var labels = new int[runs.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            int root = Root(i);
            labels[i] = root == i ? Count++ : labels[root];
        }

        return labels;

        int Root(int i)
        {
            while (parent[i] != i)
                i = parent[i] = parent[parent[i]];
            return i;
        }
    }
}
