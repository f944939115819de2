using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Accuracy;
using GdmOptEtq.Pipeline.TwoRasters;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench;

/// <summary>A scene with known displacement, measured.</summary>
internal sealed record SceneRow(
    string Scene, string Method, AccuracyMeasures Measures, PeakLocking Locking, double LimitEast, double LimitSouth, Cost Cost)
{
    /// <summary>Error far from the fault over the limit of a window of the chosen size.</summary>
    public double RatioToLimit => Measures.RmseFar / Math.Sqrt((LimitEast * LimitEast + LimitSouth * LimitSouth) / 2);
}

/// <summary>A chip of known shift, measured; errors against the folder's name, pixels.</summary>
internal sealed record ChipRow(
    string Scene, string Method, double ShiftColumns, double ShiftRows, double ErrorColumns, double ErrorRows, double? MedicisColumns, double? MedicisRows, double Coverage);

/// <summary>A pair without truth: medians and spread, pixels.</summary>
/// <param name="FlatNmadDx">Spread about a robust plane, since a real pair also has a ramp of its own, which corrections take out.</param>
internal sealed record PairRow(
    string Scene, string Method, double MedianDx, double MedianDy, double NmadDx, double NmadDy, double FlatNmadDx, double FlatNmadDy, double Coverage, Cost Cost);

/// <summary>Runs a matcher on cases and measures.</summary>
internal sealed class AccuracyRun(PairMatchParameters parameters, int? band, (double West, double South, double East, double North)? extent, Workers workers)
{
    // Half a chip is border: what is left must still have pixels.
    private const int ChipMarginPixels = 20;
    private const int PhaseWindow = 64;
    private const int PhaseStep = 32;
    private const int PlaneIterations = 20;

    public MatchMethod Method { get; } = parameters.Chosen();

    public SceneRow Measure(TrueScene scene)
    {
        using var pair = RasterPair.OpenOnOneGrid(scene.Reference, scene.Secondary, band);
        var truth = scene.ReadTruth(pair.Grid.Width, pair.Grid.Height);
        if (Math.Min(pair.Grid.Width, pair.Grid.Height) <= 2 * AccuracyMeasures.MarginPixels)
            throw new InputException($"The scene {scene.Name} has only {pair.Grid.Width} x {pair.Grid.Height} pixels: nothing is left inside the margin of {AccuracyMeasures.MarginPixels} pixels.");
        var (field, cost) = Cost.Of(() => TiledMatch.Whole(pair, Method, parameters.Tiling, workers));
        return Row(scene.Name, field, cost, pair.Read(pair.Grid.Bounds), truth);
    }

    /// <summary>A scene in memory, matched as one tile.</summary>
    public SceneRow Measure(string name, MatchInput input, SceneTruth truth)
    {
        var (field, cost) = Cost.Of(() => Method.Match(input, workers));
        return Row(name, field, cost, input, truth);
    }

    public ChipRow Measure(KnownShift chip)
    {
        using var pair = RasterPair.OpenOnOneGrid(chip.Reference, chip.Secondary, band);
        var field = TiledMatch.Whole(pair, Method, parameters.Tiling, workers);
        var inner = field.Dx.Bounds.Grow(-ChipMarginPixels);
        if (inner.IsEmpty)
            throw new InputException($"The chip {chip.Name} has only {field.Width} x {field.Height} pixels: more than {2 * ChipMarginPixels} are needed.");
        var (dx, dy) = (Valid(field.Dx.Crop(inner)), Valid(field.Dy.Crop(inner)));
        return new ChipRow(
            chip.Name, Method.Name, chip.ShiftColumns, chip.ShiftRows, OrderStatistics.Median(dx) - chip.ShiftColumns, OrderStatistics.Median(dy) - chip.ShiftRows,
            MedianOfFile(chip.MedicisColumns) - chip.ShiftColumns, MedianOfFile(chip.MedicisRows) - chip.ShiftRows, (double)dx.Length / inner.PixelCount);
    }

    public PairRow Measure(RealPair real)
    {
        using var pair = RasterPair.OpenCommonPart(real.Reference, real.Secondary, band);
        var window = WindowOf(pair.Grid, real.Name);
        var padded = window.Grow(Method.HaloPixels).Intersect(pair.Grid.Bounds);
        var (field, cost) = Cost.Of(() => Method.Match(pair.Read(padded), workers).Crop(window.RelativeTo(padded)));
        return Row(real.Name, Method.Name, field.Dx, field.Dy, cost);
    }

    /// <summary>The same pair by phase correlation of 64 px windows every 32 px: what large windows make of it.</summary>
    public PairRow MeasureByPhase(RealPair real)
    {
        using var pair = RasterPair.OpenCommonPart(real.Reference, real.Secondary, band);
        var window = WindowOf(pair.Grid, real.Name);
        // A window's width around, so that the windows can follow the ground across the border.
        var padded = window.Grow(PhaseWindow).Intersect(pair.Grid.Bounds);
        var input = pair.Read(padded);
        var inside = window.RelativeTo(padded);
        int columns = Math.Max(0, (inside.Width - PhaseWindow) / PhaseStep + 1), rows = Math.Max(0, (inside.Height - PhaseWindow) / PhaseStep + 1);
        Raster<float> dx = new(columns, rows), dy = new(columns, rows);
        var (_, cost) = Cost.Of(() =>
        {
            workers.Each(dx.Pixels.Length, i =>
            {
                var shift = PhaseCorrelation.Shift(
                    input.Reference, input.Secondary, inside.X + i % columns * PhaseStep, inside.Y + i / columns * PhaseStep, PhaseWindow);
                (dx.Pixels[i], dy.Pixels[i]) = shift is { } found ? ((float)found.Dx, (float)found.Dy) : (float.NaN, float.NaN);
            });
            return 0;
        });
        return Row(real.Name, "phase correlation 64", dx, dy, cost);
    }

    private SceneRow Row(string name, DisplacementField field, Cost cost, MatchInput input, SceneTruth truth)
    {
        var limit = CramerRao.Of(input, truth, workers);
        int halfWindow = parameters.CorrelationParameters.WindowSize;
        return new SceneRow(
            name, Method.Name, AccuracyMeasures.Of(field, truth), PeakLocking.Of(field, truth), limit.LimitEast(halfWindow), limit.LimitSouth(halfWindow), cost);
    }

    private static PairRow Row(string name, string method, Raster<float> dx, Raster<float> dy, Cost cost)
    {
        float[] validX = Valid(dx), validY = Valid(dy);
        double medianX = OrderStatistics.Median(validX), medianY = OrderStatistics.Median(validY), coverage = (double)validX.Length / dx.Pixels.Length;
        return new PairRow(
            name, method, medianX, medianY, OrderStatistics.Nmad(validX, medianX), OrderStatistics.Nmad(validY, medianY), SpreadAboutPlane(dx), SpreadAboutPlane(dy), coverage, cost);
    }

    private static double SpreadAboutPlane(Raster<float> component)
    {
        if (RobustPlane.Fit(component, null, PlaneIterations) is not { } plane)
            return double.NaN;
        var rest = component.Clone();
        for (int y = 0; y < rest.Height; y++)
            for (int x = 0; x < rest.Width; x++)
                rest[x, y] -= (float)plane.At(RobustPlane.Centred(x, rest.Width), RobustPlane.Centred(y, rest.Height));
        float[] valid = Valid(rest);
        return OrderStatistics.Nmad(valid, OrderStatistics.Median(valid));
    }

    private Window WindowOf(RasterGrid grid, string name)
    {
        if (extent is not { } e)
            return grid.Bounds;
        int x = (int)Math.Round(grid.Column(e.West)), y = (int)Math.Round(grid.Row(e.North));
        var wanted = new Window(x, y, (int)Math.Round(grid.Column(e.East)) - x, (int)Math.Round(grid.Row(e.South)) - y);
        var window = wanted.Intersect(grid.Bounds);
        return window.IsEmpty ? throw new InputException($"The extent lies outside the common ground of the pair {name} ({grid}): give --extent West,South,East,North in its coordinates.") : window;
    }

    private static float[] Valid(Raster<float> raster) => Array.FindAll(raster.Pixels, float.IsFinite);

    private static double? MedianOfFile(string? path)
    {
        if (path is null)
            return null;
        using var file = GdmOptEtq.Imagery.Gdal.RasterFile.Open(path);
        return OrderStatistics.Median(Valid(file.Read<float>(1)));
    }
}
