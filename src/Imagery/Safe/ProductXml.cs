using System.Globalization;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Writes MTD_MSIL1C.xml and MTD_DS.xml, in the order of elements that ESA's products have.</summary>
internal static class ProductXml
{
    /// <summary>Central wavelengths of Sentinel-2A, nm, and solar irradiance, W/m2/um, by bandId: as in the metadata of its products.</summary>
    private static readonly (double Wavelength, double Irradiance)[] s_spectrum =
    [
        (442.7, 1884.69), (492.4, 1959.66), (559.8, 1823.24), (664.6, 1512.06), (704.1, 1424.64), (740.5, 1287.61), (782.8, 1162.08),
        (832.8, 1041.63), (864.7, 955.32), (945.1, 812.92), (1373.5, 367.15), (1613.7, 245.59), (2202.4, 85.25),
    ];

    public static XDocument Product(SafeSpecification s, ProductNames names)
    {
        string time = ProductNames.Time(s.DatatakeStart);
        XNamespace n1 = $"https://psd-{(s.HasRasterMasks ? 15 : 14)}.sentinel2.eo.esa.int/PSD/User_Product_Level-1C.xsd";
        return new XDocument(new XElement(n1 + "Level-1C_User_Product", new XAttribute(XNamespace.Xmlns + "n1", n1.NamespaceName),
            new XElement(n1 + "General_Info",
                new XElement("Product_Info",
                    new XElement("PRODUCT_START_TIME", time),
                    new XElement("PRODUCT_STOP_TIME", time),
                    new XElement("PRODUCT_URI", names.Product),
                    new XElement("PROCESSING_LEVEL", "Level-1C"),
                    new XElement("PRODUCT_TYPE", "S2MSI1C"),
                    new XElement("PROCESSING_BASELINE", s.Baseline),
                    new XElement("GENERATION_TIME", ProductNames.Time(names.Generation)),
                    new XElement("PREVIEW_IMAGE_URL", "Not applicable"),
                    new XElement("PREVIEW_GEO_INFO", "Not applicable"),
                    new XElement("Datatake", new XAttribute("datatakeIdentifier", names.Datatake),
                        new XElement("SPACECRAFT_NAME", s.Spacecraft),
                        new XElement("DATATAKE_TYPE", "INS-NOBS"),
                        new XElement("DATATAKE_SENSING_START", time),
                        new XElement("SENSING_ORBIT_NUMBER", s.RelativeOrbit),
                        new XElement("SENSING_ORBIT_DIRECTION", "DESCENDING")),
                    new XElement("Query_Options", new XAttribute("completeSingleTile", "true"), new XElement("PRODUCT_FORMAT", "SAFE_COMPACT")),
                    new XElement("Product_Organisation", new XElement("Granule_List", new XElement("Granule",
                        new XAttribute("datastripIdentifier", names.DatastripIdentifier),
                        new XAttribute("granuleIdentifier", names.GranuleIdentifier),
                        new XAttribute("imageFormat", "JPEG2000"),
                        s.Bands.Select(b => new XElement("IMAGE_FILE", names.Image(b))))))),
                new XElement("Product_Image_Characteristics",
                    SpecialValue("NODATA", 0), SpecialValue("SATURATED", SafeSpecification.SaturatedValue),
                    new XElement("Image_Display_Order", new XElement("RED_CHANNEL", 3), new XElement("GREEN_CHANNEL", 2), new XElement("BLUE_CHANNEL", 1)),
                    new XElement("QUANTIFICATION_VALUE", new XAttribute("unit", "none"), SafeSpecification.QuantificationValue),
                    s.HasRasterMasks
                        ? new XElement("Radiometric_Offset_List", SafeBand.All.Select(b => new XElement("RADIO_ADD_OFFSET", new XAttribute("band_id", b.Id), s.RadiometricOffset)))
                        : null,
                    new XElement("Reflectance_Conversion", new XElement("U", 1),
                        new XElement("Solar_Irradiance_List", SafeBand.All.Select(b => new XElement("SOLAR_IRRADIANCE",
                            new XAttribute("bandId", b.Id), new XAttribute("unit", "W/m²/µm"), s_spectrum[b.Id].Irradiance)))),
                    new XElement("Spectral_Information_List", SafeBand.All.Select(b => new XElement("Spectral_Information",
                        new XAttribute("bandId", b.Id), new XAttribute("physicalBand", "B" + b.Name[1..].TrimStart('0')),
                        new XElement("RESOLUTION", b.ResolutionMetres),
                        new XElement("Wavelength", new XElement("CENTRAL", new XAttribute("unit", "nm"), s_spectrum[b.Id].Wavelength))))),
                    new XElement("REFERENCE_BAND", 3))),
            new XElement(n1 + "Geometric_Info",
                new XElement("Product_Footprint",
                    new XElement("Product_Footprint", new XElement("Global_Footprint", new XElement("EXT_POS_LIST", Footprint(s)))),
                    new XElement("RASTER_CS_TYPE", "POINT"), new XElement("PIXEL_ORIGIN", 1)),
                new XElement("Coordinate_Reference_System",
                    new XElement("GEO_TABLES", new XAttribute("version", 1), "EPSG"), new XElement("HORIZONTAL_CS_TYPE", "GEOGRAPHIC"))),
            new XElement(n1 + "Quality_Indicators_Info", new XElement("Cloud_Coverage_Assessment", s.CloudCoverPercent))));
    }

    public static XDocument Datastrip(SafeSpecification s, ProductNames names)
    {
        XNamespace n1 = "https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Datastrip_Metadata.xsd";
        string time = ProductNames.Time(s.DatatakeStart);
        return new XDocument(new XElement(n1 + "Level-1C_DataStrip_ID", new XAttribute(XNamespace.Xmlns + "n1", n1.NamespaceName),
            new XElement(n1 + "General_Info",
                new XElement("Datatake_Info", new XAttribute("datatakeIdentifier", names.Datatake),
                    new XElement("SPACECRAFT_NAME", s.Spacecraft), new XElement("DATATAKE_TYPE", "INS-NOBS"), new XElement("DATATAKE_SENSING_START", time),
                    new XElement("SENSING_ORBIT_NUMBER", s.RelativeOrbit), new XElement("SENSING_ORBIT_DIRECTION", "DESCENDING")),
                new XElement("Datastrip_Time_Info", new XElement("DATASTRIP_SENSING_START", time), new XElement("DATASTRIP_SENSING_STOP", time)),
                new XElement("Processing_Info", new XElement("PROCESSING_BASELINE", s.Baseline)))));
    }

    private static XElement SpecialValue(string name, int value) =>
        new("Special_Values", new XElement("SPECIAL_VALUE_TEXT", name), new XElement("SPECIAL_VALUE_INDEX", value));

    /// <summary>Latitude and longitude of the four corners and the first again.</summary>
    private static string Footprint(SafeSpecification s)
    {
        using var toDegrees = new CoordinateTransform(s.Grid.EpsgCode, CoordinateTransform.Wgs84);
        int w = s.Grid.Width, h = s.Grid.Height;
        (int X, int Y)[] corners = [(0, 0), (w, 0), (w, h), (0, h), (0, 0)];
        return string.Concat(corners.Select(c =>
        {
            var (longitude, latitude) = toDegrees.Transform(s.Grid.Easting(c.X), s.Grid.Northing(c.Y));
            return string.Create(CultureInfo.InvariantCulture, $"{latitude:0.000000000} {longitude:0.000000000} ");
        }));
    }
}
