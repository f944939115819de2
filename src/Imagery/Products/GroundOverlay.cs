using System.Globalization;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Imagery.Products;

/// <summary>KML that lays a picture over a globe by its four corners, since a UTM grid is no rectangle in degrees.</summary>
internal static class GroundOverlay
{
    public static string Kml(RasterGrid grid, string pictureName, string title, string description)
    {
        XNamespace kml = "http://www.opengis.net/kml/2.2", extension = "http://www.google.com/kml/ext/2.2";
        using var transform = new CoordinateTransform(grid.EpsgCode, CoordinateTransform.Wgs84);
        // Counter-clockwise from the lower left corner, as gx:LatLonQuad wants them.
        var corners = new[] { (0, grid.Height), (grid.Width, grid.Height), (grid.Width, 0), (0, 0) }
            .Select(corner => transform.Transform(grid.Easting(corner.Item1), grid.Northing(corner.Item2)))
            .Select(place => string.Create(CultureInfo.InvariantCulture, $"{place.X:0.0000000},{place.Y:0.0000000}"));
        var document = new XElement(kml + "kml",
            new XAttribute(XNamespace.Xmlns + "gx", extension),
            new XElement(kml + "GroundOverlay",
                new XElement(kml + "name", title),
                new XElement(kml + "description", description),
                new XElement(kml + "Icon", new XElement(kml + "href", pictureName)),
                new XElement(extension + "LatLonQuad", new XElement(kml + "coordinates", string.Join(' ', corners)))));
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{document}\n";
    }
}
