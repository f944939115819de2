using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Vectors;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Profiles;

/// <summary>
/// The mean displacement of a finished job, opened to be measured: profiles across a fault whose trace is known, or along one line that somebody drew across
/// it. Only the part of the rasters that the profiles reach is read.
/// </summary>
public sealed class MeanDisplacement : IDisposable
{
    private readonly RasterFile _east;
    private readonly RasterFile _south;
    private readonly RasterFile? _eastSigma;
    private readonly RasterFile? _southSigma;

    private MeanDisplacement(RasterFile east, RasterFile south, RasterFile? eastSigma, RasterFile? southSigma) =>
        (_east, _south, _eastSigma, _southSigma) = (east, south, eastSigma, southSigma);

    public RasterGrid Grid => _east.Grid;

    /// <param name="folder">Result folder of a job. Its standard errors are used where both are there.</param>
    /// <exception cref="InputException">The folder holds no such rasters, or those of several jobs.</exception>
    public static MeanDisplacement Open(string folder)
    {
        var opened = new List<RasterFile>();
        try
        {
            RasterFile east = Opened(Displacement(folder, "EW")), south = Opened(Displacement(folder, "NS"));
            if (south.Width != east.Width || south.Height != east.Height)
                throw new InputException($"The mean displacements EW and NS in {folder} differ in size: they are not of one job.");
            if (Find(folder, "Standard_error", "EW") is not [var eastSigma] || Find(folder, "Standard_error", "NS") is not [var southSigma])
                return new MeanDisplacement(east, south, null, null);
            RasterFile[] sigmas = [Opened(eastSigma), Opened(southSigma)];
            if (sigmas.Any(sigma => sigma.Width != east.Width || sigma.Height != east.Height))
                throw new InputException($"The standard errors in {folder} differ in size from the mean displacements: they are not of one job.");
            return new MeanDisplacement(east, south, sigmas[0], sigmas[1]);
        }
        catch
        {
            opened.ForEach(file => file.Dispose());
            throw;
        }

        RasterFile Opened(string path)
        {
            var file = RasterFile.Open(path);
            opened.Add(file);
            return file;
        }
    }

    /// <summary>The lines of a GeoJSON or KML file in the reference system of the result.</summary>
    /// <exception cref="InputException">The file cannot be read or holds no line.</exception>
    public IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> Trace(string path) => VectorFile.ReadLines(path, Grid.EpsgCode);

    /// <summary>The same from the text of such a file.</summary>
    /// <exception cref="InputException">It holds no line.</exception>
    public IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> TraceOf(string text) => VectorFile.ParseLines(text, "The fault trace", Grid.EpsgCode);

    /// <summary>Profiles across the fault, evenly spaced along its lines one after the other.</summary>
    /// <exception cref="InputException">The trace lies outside the result or has no length.</exception>
    public IReadOnlyList<FaultProfile> Profiles(
        IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> trace, FaultProfileParameters parameters, Workers workers)
    {
        double reach = 1000 * (parameters.HalfLength + parameters.Width);
        var points = trace.SelectMany(line => line).ToArray();
        int left = Pixel(Math.Floor(Grid.Column(points.Min(p => p.Easting) - reach))), top = Pixel(Math.Floor(Grid.Row(points.Max(p => p.Northing) + reach)));
        int right = Pixel(Math.Ceiling(Grid.Column(points.Max(p => p.Easting) + reach))), bottom = Pixel(Math.Ceiling(Grid.Row(points.Min(p => p.Northing) - reach)));
        var window = new Window(left, top, right - left, bottom - top).Intersect(Grid.Bounds);
        if (window.IsEmpty)
            throw new InputException("The fault trace lies outside the result: choose a trace on this tile, or check its coordinate order (longitude first).");
        var (eastWest, northSouth, part) = (_east.Read<float>(1, window), _south.Read<float>(1, window), Grid.Crop(window));
        (Raster<float>, Raster<float>)? sigma = _eastSigma is { } e && _southSigma is { } s ? (e.Read<float>(1, window), s.Read<float>(1, window)) : null;
        var profiles = new List<FaultProfile>();
        double along = 0;
        foreach (var line in trace)
        {
            int before = profiles.Count;
            double start = along;
            profiles.AddRange(FaultProfiles.Measure(eastWest, northSouth, sigma, part, line, parameters, workers)
                .Select(p => p with { Number = p.Number + before, AlongMetres = p.AlongMetres + start }));
            along += Length(line);
        }

        return profiles;
    }

    /// <summary>
    /// The one profile along a line drawn across the fault, from its left side to its right side; its half length is that of the line, and the fault may cross
    /// anywhere in the middle half of it.
    /// </summary>
    /// <exception cref="InputException">The line is too short, too long, or outside the result.</exception>
    public FaultProfile Across((double Easting, double Northing) from, (double Easting, double Northing) to, FaultProfileParameters parameters, Workers workers)
    {
        double length = Length([from, to]);
        if (!(length >= 400 && length <= 200_000))
            throw new InputException($"The line across the fault is {length / 1000:0.0} km long: draw one of 0.4 to 200 km.");
        double half = length / 2, middleEasting = (from.Easting + to.Easting) / 2, middleNorthing = (from.Northing + to.Northing) / 2;
        // The trace is at right angles to the line, with the line's end on its right; a metre is enough to state its direction.
        double easting = -(to.Northing - from.Northing) / length / 2, northing = (to.Easting - from.Easting) / length / 2;
        var trace = new[] { (middleEasting - easting, middleNorthing - northing), (middleEasting + easting, middleNorthing + northing) };
        var one = parameters with { HalfLength = half / 1000, TraceTolerance = Math.Min(10, half / 2000) };
        return Profiles([trace], one, workers)[0];
    }

    public void Dispose()
    {
        _east.Dispose();
        _south.Dispose();
        _eastSigma?.Dispose();
        _southSigma?.Dispose();
    }

    /// <summary>Length of a line, metres.</summary>
    public static double Length(IReadOnlyList<(double Easting, double Northing)> line)
    {
        double length = 0;
        for (int i = 1; i < line.Count; i++)
            length += double.Hypot(line[i].Easting - line[i - 1].Easting, line[i].Northing - line[i - 1].Northing);
        return length;
    }

    // Far beyond any raster, and still an int when a reach is added.
    private static int Pixel(double position) => (int)Math.Clamp(position, -1e8, 1e8);

    private static string Displacement(string folder, string component)
    {
        string[] found = Find(folder, "Mean_displacement", component);
        return found.Length switch
        {
            1 => found[0],
            0 => throw new InputException($"{folder} holds no {ProductNames.Analysis}/*_Mean_displacement_{component}_*.tif: give the result folder of a finished gdm run."),
            _ => throw new InputException($"{folder} holds the mean displacements {component} of {found.Length} jobs: keep one per folder."),
        };
    }

    private static string[] Find(string folder, string quantity, string component)
    {
        string analysis = Path.Combine(folder, ProductNames.Analysis);
        return Directory.Exists(analysis) ? Directory.GetFiles(analysis, $"*_{quantity}_{component}_*.tif") : [];
    }
}
