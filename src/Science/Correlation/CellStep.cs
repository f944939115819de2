using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Improves the whole field by what is smooth over a few pixels: the residual of the full equations is summed over cells of 4 x 4 pixels, solved for there with a
/// sixteenth of the unknowns, and the correction is read back bilinearly. What is left within the cells only matters beside faults, where full solutions follow.
/// </summary>
internal sealed class CellStep
{
    private readonly CoupledSolver fine, cells;
    private readonly Raster<float> correctionX, correctionY;
    private readonly Workers workers;

    public CellStep(CoupledSolver fine, Workers workers)
    {
        (this.fine, this.workers) = (fine, workers);
        (correctionX, correctionY) = (CellGrid.Create(fine.Dx.Width, fine.Dx.Height), CellGrid.Create(fine.Dx.Width, fine.Dx.Height));
        cells = new CoupledSolver(correctionX.Width, correctionX.Height, workers);
    }

    /// <summary>Adds the correction, found in up to <paramref name="iterations"/> steps, to the field of the fine solver.</summary>
    public void Apply(int iterations, double tolerance)
    {
        fine.GatherCells(cells);
        cells.Solve(iterations, tolerance);
        cells.Dx.Store(correctionX);
        cells.Dy.Store(correctionY);
        int padded = fine.Dx.Padded;
        workers.Rows(fine.Dx.Height, 32, () => new float[padded + correctionX.Width], (first, afterLast, scratch) =>
        {
            Span<float> values = scratch.AsSpan(0, padded), line = scratch.AsSpan(padded);
            for (int y = first; y < afterLast; y++)
            {
                Add(correctionX, y, fine.Dx.Row(y), values, line);
                Add(correctionY, y, fine.Dy.Row(y), values, line);
            }
        });
    }

    private static void Add(Raster<float> correction, int y, Span<float> row, Span<float> values, Span<float> line)
    {
        CellGrid.Read(correction, y, values, line);
        for (int x = 0; x < row.Length; x++)
            row[x] += values[x];
    }
}
