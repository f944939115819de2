using System.Globalization;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Imagery.Products;

/// <summary>KML that lays a picture over a globe by its four corners, since a UTM grid is no rectangle in degrees.</summary>
internal static class GroundOverlay
{
    public static readonly XNamespace Namespace = "http://www.opengis.net/kml/2.2";

    private static readonly XNamespace s_extension = "http://www.google.com/kml/ext/2.2";

    public static string Kml(RasterGrid grid, string pictureName, string title, string description) => Document(Element(grid, pictureName, title, description));

    /// <param name="visibility">Whether it is shown when opened; null: the reader's default.</param>
    /// <param name="time">TimeSpan or TimeStamp; null: none.</param>
    public static XElement Element(RasterGrid grid, string pictureName, string title, string description, XElement? visibility = null, XElement? time = null)
    {
        using var transform = new CoordinateTransform(grid.EpsgCode, CoordinateTransform.Wgs84);
        // Counter-clockwise from the lower left corner, as gx:LatLonQuad wants them.
        var corners = new[] { (0, grid.Height), (grid.Width, grid.Height), (grid.Width, 0), (0, 0) }
            .Select(corner => transform.Transform(grid.Easting(corner.Item1), grid.Northing(corner.Item2)))
            .Select(place => string.Create(CultureInfo.InvariantCulture, $"{place.X:0.0000000},{place.Y:0.0000000}"));
        return new XElement(Namespace + "GroundOverlay",
            new XElement(Namespace + "name", title),
            visibility,
            new XElement(Namespace + "description", description),
            time,
            new XElement(Namespace + "Icon", new XElement(Namespace + "href", pictureName)),
            new XElement(s_extension + "LatLonQuad", new XElement(Namespace + "coordinates", string.Join(' ', corners))));
    }

    public static string Document(XElement content) =>
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{new XElement(Namespace + "kml", new XAttribute(XNamespace.Xmlns + "gx", s_extension), content)}\n";
}
