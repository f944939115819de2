using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// The field of a whole pair on a coarse grid (100 m for a 10 m band): the block medians of its valid pixels, in pixels of the full grid; NaN where
/// fewer than a quarter of the block is valid. Small enough to stay in memory while the corrections are estimated.
/// </summary>
/// <param name="FullGrid">Grid of the full field.</param>
/// <param name="Factor">Pixels of the full grid per side of a block.</param>
/// <param name="Dx">East displacement, pixels of the full grid.</param>
/// <param name="Dy">South displacement, pixels of the full grid.</param>
public sealed record DecimatedField(RasterGrid FullGrid, int Factor, Raster<float> Dx, Raster<float> Dy)
{
    public RasterGrid Grid => FullGrid.Decimate(Factor);

    public int Width => Dx.Width;

    public int Height => Dx.Height;

    /// <summary>The factor that brings a grid nearest to 100 m.</summary>
    public static int FactorFor(RasterGrid grid) => Math.Max(1, (int)Math.Round(100 / grid.PixelSizeMetres));

    /// <summary>Decimates a field that is in memory as a whole.</summary>
    public static DecimatedField From(DisplacementField field, RasterGrid grid, int factor, double minimumScore, Workers workers)
    {
        var decimation = new FieldDecimation(grid, factor, minimumScore);
        decimation.Add(grid.Bounds, field.Dx, field.Dy, field.Score, field.Validity, workers);
        return decimation.Finish();
    }
}

/// <summary>Builds a <see cref="DecimatedField"/> window by window, so that the full field is never in memory as a whole.</summary>
public sealed class FieldDecimation
{
    private const double MinimumValidShare = 0.25;

    private readonly RasterGrid grid;
    private readonly int factor;
    private readonly double minimumScore;
    private readonly Raster<float> dx;
    private readonly Raster<float> dy;

    /// <param name="grid">Grid of the full field.</param>
    /// <param name="factor">Pixels per side of a block, see <see cref="DecimatedField.FactorFor"/>.</param>
    /// <param name="minimumScore">Pixels with a lower score do not vote.</param>
    public FieldDecimation(RasterGrid grid, int factor, double minimumScore)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        this.grid = grid;
        this.factor = factor;
        this.minimumScore = minimumScore;
        var coarse = grid.Decimate(factor);
        dx = new Raster<float>(coarse.Width, coarse.Height).Fill(float.NaN);
        dy = new Raster<float>(coarse.Width, coarse.Height).Fill(float.NaN);
    }

    /// <summary>
    /// Adds the pixels under <paramref name="window"/> of the full grid. Its left and upper edges must be multiples of the factor, its right and lower
    /// edges too unless they are the edges of the grid, so that every block comes whole.
    /// </summary>
    /// <param name="score">Correlation score, or null if every valid pixel votes.</param>
    /// <param name="validity">Reasons per pixel, or null if NaN says it all.</param>
    public void Add(
        Window window, Raster<float> fullDx, Raster<float> fullDy, Raster<float>? score, Raster<Validity>? validity, Workers workers)
    {
        if (window.X % factor != 0 || window.Y % factor != 0
            || (window.Right % factor != 0 && window.Right != grid.Width) || (window.Bottom % factor != 0 && window.Bottom != grid.Height))
        {
            throw new ArgumentException($"Window {window} does not cut a grid of {grid.Width} x {grid.Height} along blocks of {factor}.", nameof(window));
        }

        int firstBlockRow = window.Y / factor, blockRows = (window.Height + factor - 1) / factor, blockColumns = (window.Width + factor - 1) / factor;
        workers.Rows(blockRows, 4, () => (new float[factor * factor], new float[factor * factor]), (first, afterLast, scratch) =>
        {
            var (blockDx, blockDy) = scratch;
            for (int row = first; row < afterLast; row++)
            {
                for (int column = 0; column < blockColumns; column++)
                {
                    int right = Math.Min(window.Width, (column + 1) * factor), bottom = Math.Min(window.Height, (row + 1) * factor);
                    int count = 0;
                    for (int y = row * factor; y < bottom; y++)
                    {
                        for (int x = column * factor; x < right; x++)
                        {
                            float east = fullDx[x, y], south = fullDy[x, y];
                            if (!float.IsFinite(east) || !float.IsFinite(south)
                                || (validity is not null && validity[x, y] != Validity.Valid)
                                || (score is not null && !(score[x, y] >= minimumScore)))
                            {
                                continue;
                            }

                            blockDx[count] = east;
                            blockDy[count++] = south;
                        }
                    }

                    int size = (right - column * factor) * (bottom - row * factor);
                    if (count == 0 || count < MinimumValidShare * size)
                        continue;
                    dx[window.X / factor + column, firstBlockRow + row] = (float)OrderStatistics.Median(blockDx.AsSpan(0, count));
                    dy[window.X / factor + column, firstBlockRow + row] = (float)OrderStatistics.Median(blockDy.AsSpan(0, count));
                }
            }
        });
    }

    public DecimatedField Finish() => new(grid, factor, dx, dy);
}
