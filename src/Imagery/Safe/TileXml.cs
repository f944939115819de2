using System.Globalization;
using System.Xml.Linq;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Writes MTD_TL.xml and the GML masks.</summary>
internal static class TileXml
{
    /// <summary>Nodes of the angle grids: 23 x 23 every 5 km, from the upper left corner, whatever the size of the tile.</summary>
    private const int Nodes = 23;

    private const double StepMetres = 5000;

    public static XDocument Tile(SafeSpecification s, ProductNames names, IReadOnlyList<MaskEntry> masks)
    {
        XNamespace n1 = "https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Tile_Metadata.xsd";
        int zone = s.Grid.EpsgCode % 100;
        string hemisphere = s.Grid.EpsgCode / 100 == 327 ? "S" : "N";
        int[] resolutions = [10, 20, 60];
        return new XDocument(new XElement(n1 + "Level-1C_Tile_ID", new XAttribute(XNamespace.Xmlns + "n1", n1.NamespaceName),
            new XElement(n1 + "General_Info",
                new XElement("TILE_ID", new XAttribute("metadataLevel", "Brief"), names.GranuleIdentifier),
                new XElement("DATASTRIP_ID", new XAttribute("metadataLevel", "Standard"), names.DatastripIdentifier),
                new XElement("DOWNLINK_PRIORITY", new XAttribute("metadataLevel", "Standard"), "NOMINAL"),
                new XElement("SENSING_TIME", new XAttribute("metadataLevel", "Standard"), ProductNames.Time(s.DatatakeStart))),
            new XElement(n1 + "Geometric_Info",
                new XElement("Tile_Geocoding", new XAttribute("metadataLevel", "Brief"),
                    new XElement("HORIZONTAL_CS_NAME", $"WGS84 / UTM zone {zone}{hemisphere}"),
                    new XElement("HORIZONTAL_CS_CODE", $"EPSG:{s.Grid.EpsgCode}"),
                    resolutions.Select(r => new XElement("Size", new XAttribute("resolution", r),
                        new XElement("NROWS", s.Grid.Height * 10 / r), new XElement("NCOLS", s.Grid.Width * 10 / r))),
                    resolutions.Select(r => new XElement("Geoposition", new XAttribute("resolution", r),
                        new XElement("ULX", s.Grid.OriginX), new XElement("ULY", s.Grid.OriginY), new XElement("XDIM", r), new XElement("YDIM", -r)))),
                new XElement("Tile_Angles", new XAttribute("metadataLevel", "Standard"),
                    new XElement("Sun_Angles_Grid", Grid(s.SunAngles ?? Uniform(s.MeanSun))),
                    new XElement("Mean_Sun_Angle", Mean(s.MeanSun)),
                    s.Bands.SelectMany(b => s.DetectorsOf(b).GroupBy(d => d.Detector).OrderBy(g => g.Key).Select(g => new XElement("Viewing_Incidence_Angles_Grids",
                        new XAttribute("bandId", b.Id), new XAttribute("detectorId", g.Key),
                        Grid(s.ViewAngles?.Invoke(b, g.Key) ?? Inside(s, g.ToList()))))),
                    new XElement("Mean_Viewing_Incidence_Angle_List",
                        s.Bands.Select(b => new XElement("Mean_Viewing_Incidence_Angle", new XAttribute("bandId", b.Id), Mean(s.MeanView)))))),
            new XElement(n1 + "Quality_Indicators_Info", new XAttribute("metadataLevel", "Standard"),
                new XElement("Image_Content_QI",
                    new XElement("CLOUDY_PIXEL_PERCENTAGE", s.CloudCoverPercent), new XElement("DEGRADED_MSI_DATA_PERCENTAGE", 0)),
                new XElement("Pixel_Level_QI", new XAttribute("geometry", "FULL_RESOLUTION"),
                    masks.Select(m => new XElement("MASK_FILENAME",
                        m.BandId is { } id ? new XAttribute("bandId", id) : null, new XAttribute("type", m.Type), m.FileName))))));
    }

    /// <summary>A GML mask of one band: its detectors, or nothing (an empty mask says that nothing is wrong).</summary>
    public static XDocument Mask(SafeSpecification s, ProductNames names, string type, SafeBand? band, IReadOnlyList<DetectorPolygon> detectors)
    {
        XNamespace eop = "http://www.opengis.net/eop/2.0", gml = "http://www.opengis.net/gml/3.2";
        string bandName = band?.Name ?? "B00";
        string id = names.GranuleIdentifier[..names.GranuleIdentifier.LastIndexOf("_N", StringComparison.Ordinal)]
            .Replace("_MSI_L1C_TL_", $"_{type}_", StringComparison.Ordinal) + $"_{bandName}_MSIL1C";
        return new XDocument(new XElement(eop + "Mask",
            new XAttribute(XNamespace.Xmlns + "eop", eop.NamespaceName), new XAttribute(XNamespace.Xmlns + "gml", gml.NamespaceName), new XAttribute(gml + "id", id),
            new XElement(gml + "name", $"{type} pixels mask from data-strip {id}"),
            detectors.Count == 0 ? null : Envelope(s, gml),
            detectors.Count == 0 ? null : new XElement(eop + "maskMembers", detectors.Select((d, i) => new XElement(eop + "MaskFeature",
                new XAttribute(gml + "id", string.Create(CultureInfo.InvariantCulture, $"detector_footprint-{bandName}-{d.Detector:00}-{i}")),
                new XElement(eop + "maskType", new XAttribute("codeSpace", "urn:gs2:S2PDGS:maskType"), "DETECTOR_FOOTPRINT"),
                new XElement(eop + "extentOf", new XElement(gml + "Polygon", new XAttribute(gml + "id", $"DETECTOR_FOOTPRINT.{i}_Polygon"),
                    new XElement(gml + "exterior", new XElement(gml + "LinearRing",
                        new XElement(gml + "posList", new XAttribute("srsDimension", 3),
                            string.Join(' ', d.Ring.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Easting:R} {p.Northing:R} 0")))))))))))));
    }

    private static XElement Envelope(SafeSpecification s, XNamespace gml) => new(gml + "boundedBy", new XElement(gml + "Envelope",
        new XAttribute("srsName", $"urn:ogc:def:crs:EPSG:8.7:{s.Grid.EpsgCode}"),
        new XElement(gml + "lowerCorner", string.Create(CultureInfo.InvariantCulture, $"{s.Grid.OriginX:R} {s.Grid.Northing(s.Grid.Height):R} 0")),
        new XElement(gml + "upperCorner", string.Create(CultureInfo.InvariantCulture, $"{s.Grid.Easting(s.Grid.Width):R} {s.Grid.OriginY:R} 0"))));

    private static XElement[] Mean(MeanAngle angle) =>
    [
        new("ZENITH_ANGLE", new XAttribute("unit", "deg"), angle.ZenithDegrees),
        new("AZIMUTH_ANGLE", new XAttribute("unit", "deg"), angle.AzimuthDegrees),
    ];

    private static XElement[] Grid(AngleGrid grid) => [Values("Zenith", grid, grid.ZenithDegrees), Values("Azimuth", grid, grid.AzimuthDegrees)];

    private static XElement Values(string name, AngleGrid grid, double[] values) => new(name,
        new XElement("COL_STEP", new XAttribute("unit", "m"), grid.StepMetres),
        new XElement("ROW_STEP", new XAttribute("unit", "m"), grid.StepMetres),
        new XElement("Values_List", Enumerable.Range(0, grid.Rows).Select(row => new XElement("VALUES",
            string.Join(' ', values.AsSpan(row * grid.Columns, grid.Columns).ToArray().Select(v => v.ToString("R", CultureInfo.InvariantCulture)))))));

    private static AngleGrid Uniform(MeanAngle angle)
    {
        var grid = new AngleGrid(StepMetres, Nodes, Nodes, new double[Nodes * Nodes], new double[Nodes * Nodes]);
        Array.Fill(grid.ZenithDegrees, angle.ZenithDegrees);
        Array.Fill(grid.AzimuthDegrees, angle.AzimuthDegrees);
        return grid;
    }

    /// <summary>The mean view angle on the nodes that a detector sees, NaN elsewhere.</summary>
    private static AngleGrid Inside(SafeSpecification s, IReadOnlyList<DetectorPolygon> polygons)
    {
        var grid = Uniform(s.MeanView);
        // One pixel per node, centred on it: the half-step shift of the origin turns the pixel centres into nodes.
        var nodeGrid = new RasterGrid(s.Grid.EpsgCode, s.Grid.OriginX - StepMetres / 2, s.Grid.OriginY + StepMetres / 2, StepMetres, Nodes, Nodes);
        var seen = new Raster<byte>(Nodes, Nodes);
        foreach (var polygon in polygons)
            PolygonRaster.Fill(seen, nodeGrid, [polygon.Ring], 1);
        for (int i = 0; i < seen.Pixels.Length; i++)
        {
            if (seen.Pixels[i] == 0)
                grid.ZenithDegrees[i] = grid.AzimuthDegrees[i] = double.NaN;
        }

        return grid;
    }
}
