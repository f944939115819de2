namespace GdmOptEtq.Science.Geometry;

/// <summary>
/// Horizontal direction to the sensor over a tile, as the vector tan(zenith) (sin azimuth, cos azimuth) = (East, North): metres that a line of sight
/// moves per metre of height. Vectors can be averaged and interpolated across the borders of detectors, where azimuths jump and must not be.
/// </summary>
public sealed class ViewField
{
    private readonly double[] east;
    private readonly double[] north;

    private ViewField(double stepMetres, int columns, int rows, double[] east, double[] north)
    {
        StepMetres = stepMetres;
        Columns = columns;
        Rows = rows;
        this.east = east;
        this.north = north;
    }

    public double StepMetres { get; }

    public int Columns { get; }

    public int Rows { get; }

    /// <summary>The same direction everywhere.</summary>
    public static ViewField Constant(double zenithDegrees, double azimuthDegrees)
    {
        var (e, n) = Vector(zenithDegrees, azimuthDegrees);
        return new ViewField(1, 1, 1, [e], [n]);
    }

    /// <summary>
    /// One field from the grids of all detectors of a band: the mean where several detectors see a node, the nearest seen node elsewhere;
    /// null when no node is seen.
    /// </summary>
    public static ViewField? FromDetectors(IEnumerable<AngleGrid> detectors)
    {
        AngleGrid? first = null;
        double[] east = [], north = [];
        int[] seen = [];
        foreach (var grid in detectors)
        {
            if (first is null)
            {
                first = grid;
                east = new double[grid.Columns * grid.Rows];
                north = new double[east.Length];
                seen = new int[east.Length];
            }

            if (grid.Columns != first.Columns || grid.Rows != first.Rows)
                throw new ArgumentException("The angle grids of the detectors differ in size.", nameof(detectors));
            for (int node = 0; node < east.Length; node++)
            {
                if (double.IsNaN(grid.ZenithDegrees[node]) || double.IsNaN(grid.AzimuthDegrees[node]))
                    continue;
                var (e, n) = Vector(grid.ZenithDegrees[node], grid.AzimuthDegrees[node]);
                east[node] += e;
                north[node] += n;
                seen[node]++;
            }
        }

        if (first is null || Array.TrueForAll(seen, static count => count == 0))
            return null;
        for (int node = 0; node < seen.Length; node++)
        {
            east[node] /= Math.Max(1, seen[node]);
            north[node] /= Math.Max(1, seen[node]);
        }

        for (int node = 0; node < seen.Length; node++)
        {
            if (seen[node] > 0)
                continue;
            int nearest = Nearest(node, first.Columns, seen);
            east[node] = east[nearest];
            north[node] = north[nearest];
        }

        return new ViewField(first.StepMetres, first.Columns, first.Rows, east, north);
    }

    /// <summary>The vector (East, North) at a place in metres East and South of the first node; constant beyond the last nodes.</summary>
    public (double East, double North) At(double xMetres, double yMetres)
    {
        double x = Math.Clamp(xMetres / StepMetres, 0, Columns - 1), y = Math.Clamp(yMetres / StepMetres, 0, Rows - 1);
        int left = Math.Min((int)x, Math.Max(0, Columns - 2)), top = Math.Min((int)y, Math.Max(0, Rows - 2));
        int right = Math.Min(left + 1, Columns - 1), bottom = Math.Min(top + 1, Rows - 1);
        double u = x - left, v = y - top;
        return (Mix(east), Mix(north));

        double Mix(double[] nodes) =>
            (1 - v) * ((1 - u) * nodes[top * Columns + left] + u * nodes[top * Columns + right])
            + v * ((1 - u) * nodes[bottom * Columns + left] + u * nodes[bottom * Columns + right]);
    }

    private static (double East, double North) Vector(double zenithDegrees, double azimuthDegrees)
    {
        double tangent = Math.Tan(zenithDegrees * Math.PI / 180);
        var (sine, cosine) = Math.SinCos(azimuthDegrees * Math.PI / 180);
        return (tangent * sine, tangent * cosine);
    }

    private static int Nearest(int node, int columns, int[] seen)
    {
        int x = node % columns, y = node / columns, best = -1;
        long bestDistance = long.MaxValue;
        for (int other = 0; other < seen.Length; other++)
        {
            long dx = other % columns - x, dy = other / columns - y, distance = dx * dx + dy * dy;
            if (seen[other] > 0 && distance < bestDistance)
            {
                best = other;
                bestDistance = distance;
            }
        }

        return best;
    }
}
