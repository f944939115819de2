using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Covariance of the three numbers of a <see cref="Plane"/>, square pixels. In a scene that is not much larger than its earthquake the plane cannot be told
/// well from the earthquake's far field, and all pairs share that error, so their scatter does not show it.
/// </summary>
public readonly record struct PlaneVariance(double AA, double AB, double BB, double AC, double BC, double CC)
{
    private const int RowsPerBand = 64;

    /// <summary>Variance of the plane at a place, square pixels; coordinates as in <see cref="Plane"/>.</summary>
    public double At(double u, double v) => Math.Max(0, AA * u * u + BB * v * v + CC + 2 * (AB * u * v + AC * u + BC * v));

    /// <summary>Standard errors of the three numbers, pixels.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Plane StandardErrors => new(Math.Sqrt(AA), Math.Sqrt(BB), Math.Sqrt(CC));

    public static PlaneVariance operator +(PlaneVariance one, PlaneVariance other) =>
        new(one.AA + other.AA, one.AB + other.AB, one.BB + other.BB, one.AC + other.AC, one.BC + other.BC, one.CC + other.CC);

    public static PlaneVariance operator *(double factor, PlaneVariance one) =>
        new(factor * one.AA, factor * one.AB, factor * one.BB, factor * one.AC, factor * one.BC, factor * one.CC);

    /// <summary>Adds the variance of the plane to that of standard errors, in place; NaN stays NaN.</summary>
    /// <param name="standardError">Standard errors under <paramref name="window"/> of the grid, in the unit that <paramref name="unitPerPixel"/> gives.</param>
    /// <param name="window">Place of the raster in the grid.</param>
    /// <param name="grid">The whole grid.</param>
    /// <param name="unitPerPixel">Units of the standard error per pixel, for metres the side of a pixel.</param>
    /// <param name="workers">Threads; the result does not depend on them.</param>
    public void AddTo(Raster<float> standardError, Window window, RasterGrid grid, double unitPerPixel, Workers workers)
    {
        if (this == default)
            return;
        var scaled = unitPerPixel * unitPerPixel * this;
        workers.Rows(window.Height, RowsPerBand, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                double v = RobustPlane.Centred(window.Y + y, grid.Height);
                var errors = standardError.Row(y);
                for (int x = 0; x < errors.Length; x++)
                {
                    double error = errors[x];
                    errors[x] = (float)Math.Sqrt(error * error + scaled.At(RobustPlane.Centred(window.X + x, grid.Width), v));
                }
            }
        });
    }
}
