using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Filtering;

/// <summary>
/// Flags what is not to be believed, and sets it to NaN in both components. Rules: README.md of this folder. Works on windows of a field that overlap by
/// <see cref="Halo"/> pixels.
/// </summary>
public static class FieldFilter
{
    public const string MethodVersion = "filtering-1";

    private const int MinimumNeighbours = 4;

    /// <summary>Pixels beyond a window that its result depends on (the consistency test needs the largest displacement besides).</summary>
    public static int Halo(FilteringParameters parameters) => parameters.MedianTest ? 1 : 0;

    /// <summary>
    /// Adds flags to <c>field.Validity</c> and sets flagged pixels of Dx and Dy to NaN, in place; <see cref="ValidityCounts"/> counts them.
    /// </summary>
    /// <param name="field">Corrected field; its Validity already carries the masks of both dates and the slope mask.</param>
    /// <param name="minimumScore">Pixels with a lower score are decorrelated; [0, 1].</param>
    /// <param name="backward">Corrected field of the swapped pair on the same window, own signs; only for the consistency test, else null.</param>
    public static void Apply(
        DisplacementField field, double minimumScore, DisplacementField? backward, FilteringParameters parameters, Workers workers)
    {
        double maximumSquared = parameters.MaximumDisplacement * parameters.MaximumDisplacement;
        workers.Rows(field.Height, 16, (first, afterLast) =>
        {
            for (int i = first * field.Width; i < afterLast * field.Width; i++)
            {
                float dx = field.Dx.Pixels[i], dy = field.Dy.Pixels[i];
                ref var flags = ref field.Validity.Pixels[i];
                if (!float.IsFinite(dx) || !float.IsFinite(dy))
                {
                    if (flags == Validity.Valid)
                        flags = Validity.NoData;
                    continue;
                }

                if (!(field.Score.Pixels[i] >= minimumScore))
                    flags |= Validity.Decorrelated;
                if ((double)dx * dx + (double)dy * dy > maximumSquared)
                    flags |= Validity.TooLarge;
            }
        });

        if (parameters.MedianTest || (parameters.ConsistencyTest && backward is not null))
            ApplyNeighbourTests(field, backward, parameters, workers);
        workers.Rows(field.Height, 16, (first, afterLast) =>
        {
            for (int i = first * field.Width; i < afterLast * field.Width; i++)
            {
                if (field.Validity.Pixels[i] != Validity.Valid)
                    field.Dx.Pixels[i] = field.Dy.Pixels[i] = float.NaN;
            }
        });
    }

    /// <summary>Both tests see the field as it was before either, so that the order of the pixels does not matter.</summary>
    private static void ApplyNeighbourTests(DisplacementField field, DisplacementField? backward, FilteringParameters parameters, Workers workers)
    {
        var found = new Raster<Validity>(field.Width, field.Height);
        workers.Rows(field.Height, 16, () => new float[8], (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                for (int x = 0; x < field.Width; x++)
                {
                    if (field.Validity[x, y] != Validity.Valid)
                        continue;
                    if (parameters.MedianTest && (StandsOut(field, field.Dx, x, y, parameters, scratch) || StandsOut(field, field.Dy, x, y, parameters, scratch)))
                        found[x, y] |= Validity.Outlier;
                    if (parameters.ConsistencyTest && backward is not null && Disagrees(field, backward, x, y, parameters.ConsistencyTolerance))
                        found[x, y] |= Validity.Inconsistent;
                }
            }
        });
        for (int i = 0; i < found.Pixels.Length; i++)
            field.Validity.Pixels[i] |= found.Pixels[i];
    }

    private static bool StandsOut(DisplacementField field, Raster<float> component, int x, int y, FilteringParameters parameters, float[] scratch)
    {
        int count = 0;
        for (int ny = Math.Max(0, y - 1); ny <= Math.Min(field.Height - 1, y + 1); ny++)
        {
            for (int nx = Math.Max(0, x - 1); nx <= Math.Min(field.Width - 1, x + 1); nx++)
            {
                if ((nx != x || ny != y) && field.Validity[nx, ny] == Validity.Valid)
                    scratch[count++] = component[nx, ny];
            }
        }

        if (count < MinimumNeighbours)
            return false;
        var neighbours = scratch.AsSpan(0, count);
        double median = OrderStatistics.Median(neighbours);
        double scatter = OrderStatistics.Nmad(neighbours, median) / OrderStatistics.NormalMadFactor;
        return Math.Abs(component[x, y] - median) > parameters.MedianTestThreshold * (scatter + parameters.MedianTestNoise);
    }

    private static bool Disagrees(DisplacementField forward, DisplacementField backward, int x, int y, double tolerance)
    {
        double dx = forward.Dx[x, y], dy = forward.Dy[x, y];
        double atX = x + dx, atY = y + dy;
        int x0 = (int)Math.Floor(atX), y0 = (int)Math.Floor(atY);
        if (x0 < 0 || y0 < 0 || x0 + 1 >= backward.Width || y0 + 1 >= backward.Height)
            return false;
        double fx = atX - x0, fy = atY - y0;
        double sumX = Bilinear(backward.Dx, x0, y0, fx, fy) + dx, sumY = Bilinear(backward.Dy, x0, y0, fx, fy) + dy;
        // A backward field without value there can neither confirm nor refute.
        return sumX * sumX + sumY * sumY > tolerance * tolerance;
    }

    private static double Bilinear(Raster<float> raster, int x, int y, double fx, double fy) =>
        (1 - fy) * ((1 - fx) * raster[x, y] + fx * raster[x + 1, y]) + fy * ((1 - fx) * raster[x, y + 1] + fx * raster[x + 1, y + 1]);
}
