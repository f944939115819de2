using System.Xml.Linq;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Mean zenith and azimuth over a tile, degrees; azimuth clockwise from North, from the ground to the sun or the sensor.</summary>
public readonly record struct MeanAngle(double ZenithDegrees, double AzimuthDegrees);

/// <summary>One MASK_FILENAME of the tile metadata.</summary>
internal sealed record MaskEntry(string Type, int? BandId, string FileName);

/// <summary>What MTD_TL.xml says: grid, angles, masks. Layout: docs of the Level-1C tile metadata, read on products of baselines 02.04 to 05.11.</summary>
internal sealed class TileMetadata
{
    private const int MaximumNodes = 512;
    private const int MaximumPixels = 32_768;
    private readonly Dictionary<int, RasterGrid> _grids = [];
    private readonly Dictionary<int, SortedDictionary<int, AngleGrid>> _viewAngles = [];
    private readonly Dictionary<int, MeanAngle> _meanViewAngles = [];
    private readonly AngleGrid? _sunAngles;
    private readonly MeanAngle? _meanSunAngle;

    private TileMetadata(string file, XElement root)
    {
        File = file;
        if (!root.Name.LocalName.StartsWith("Level-1C_Tile", StringComparison.Ordinal))
            throw new InputException($"{file} holds <{root.Name.LocalName}> instead of Level-1C tile metadata: give a Level-1C (top of atmosphere) product.");
        SensingTime = root.RequireTime("SENSING_TIME", file);
        ReadGrids(root.Require("Tile_Geocoding", file));
        if (root.FirstBelow("Tile_Angles") is { } angles)
        {
            if (angles.Child("Sun_Angles_Grid") is { } sun)
                _sunAngles = ReadAngleGrid(sun);
            if (angles.Child("Mean_Sun_Angle") is { } mean)
                _meanSunAngle = ReadMeanAngle(mean);
            foreach (var grid in angles.Children("Viewing_Incidence_Angles_Grids"))
            {
                int band = SafeXml.Integer(grid.LocalAttribute("bandId") ?? "", "bandId", file);
                int detector = SafeXml.Integer(grid.LocalAttribute("detectorId") ?? "", "detectorId", file);
                if (!_viewAngles.TryGetValue(band, out var detectors))
                    _viewAngles[band] = detectors = [];
                detectors[detector] = ReadAngleGrid(grid);
            }

            foreach (var meanView in angles.Below("Mean_Viewing_Incidence_Angle"))
                _meanViewAngles[SafeXml.Integer(meanView.LocalAttribute("bandId") ?? "", "bandId", file)] = ReadMeanAngle(meanView);
        }

        Masks = root.Below("MASK_FILENAME").Where(m => m.Value.Trim().Length > 0).Select(m => new MaskEntry(
            m.LocalAttribute("type") ?? "",
            m.LocalAttribute("bandId") is { } id ? SafeXml.Integer(id, "MASK_FILENAME bandId", file) : null,
            m.Value.Trim())).ToList();
        string? clouds = root.FirstBelow("CLOUDY_PIXEL_PERCENTAGE")?.Value.Trim();
        CloudCoverPercent = clouds is null ? null : SafeXml.Number(clouds, "CLOUDY_PIXEL_PERCENTAGE", file);
    }

    public string File { get; }

    public DateTimeOffset SensingTime { get; }

    public double? CloudCoverPercent { get; }

    public IReadOnlyList<MaskEntry> Masks { get; }

    public AngleGrid SunAngles => _sunAngles ?? throw Missing("Sun_Angles_Grid");

    public MeanAngle MeanSunAngle => _meanSunAngle ?? throw Missing("Mean_Sun_Angle");

    public static TileMetadata Parse(Stream xml, string file) => new(file, SafeXml.Load(xml, file));

    public RasterGrid Grid(int resolutionMetres) => _grids.TryGetValue(resolutionMetres, out var grid) ? grid : throw Missing($"grid of {resolutionMetres} m");

    /// <summary>Detector number to view angles; empty for a band that the metadata leave out.</summary>
    public IReadOnlyDictionary<int, AngleGrid> ViewAngles(SafeBand band) =>
        _viewAngles.TryGetValue(band.Id, out var detectors) ? detectors : new SortedDictionary<int, AngleGrid>();

    public MeanAngle? MeanViewAngle(SafeBand band) => _meanViewAngles.TryGetValue(band.Id, out var mean) ? mean : null;

    private InputException Missing(string what) => new($"{File} has no {what}: it is not complete Level-1C tile metadata; download the product again.");

    private void ReadGrids(XElement geocoding)
    {
        string code = geocoding.RequireText("HORIZONTAL_CS_CODE", File);
        if (!code.StartsWith("EPSG:", StringComparison.OrdinalIgnoreCase))
            throw SafeXml.Unreadable(code, "HORIZONTAL_CS_CODE", File);
        int epsg = SafeXml.Integer(code[5..], "HORIZONTAL_CS_CODE", File);
        foreach (var position in geocoding.Children("Geoposition"))
        {
            int resolution = SafeXml.Integer(position.LocalAttribute("resolution") ?? "", "Geoposition resolution", File);
            var size = geocoding.Children("Size").FirstOrDefault(s => s.LocalAttribute("resolution") == position.LocalAttribute("resolution"))
                ?? throw Missing($"Size of {resolution} m");
            int rows = size.RequireInteger("NROWS", File), columns = size.RequireInteger("NCOLS", File);
            double left = position.RequireNumber("ULX", File), top = position.RequireNumber("ULY", File), pixel = position.RequireNumber("XDIM", File);
            if (rows is < 1 or > MaximumPixels || columns is < 1 or > MaximumPixels || !(pixel > 0))
                throw SafeXml.Unreadable($"{columns} x {rows} pixels of {pixel} m", "Tile_Geocoding", File);
            _grids[resolution] = new RasterGrid(epsg, left, top, pixel, columns, rows);
        }
    }

    private MeanAngle ReadMeanAngle(XElement mean) => new(
        SafeXml.NumberOrNaN(mean.RequireText("ZENITH_ANGLE", File), "ZENITH_ANGLE", File), SafeXml.NumberOrNaN(mean.RequireText("AZIMUTH_ANGLE", File), "AZIMUTH_ANGLE", File));

    private AngleGrid ReadAngleGrid(XElement grid)
    {
        var (zenith, columns, rows, step) = ReadValues(grid.Require("Zenith", File));
        var (azimuth, azimuthColumns, azimuthRows, azimuthStep) = ReadValues(grid.Require("Azimuth", File));
        if (columns != azimuthColumns || rows != azimuthRows || step != azimuthStep)
            throw SafeXml.Unreadable($"{columns} x {rows} zeniths, {azimuthColumns} x {azimuthRows} azimuths", grid.Name.LocalName, File);
        return new AngleGrid(step, columns, rows, zenith, azimuth);
    }

    private (double[] Values, int Columns, int Rows, double Step) ReadValues(XElement angle)
    {
        double step = angle.RequireNumber("COL_STEP", File);
        if (!(step > 0) || step != angle.RequireNumber("ROW_STEP", File))
            throw SafeXml.Unreadable($"{angle.RequireText("COL_STEP", File)} and {angle.RequireText("ROW_STEP", File)}", "COL_STEP and ROW_STEP", File);
        var values = new List<double>();
        int columns = -1, rows = 0;
        foreach (var line in angle.Require("Values_List", File).Children("VALUES"))
        {
            var text = line.Value.AsSpan();
            int before = values.Count;
            foreach (var part in text.Split(' '))
            {
                var token = text[part].Trim();
                if (token.IsEmpty)
                    continue;
                values.Add(SafeXml.NumberOrNaN(token.ToString(), "VALUES", File));
                if (values.Count - before > MaximumNodes)
                    throw SafeXml.Unreadable($"more than {MaximumNodes} values in a row", "VALUES", File);
            }

            int count = values.Count - before;
            if (columns >= 0 && count != columns)
                throw SafeXml.Unreadable($"rows of {columns} and {count} values", "VALUES", File);
            columns = count;
            if (++rows > MaximumNodes)
                throw SafeXml.Unreadable($"more than {MaximumNodes} rows", "VALUES", File);
        }

        if (columns < 1)
            throw Missing("angle VALUES");
        return (values.ToArray(), columns, rows, step);
    }
}
