using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Vectors;

/// <summary>
/// Lines and rings drawn by the user: GeoJSON (RFC 7946, and the older <c>crs</c> member) or KML. Longitude and latitude unless the file names a reference
/// system, or its numbers can only be metres of the target.
/// </summary>
public static class VectorFile
{
    /// <summary>All lines of the file, as (easting, northing) of the reference system <paramref name="epsgCode"/>.</summary>
    /// <exception cref="InputException">The file cannot be read, is not GeoJSON or KML, or holds no line.</exception>
    public static IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> ReadLines(string path, int epsgCode) =>
        Parse(Text(path), path, epsgCode, "LineString", "a line (LineString)", 2);

    /// <summary>All lines of a text that came without a file.</summary>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InputException">The text is not GeoJSON or KML, or holds no line.</exception>
    public static IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> ParseLines(string text, string name, int epsgCode) =>
        Parse(text, name, epsgCode, "LineString", "a line (LineString)", 2);

    private const long MaximumBytes = 64L << 20;

    /// <summary>The outer rings of all polygons of the file.</summary>
    /// <exception cref="InputException">The file cannot be read, is not GeoJSON or KML, or holds no polygon.</exception>
    public static IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> ReadPolygons(string path, int epsgCode) =>
        Parse(Text(path), path, epsgCode, "Polygon", "a polygon (Polygon)", 3);

    private static string Text(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaximumBytes } large)
                throw new InputException($"{path} has {large.Length} bytes, far more than lines or polygons drawn by hand: simplify it.");
            return File.ReadAllText(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: check the name and the permissions.", cause);
        }
    }

    private static List<IReadOnlyList<(double Easting, double Northing)>> Parse(string text, string path, int epsgCode, string kind, string what, int minimumPoints)
    {
        var parts = new List<List<(double X, double Y)>>();
        int sourceEpsg = text.TrimStart().StartsWith('<') ? ReadKml(text, path, kind, parts) : ReadGeoJson(text, path, kind, parts);
        parts.RemoveAll(p => p.Count < minimumPoints);
        if (parts.Count == 0)
            throw new InputException($"{path} holds no {what[2..]}: draw {what} and save it as GeoJSON.");
        if (parts.SelectMany(p => p).Any(p => !double.IsFinite(p.X) || !double.IsFinite(p.Y)))
            throw new InputException($"{path} holds a coordinate that is not a number: export it again.");
        bool degrees = parts.SelectMany(p => p).All(p => Math.Abs(p.X) <= 180 && Math.Abs(p.Y) <= 90);
        int from = sourceEpsg != 0 ? sourceEpsg : degrees ? CoordinateTransform.Wgs84 : epsgCode;
        if (from == epsgCode)
            return [.. parts];
        if (epsgCode == 0)
            throw new InputException($"{path} is in degrees, but the raster states no reference system to bring it to: give the coordinates in the raster's own metres.");
        try
        {
            using var transform = new CoordinateTransform(from, epsgCode);
            return [.. parts.Select(p => (IReadOnlyList<(double, double)>)p.Select(q => transform.Transform(q.X, q.Y)).ToArray())];
        }
        catch (GdalException cause)
        {
            throw new InputException($"{path} cannot be brought from EPSG:{from} to EPSG:{epsgCode}: save it in WGS 84 (longitude, latitude).", cause);
        }
    }

    private static int ReadGeoJson(string text, string path, string kind, List<List<(double X, double Y)>> parts)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            Collect(document.RootElement, kind, parts);
            return Epsg(document.RootElement);
        }
        catch (JsonException cause)
        {
            throw new InputException($"{path} is not valid GeoJSON (line {cause.LineNumber + 1}): export it again as GeoJSON or KML.", cause);
        }
        catch (Exception cause) when (cause is InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException or FormatException)
        {
            throw new InputException($"{path} is JSON but not GeoJSON: a geometry lacks its type or has coordinates of the wrong shape; export it again.", cause);
        }
    }

    private static void Collect(JsonElement element, string kind, List<List<(double X, double Y)>> parts)
    {
        switch (element.GetProperty("type").GetString())
        {
            case "FeatureCollection":
                foreach (var feature in element.GetProperty("features").EnumerateArray())
                    Collect(feature, kind, parts);
                break;
            case "Feature" when element.GetProperty("geometry") is { ValueKind: not JsonValueKind.Null } geometry:
                Collect(geometry, kind, parts);
                break;
            case "GeometryCollection":
                foreach (var geometry in element.GetProperty("geometries").EnumerateArray())
                    Collect(geometry, kind, parts);
                break;
            case "LineString" when kind == "LineString":
                parts.Add(Points(element.GetProperty("coordinates")));
                break;
            case "MultiLineString" when kind == "LineString":
                parts.AddRange(element.GetProperty("coordinates").EnumerateArray().Select(Points));
                break;
            case "Polygon" when kind == "Polygon":
                parts.Add(Points(element.GetProperty("coordinates")[0]));
                break;
            case "MultiPolygon" when kind == "Polygon":
                parts.AddRange(element.GetProperty("coordinates").EnumerateArray().Select(p => Points(p[0])));
                break;
        }
    }

    private static List<(double X, double Y)> Points(JsonElement coordinates) =>
        coordinates.EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble())).ToList();

    /// <summary>The reference system of the <c>crs</c> member of 2008, which QGIS still writes: "urn:ogc:def:crs:EPSG::32611"; 0 when there is none.</summary>
    private static int Epsg(JsonElement root)
    {
        if (!root.TryGetProperty("crs", out var crs) || crs.ValueKind != JsonValueKind.Object)
            return 0;
        string name = crs.GetProperty("properties").GetProperty("name").GetString() ?? "";
        return name.Contains("EPSG", StringComparison.Ordinal) && int.TryParse(name[(name.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture, out int code) ? code : 0;
    }

    private static int ReadKml(string text, string path, string kind, List<List<(double X, double Y)>> parts)
    {
        try
        {
            foreach (var geometry in SafeXml.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), path).DescendantsAndSelf().Where(e => e.Name.LocalName == kind))
            {
                string coordinates = geometry.Descendants().First(e => e.Name.LocalName == "coordinates").Value;
                parts.Add(coordinates.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(tuple =>
                {
                    string[] numbers = tuple.Split(',');
                    return (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
                }).ToList());
            }

            return CoordinateTransform.Wgs84;
        }
        catch (Exception cause) when (cause is InputException or FormatException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InputException($"{path} is neither valid GeoJSON nor valid KML: export it again as GeoJSON.", cause);
        }
    }
}
