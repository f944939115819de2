using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Where exactly a fault runs: every pixel of the zone is asked which of two displacements its intensities prefer, the one continued from either side. What
/// pixels along the fault say adds up, and the links between pixels of different sides are cut. A step far smaller than what one pixel can tell is placed so.
/// </summary>
internal sealed class FaultTrace
{
    /// <summary>Pixels from one sample of the evidence along the fault to the next.</summary>
    private const int AlongStep = 2;

    /// <summary>Cells that a gap in strong evidence may span.</summary>
    private const int Continuation = 2;

    /// <summary>Distances from the fault at which the evidence for a side is read.</summary>
    private static readonly int[] Abreast = [2, 4, 6, 8];

    private readonly FaultZone zone;
    private readonly MethodConstants m;
    private readonly Workers workers;
    private readonly int width, height, columns;
    private readonly Raster<float> preference, evidence;
    private readonly Raster<byte> cutRight, cutDown;
    private readonly float[] alongWeights;
    private Raster<byte> beside;

    public FaultTrace(FaultZone zone, int width, int height, MethodConstants m, Workers workers)
    {
        (this.zone, this.width, this.height, this.m, this.workers, columns) = (zone, width, height, m, workers, zone.Cells.Width);
        (preference, evidence, cutRight, cutDown) = (new(width, height), new(width, height), new(width, height), new(width, height));
        beside = new Raster<byte>(columns, zone.Cells.Height);
        SlopeShare = SharesAway(zone.Ridge);
        int samples = (int)(2 * m.EvidenceAlongPixels) / AlongStep;
        alongWeights = new float[2 * samples + 1];
        for (int k = -samples; k <= samples; k++)
            alongWeights[k + samples] = (float)(AlongStep * Math.Exp(-0.5 * Math.Pow(k * AlongStep / m.EvidenceAlongPixels, 2)));
    }

    /// <summary>Per cell, how much its links may say about the field's slope: little beside a fault, where a smeared step would pass for slope.</summary>
    public Raster<float> SlopeShare { get; private set; }

    /// <summary>Whether a cut runs so near to a cell that it is worked on pixel by pixel.</summary>
    public bool Beside(int cell) => beside.Pixels[cell] != 0;

    /// <summary>Decides anew which links are cut.</summary>
    public void Follow(CoupledSolver solver, DataTerm data, Raster<float>[] slopes)
    {
        Compare(solver, data, slopes);
        workers.Rows(zone.Cells.Height, 2, () => new (int X, int Y, float Weight)[3 * alongWeights.Length], (first, afterLast, samples) =>
        {
            for (int cellRow = first; cellRow < afterLast; cellRow++)
                for (int column = 0; column < columns; column++)
                    if (zone.Cells[column, cellRow] != 0)
                        Gather(column, cellRow, samples);
        });
        Raster<byte> touched = new(columns, zone.Cells.Height), strong = new(columns, zone.Cells.Height);
        workers.Rows(zone.Cells.Height, 2, (first, afterLast) =>
        {
            for (int cellRow = first; cellRow < afterLast; cellRow++)
                EachPixel(cellRow, (x, y, cell) => Cut(x, y, cell, touched, strong));
        });
        var held = Continued(strong, touched);
        beside = CellGrid.Around(held, m.BesideCells);
        SlopeShare = SharesAway(held);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (held.Pixels[CellOf(x, y)] == 0)
                    cutRight[x, y] = cutDown[x, y] = 0;
    }

    /// <summary>
    /// Sets the links of row <paramref name="y"/> beside the cuts: whole where both ends lie on one side, nearly none across. <paramref name="heldRight"/> and
    /// <paramref name="heldDown"/> take the shares of their weight that they keep.
    /// </summary>
    public void SetLinks(CoupledSolver solver, Plane heldRight, Plane heldDown, ReadOnlySpan<float> information, double reachPixels, int y)
    {
        float reach2 = (float)(reachPixels * reachPixels), floor = (float)m.CutFloor;
        for (int x = 0; x < width; x++)
        {
            if (!Beside(CellOf(x, y)))
                continue;
            int at = heldRight.At(x, y);
            float whole = reach2 * Math.Max(information[x], 1e-6f);
            heldRight.Data[at] = cutRight[x, y] != 0 ? floor : 1;
            heldDown.Data[at] = cutDown[x, y] != 0 ? floor : 1;
            solver.Right.Data[at] = heldRight.Data[at] * whole;
            solver.Down.Data[at] = heldDown.Data[at] * whole;
        }
    }

    /// <summary>Whether the way from one pixel to another, first along the row, crosses a cut.</summary>
    public bool Parts(int fromX, int fromY, int toX, int toY)
    {
        if (!Beside(CellOf(fromX, fromY)))
            return false;
        for (int x = Math.Min(fromX, toX); x < Math.Max(fromX, toX); x++)
            if (cutRight[x, fromY] != 0)
                return true;
        for (int y = Math.Min(fromY, toY); y < Math.Max(fromY, toY); y++)
            if (cutDown[toX, y] != 0)
                return true;
        return false;
    }

    private int CellOf(int x, int y) => y / CellGrid.Side * columns + x / CellGrid.Side;

    private void EachPixel(int cellRow, Action<int, int, int> work)
    {
        for (int column = 0; column < columns; column++)
        {
            int cell = cellRow * columns + column;
            if (zone.Cells.Pixels[cell] == 0)
                continue;
            for (int y = CellGrid.Side * cellRow; y < Math.Min(height, CellGrid.Side * (cellRow + 1)); y++)
                for (int x = CellGrid.Side * column; x < Math.Min(width, CellGrid.Side * (column + 1)); x++)
                    work(x, y, cell);
        }
    }

    /// <summary>How much worse each pixel of the zone fits the displacement from before the fault than that from beyond, minus twice the log likelihood.</summary>
    private void Compare(CoupledSolver solver, DataTerm data, Raster<float>[] slopes)
    {
        Raster<float> meanX = CellGrid.Mean(solver.Dx, workers), meanY = CellGrid.Mean(solver.Dy, workers);
        float reach = (float)m.SideReachPixels;
        const int side = CellGrid.Side;
        workers.Rows(zone.Cells.Height, 2, () => new float[6 * side], (first, afterLast, scratch) =>
        {
            Span<float> beforeX = scratch.AsSpan(0, side), beforeY = scratch.AsSpan(side, side), beyondX = scratch.AsSpan(2 * side, side), beyondY = scratch.AsSpan(3 * side, side);
            Span<float> before = scratch.AsSpan(4 * side, side), beyond = scratch.AsSpan(5 * side, side);
            for (int cell = first * columns; cell < afterLast * columns; cell++)
            {
                if (zone.Cells.Pixels[cell] == 0)
                    continue;
                float ox = zone.NormalX.Pixels[cell] * reach, oy = zone.NormalY.Pixels[cell] * reach;
                float vx = slopes[0].Pixels[cell] * ox + slopes[2].Pixels[cell] * oy, vy = slopes[1].Pixels[cell] * ox + slopes[3].Pixels[cell] * oy;
                int left = cell % columns * side, top = cell / columns * side, count = Math.Min(side, width - left);
                for (int y = top; y < Math.Min(height, top + side); y++)
                {
                    for (int i = 0; i < count; i++)
                    {
                        beforeX[i] = CellGrid.At(meanX, left + i - ox, y - oy) + vx;
                        beforeY[i] = CellGrid.At(meanY, left + i - ox, y - oy) + vy;
                        beyondX[i] = CellGrid.At(meanX, left + i + ox, y + oy) - vx;
                        beyondY[i] = CellGrid.At(meanY, left + i + ox, y + oy) - vy;
                    }

                    data.Misfit(left, y, beforeX[..count], beforeY[..count], before[..count]);
                    data.Misfit(left, y, beyondX[..count], beyondY[..count], beyond[..count]);
                    for (int i = 0; i < count; i++)
                        preference[left + i, y] = before[i] - beyond[i];
                }
            }
        });
    }

    /// <summary>Evidence of the pixels of one cell: what lies along the fault says the same, the farther the less; where to look is the same for the whole cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int column, int row, (int X, int Y, float Weight)[] samples)
    {
        int cell = row * columns + column, half = alongWeights.Length / 2, count = 0;
        float nx = zone.NormalX.Pixels[cell], ny = zone.NormalY.Pixels[cell];
        for (int k = -half; k <= half; k++)
            for (int across = -1; across <= 1; across++)
                samples[count++] = ((int)MathF.Round(across * nx - k * AlongStep * ny), (int)MathF.Round(across * ny + k * AlongStep * nx), alongWeights[k + half] * (across == 0 ? 1 : 0.6f));
        int left = column * CellGrid.Side, pixels = Math.Min(CellGrid.Side, width - left);
        Span<float> sums = stackalloc float[CellGrid.Side];
        for (int y = row * CellGrid.Side; y < Math.Min(height, (row + 1) * CellGrid.Side); y++)
        {
            Gather(left, y, nx, ny, samples).CopyTo(sums);
            sums[..pixels].CopyTo(evidence.Row(y)[left..]);
        }
    }

    /// <summary>The four pixels of one row of a cell at once; what they look at spans two cells at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector128<float> Gather(int left, int y, float nx, float ny, (int X, int Y, float Weight)[] samples)
    {
        ref float preferences = ref MemoryMarshal.GetArrayDataReference(preference.Pixels);
        var sum = Vector128<float>.Zero;
        foreach (var (offsetX, offsetY, weight) in samples)
        {
            int px = left + offsetX, py = y + offsetY;
            if ((uint)py >= (uint)height)
                continue;
            if (px < 0 || px + CellGrid.Side > width)
            {
                for (int i = Math.Max(0, -px); i < Math.Min(CellGrid.Side, width - px); i++)
                    sum = sum.WithElement(i, sum[i] + weight * Agreement(CellOf(px + i, py), nx, ny) * preference[px + i, py]);
                continue;
            }

            int cell = CellOf(px, py), columnsOfFirst = CellGrid.Side - px % CellGrid.Side;
            float first = Agreement(cell, nx, ny), second = columnsOfFirst == CellGrid.Side ? 0 : Agreement(cell + 1, nx, ny);
            var sign = Vector128.ConditionalSelect(
                Vector128.LessThan(Vector128.Create(0f, 1, 2, 3), Vector128.Create((float)columnsOfFirst)), Vector128.Create(first), Vector128.Create(second));
            sum += sign * weight * Vector128.LoadUnsafe(ref preferences, (nuint)(py * width + px));
        }

        return sum;
    }

    /// <summary>1 where a cell's normal points like the given one, -1 where it points the other way, 0 outside the zone.</summary>
    private float Agreement(int cell, float nx, float ny) =>
        zone.Cells.Pixels[cell] == 0 ? 0 : nx * zone.NormalX.Pixels[cell] + ny * zone.NormalY.Pixels[cell] < 0 ? -1 : 1;

    /// <summary>Cuts the links of a pixel to neighbours of the other side, where both sides are clear enough a few pixels on.</summary>
    private void Cut(int x, int y, int cell, Raster<byte> touched, Raster<byte> strong)
    {
        bool right = x + 1 < width && Differ(x, y, cell, x + 1, y), down = y + 1 < height && Differ(x, y, cell, x, y + 1);
        float clear = right || down ? Math.Min(SideEvidence(x, y, cell, 1), SideEvidence(x, y, cell, -1)) : 0;
        bool counts = clear > m.WeakTrace;
        cutRight[x, y] = (byte)(counts && right ? 1 : 0);
        cutDown[x, y] = (byte)(counts && down ? 1 : 0);
        if (counts)
            touched.Pixels[cell] = 1;
        if (clear > m.StrongTrace)
            strong.Pixels[cell] = 1;
    }

    private bool Differ(int x, int y, int cell, int otherX, int otherY)
    {
        int other = CellOf(otherX, otherY);
        return zone.Cells.Pixels[other] != 0 && evidence[x, y] > 0 != zone.Sense(cell, other) * evidence[otherX, otherY] > 0;
    }

    /// <summary>What the pixels on one side (1 along the normal, -1 against it) say for the displacement of that side.</summary>
    private float SideEvidence(int x, int y, int cell, int side)
    {
        float sum = 0;
        foreach (int distance in Abreast)
        {
            int px = (int)MathF.Round(x + side * distance * zone.NormalX.Pixels[cell]), py = (int)MathF.Round(y + side * distance * zone.NormalY.Pixels[cell]);
            if ((uint)px >= (uint)width || (uint)py >= (uint)height)
                continue;
            int other = CellOf(px, py);
            if (zone.Cells.Pixels[other] != 0)
                sum += side * zone.Sense(cell, other) * evidence[px, py];
        }

        return sum;
    }

    /// <summary>The strong cells and what continues them without a wide gap.</summary>
    private Raster<byte> Continued(Raster<byte> strong, Raster<byte> touched)
    {
        var held = new Raster<byte>(columns, zone.Cells.Height);
        var open = new Queue<int>();
        for (int cell = 0; cell < strong.Pixels.Length; cell++)
            if (strong.Pixels[cell] != 0)
                Hold(cell);
        while (open.TryDequeue(out int cell))
        {
            int column = cell % columns, row = cell / columns;
            for (int j = Math.Max(0, row - Continuation); j <= Math.Min(held.Height - 1, row + Continuation); j++)
                for (int i = Math.Max(0, column - Continuation); i <= Math.Min(columns - 1, column + Continuation); i++)
                    if (touched[i, j] != 0 && held[i, j] == 0)
                        Hold(j * columns + i);
        }

        return held;

        void Hold(int cell)
        {
            held.Pixels[cell] = 1;
            open.Enqueue(cell);
        }
    }

    private Raster<float> SharesAway(Raster<byte> from)
    {
        var share = CellGrid.Distance(from);
        for (int cell = 0; cell < share.Pixels.Length; cell++)
        {
            float t = Math.Clamp(share.Pixels[cell] / m.SlopeFreeCells, 0.001f, 1);
            share.Pixels[cell] = t * t * t;
        }

        return share;
    }
}
