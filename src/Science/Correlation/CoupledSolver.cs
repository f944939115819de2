using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Solves, for both displacement components at once, sum over pixels of (d' A d - 2 b' d) + sum over links of w |d_j - d_i - v|^2 = min
/// by conjugate gradients, preconditioned by the 2 x 2 blocks of the diagonal and by corrections over growing cells. Sums run row by row in a fixed order.
/// A step reads and writes each vector once: the work waits for memory, not for arithmetic.
/// </summary>
internal sealed partial class CoupledSolver
{
    /// <summary>Rows that one thread takes at once; whole cells.</summary>
    private const int RowsPerBand = 64;

    /// <summary>Sums that a step takes along each row, see <see cref="Step"/>.</summary>
    private const int Sums = 4;

    /// <summary>Share of the square of the first residual that single precision still resolves: beyond it the steps would follow rounding.</summary>
    private const double Rounding = 1e-10;

    private readonly Plane rx, ry, px, py, qx, qy;
    private readonly double[] rowSums;
    private readonly CoarseCorrection coarse;
    private readonly Workers workers;
    private ActiveColumns? directed;

    /// <param name="alongX">Columns from a pixel to the one it is also linked to, see <see cref="Along"/>; 0 with <paramref name="alongY"/> 0: no such links.</param>
    /// <param name="alongY">Rows to that pixel, at most <see cref="Plane.Above"/> up or down.</param>
    public CoupledSolver(int width, int height, Workers workers, int alongX = 0, int alongY = 0)
    {
        (this.workers, AlongX, AlongY) = (workers, alongX, alongY);
        (A11, A12, A22, Bx, By) = (new(width, height), new(width, height), new(width, height), new(width, height), new(width, height));
        (Right, Down, Dx, Dy) = (new(width, height), new(width, height), new(width, height), new(width, height));
        (Vxx, Vxy, Vyx, Vyy) = (new(width, height), new(width, height), new(width, height), new(width, height));
        (Along, Vax, Vay) = Directed ? (new Plane(width, height), new Plane(width, height), new Plane(width, height)) : (Right, Right, Right);
        (rx, ry, px, py, qx, qy) = (new(width, height), new(width, height), new(width, height), new(width, height), new(width, height), new(width, height));
        rowSums = new double[Sums * height];
        coarse = new CoarseCorrection(width, height, workers);
        Active = ActiveColumns.Everywhere(width, height);
    }

    public Plane A11 { get; }
    public Plane A12 { get; }
    public Plane A22 { get; }
    public Plane Bx { get; }
    public Plane By { get; }

    /// <summary>Weight of the link from (x, y) to (x + 1, y); 0 in the last column.</summary>
    public Plane Right { get; }

    /// <summary>Weight of the link from (x, y) to (x, y + 1); 0 in the last row.</summary>
    public Plane Down { get; }

    /// <summary>Weight of the link from (x, y) to (x + AlongX, y + AlongY), used when that offset is not zero; 0 where it leaves the image.</summary>
    public Plane Along { get; }

    public int AlongX { get; }
    public int AlongY { get; }

    /// <summary>Expected change of dx and of dy along that link.</summary>
    public Plane Vax { get; }
    public Plane Vay { get; }

    public Plane Dx { get; }
    public Plane Dy { get; }

    /// <summary>Expected change of dx along the link to the right, of dy along it, of dx along the link down, of dy along it.</summary>
    public Plane Vxx { get; }
    public Plane Vyx { get; }
    public Plane Vxy { get; }
    public Plane Vyy { get; }

    /// <summary>Where the field may change; elsewhere it is held.</summary>
    public ActiveColumns Active { get; set; }

    public bool Directed => AlongX != 0 || AlongY != 0;

    /// <summary>Rows above and below that a pixel is linked to.</summary>
    private int Reach => Math.Max(1, Math.Abs(AlongY));

    /// <summary>
    /// Improves Dx and Dy by up to <paramref name="iterations"/> steps; stops once the square of what is left to do, in standard errors of a pixel, has a mean
    /// below <paramref name="tolerance"/>. Returns the number of steps done.
    /// </summary>
    public int Solve(int iterations, double tolerance)
    {
        StartDirection();
        coarse.Prepare(this, Active);
        double diagonal = Residual(), rho = diagonal + coarse.Correct(Active), enough = Math.Max(tolerance * Active.PixelCount, Rounding * rho);
        float alpha = 0, beta = 0;
        int done = 0;
        while (done < iterations && rho > enough)
        {
            Step(alpha, beta);
            var (curvature, local, cross, square) = (Sum(0), Sum(1), Sum(2), Sum(3));
            if (!(curvature > 0))
                break;
            double step = rho / curvature;
            alpha = (float)step;
            if (++done == iterations)
                break;
            coarse.Reduce(alpha, Active);
            // What the diagonal part will be at the residual that the next step begins with.
            double next = local - 2 * step * cross + step * step * square + coarse.Correct(Active);
            (beta, rho) = ((float)(next / rho), next);
        }

        if (done > 0)
            Finish(alpha);
        return done;
    }

    /// <summary>
    /// Sets up in <paramref name="cells"/> the equations of a correction that is smooth over cells: residual and information of a cell's pixels summed, links as strong
    /// per length as the pixels' own.
    /// </summary>
    public void GatherCells(CoupledSolver cells)
    {
        coarse.Prepare(this, Active);
        Residual();
        coarse.CopyTo(cells);
    }

    /// <summary>The search direction is zero outside the active columns, whose neighbours read it.</summary>
    private void StartDirection()
    {
        if (directed is not null && directed != Active)
            for (int y = 0; y < Dx.Height; y++)
                foreach (var (from, to) in directed[y / CellGrid.Side])
                    foreach (var plane in new[] { px, py })
                        plane.Data.AsSpan(plane.At(from, y), to - from).Clear();
        directed = Active;
    }

    /// <summary>Residual of the equations at the present field, also summed over cells; returns its product with the residual over the diagonal.</summary>
    private double Residual()
    {
        int padded = Dx.Padded;
        workers.Rows(Dx.Height, RowsPerBand, () => new float[2 * padded], (first, afterLast, cells) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                double sum = 0;
                foreach (var (from, to) in Active[y / CellGrid.Side])
                    sum += Residual(y, from, to, cells);
                rowSums[y] = sum;
                if (y == afterLast - 1 || (y + 1) % CellGrid.Side == 0)
                    Gather(y / CellGrid.Side, cells, coarse.ResidualX, coarse.ResidualY);
            }
        });
        return Sum(0);
    }

    /// <summary>
    /// One step: takes residual and field along the direction by <paramref name="alpha"/>, turns the direction by <paramref name="beta"/> and applies the equations to it,
    /// row behind row while all is in the cache. Leaves in the rows' sums: direction times its image; residual times residual over the diagonal; image times the
    /// same; image times image over the diagonal.
    /// </summary>
    private void Step(float alpha, float beta)
    {
        int padded = Dx.Padded, reach = Reach, height = Dx.Height;
        // The rows at the edges of a band are neighbours of two bands: they are ready before any band begins.
        workers.Rows(height, RowsPerBand, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                if (y < first + reach || y >= afterLast - reach)
                    Advance(y, alpha, beta);
        });
        workers.Rows(height, RowsPerBand, () => new float[2 * padded], (first, afterLast, cells) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                if (y + reach < afterLast - reach)
                    Advance(y + reach, alpha, beta);
                Span<double> sums = rowSums.AsSpan();
                for (int i = 0; i < Sums; i++)
                    sums[i * height + y] = 0;
                foreach (var (from, to) in Active[y / CellGrid.Side])
                {
                    if (Directed)
                        ApplyAlong(y, from, to);
                    Apply(y, from, to, cells);
                }

                if (y == afterLast - 1 || (y + 1) % CellGrid.Side == 0)
                    Gather(y / CellGrid.Side, cells, coarse.ImageX, coarse.ImageY);
            }
        });
    }

    private void Advance(int y, float alpha, float beta)
    {
        foreach (var (from, to) in Active[y / CellGrid.Side])
            Advance(y, from, to, alpha, beta);
    }

    /// <summary>Takes the field along the last direction.</summary>
    private void Finish(float alpha) => workers.Rows(Dx.Height, RowsPerBand, (first, afterLast) =>
    {
        for (int y = first; y < afterLast; y++)
            foreach (var (from, to) in Active[y / CellGrid.Side])
            {
                Move(Dx, px, y, from, to, alpha);
                Move(Dy, py, y, from, to, alpha);
            }
    });

    /// <summary>Sums the gathered rows over the cells that are worked on, and clears them.</summary>
    private void Gather(int cellRow, float[] rows, Plane cellsX, Plane cellsY)
    {
        int padded = Dx.Padded;
        foreach (var (from, to) in Active[cellRow])
        {
            int first = from / CellGrid.Side, afterLast = to / CellGrid.Side;
            CellGrid.Gather(rows.AsSpan(from, to - from), cellsX.PaddedRow(cellRow)[first..afterLast]);
            CellGrid.Gather(rows.AsSpan(padded + from, to - from), cellsY.PaddedRow(cellRow)[first..afterLast]);
            rows.AsSpan(from, to - from).Clear();
            rows.AsSpan(padded + from, to - from).Clear();
        }
    }

    private double Sum(int which)
    {
        double sum = 0;
        foreach (double row in rowSums.AsSpan(which * Dx.Height, Dx.Height))
            sum += row;
        return sum;
    }
}
