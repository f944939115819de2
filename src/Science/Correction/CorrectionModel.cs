using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>The parts of a correction.</summary>
[Flags]
public enum CorrectionParts
{
    None = 0,
    DetectorSteps = 1,
    Plane = 2,
    Jitter = 4,
    All = 7,
}

/// <summary>Jitter of the regions of one parity group: a profile along the track or, from the wavelet method, a surface. Root mean squares in pixels.</summary>
public sealed record JitterGroup(int ParityGroup, TrackProfile? Profile, CoarseSurface? Surface, double RmsDx, double RmsDy);

/// <summary>State of the field (on the coarse grid) after a step; the first is the raw field.</summary>
public sealed record CorrectionStage(string Name, FieldQuality Quality);

/// <summary>What was estimated, in numbers for people.</summary>
/// <param name="Stages">Raw field, then the field after each step in the order of the steps.</param>
/// <param name="JitterCorrelation">Correlation between the profiles of the two largest parity groups (East, South); null without two profiles.</param>
/// <param name="Rupture">The dislocation that kept the plane off the earthquake; null when none was found or looked for.</param>
/// <param name="Warnings">One plain sentence for each thing that could not be done.</param>
public sealed record CorrectionReport(IReadOnlyList<CorrectionStage> Stages, double[]? JitterCorrelation, Rupture? Rupture, IReadOnlyList<string> Warnings);

/// <summary>
/// Everything that is taken out of the field of one pair, in pixels of the full grid: offsets per detector region, a plane (with how well it is known), and
/// jitter. Holds no reference to the field; can be written as JSON, and applied to any window.
/// </summary>
public sealed record CorrectionModel(
    RasterGrid FullGrid, double TrackAngleDegrees, DetectorLayout? Layout, double[] StepsDx, double[] StepsDy, Plane PlaneDx, Plane PlaneDy,
    IReadOnlyList<JitterGroup> Jitter, CorrectionReport Report)
{
    private const int TableSamplesPerStep = 8;

    /// <summary>Covariance of <see cref="PlaneDx"/>; zero when unknown.</summary>
    public PlaneVariance PlaneVarianceDx { get; init; }

    /// <summary>Covariance of <see cref="PlaneDy"/>; zero when unknown.</summary>
    public PlaneVariance PlaneVarianceDy { get; init; }

    private Tables? tables;

    /// <summary>A model that changes nothing.</summary>
    public static CorrectionModel Identity(PairGeometry geometry, CorrectionReport report) =>
        new(geometry.Grid, geometry.TrackAngleDegrees, null, [], [], default, default, [], report);

    /// <summary>Subtracts the correction from the pixels under <paramref name="window"/> of the full grid, in place; NaN stays NaN.</summary>
    public void Apply(Window window, Raster<float> dx, Raster<float> dy, Workers workers, CorrectionParts parts = CorrectionParts.All) =>
        Evaluate(window, dx, dy, workers, parts, subtract: true);

    /// <summary>The surfaces that <see cref="Apply"/> subtracts, pixels.</summary>
    public (Raster<float> Dx, Raster<float> Dy) Surface(Window window, Workers workers, CorrectionParts parts = CorrectionParts.All)
    {
        var dx = new Raster<float>(window.Width, window.Height);
        var dy = new Raster<float>(window.Width, window.Height);
        Evaluate(window, dx, dy, workers, parts, subtract: false);
        return (dx, dy);
    }

    private void Evaluate(Window window, Raster<float> dx, Raster<float> dy, Workers workers, CorrectionParts parts, bool subtract)
    {
        if (!FullGrid.Bounds.Contains(window))
            throw new ArgumentOutOfRangeException(nameof(window), $"Window {window} is not inside the grid {FullGrid}.");
        var use = tables ??= new Tables(this, TableSamplesPerStep);
        int runs = Layout?.MaximumRuns() ?? 1;
        workers.Rows(window.Height, 16, () => (new float[runs], new byte[runs], new float[window.Width]), (first, afterLast, scratch) =>
        {
            var (starts, regions, line) = scratch;
            for (int row = first; row < afterLast; row++)
            {
                int y = window.Y + row;
                int count = Layout?.RunsOfRow(y, starts, regions) ?? 1;
                foreach (bool south in (ReadOnlySpan<bool>)[false, true])
                {
                    FillLine(line, window, y, starts.AsSpan(0, count), regions, use, south, parts);
                    var target = (south ? dy : dx).Row(row);
                    if (subtract)
                    {
                        for (int x = 0; x < line.Length; x++)
                            target[x] -= line[x];
                    }
                    else
                    {
                        line.CopyTo(target);
                    }
                }
            }
        });
    }

    private void FillLine(
        float[] line, Window window, int y, ReadOnlySpan<float> starts, ReadOnlySpan<byte> regions, Tables use, bool south, CorrectionParts parts)
    {
        var plane = south ? PlaneDy : PlaneDx;
        bool withPlane = (parts & CorrectionParts.Plane) != 0;
        double slope = withPlane ? 2 * plane.A / FullGrid.Width : 0;
        double atLeft = withPlane ? plane.At(RobustPlane.Centred(window.X, FullGrid.Width), RobustPlane.Centred(y, FullGrid.Height)) : 0;
        for (int run = 0; run < starts.Length; run++)
        {
            int from = Math.Max(window.X, run == 0 ? 0 : (int)Math.Ceiling(starts[run] - 0.5));
            int to = Math.Min(window.Right, run + 1 < starts.Length ? (int)Math.Ceiling(starts[run + 1] - 0.5) : FullGrid.Width);
            double offset = atLeft;
            if (Layout is not null && (parts & CorrectionParts.DetectorSteps) != 0 && StepsDx.Length > 0)
                offset += (south ? StepsDy : StepsDx)[regions[run]];
            for (int x = from; x < to; x++)
                line[x - window.X] = (float)(offset + slope * (x - window.X));
            if ((parts & CorrectionParts.Jitter) != 0 && use.Jitter(Layout?.Regions[regions[run]].ParityGroup ?? 0) is { } jitter)
                jitter.AddTo(line, window.X, from, to, y, south);
        }
    }

    /// <summary>Profiles sampled finely enough to be read linearly.</summary>
    private sealed class Tables
    {
        private readonly Dictionary<int, Table> byGroup = [];

        public Tables(CorrectionModel model, int samplesPerStep)
        {
            var (sin, cos) = Math.SinCos(model.TrackAngleDegrees * Math.PI / 180);
            foreach (var group in model.Jitter)
                byGroup[group.ParityGroup] = new Table(group, samplesPerStep, sin, cos);
        }

        /// <summary>The jitter of a group; a model with a single group of no parity (-1) lends it to all.</summary>
        public Table? Jitter(int group) => byGroup.TryGetValue(group, out var table) || byGroup.TryGetValue(-1, out table) ? table : null;
    }

    private sealed class Table
    {
        private readonly JitterGroup group;
        private readonly float[] dx = [];
        private readonly float[] dy = [];
        private readonly double scale;
        private readonly double start;
        private readonly double sin;
        private readonly double cos;

        public Table(JitterGroup group, int samplesPerStep, double sin, double cos)
        {
            (this.group, this.sin, this.cos) = (group, sin, cos);
            if (group.Profile is not { } profile)
                return;
            scale = samplesPerStep / profile.Step;
            start = profile.Start;
            dx = Refine(profile.Dx, samplesPerStep);
            dy = Refine(profile.Dy, samplesPerStep);
        }

        public void AddTo(float[] line, int lineStart, int from, int to, int y, bool south)
        {
            group.Surface?.AddTo(line, lineStart, from, to, y, south);
            var table = south ? dy : dx;
            if (table.Length < 2)
                return;
            for (int x = from; x < to; x++)
            {
                double position = Math.Clamp(((y + 0.5) * cos - (x + 0.5) * sin - start) * scale, 0, table.Length - 1.001);
                int i = (int)position;
                float part = (float)(position - i);
                line[x - lineStart] += table[i] + part * (table[i + 1] - table[i]);
            }
        }

        private static float[] Refine(float[] samples, int factor)
        {
            if (samples.Length == 0)
                return [];
            var fine = new float[(samples.Length - 1) * factor + 1];
            for (int i = 0; i < fine.Length; i++)
                fine[i] = (float)TrackProfile.At(samples, (double)i / factor);
            return fine;
        }
    }
}
