using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>A polygon of a GML mask: outer ring first, then its holes; (easting, northing) in metres, first point repeated at the end.</summary>
internal sealed record GmlPolygon(IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> Rings);

/// <summary>One MaskFeature: what it marks (DETECTOR_FOOTPRINT, OPAQUE, CIRRUS, QT_SATURATED_PIXELS_L1A, ...) and where.</summary>
internal sealed record GmlFeature(string Id, string MaskType, IReadOnlyList<GmlPolygon> Polygons);

/// <summary>Reads the vector masks of products before processing baseline 04.00 (eop:Mask of GML 3.2).</summary>
internal static partial class GmlMask
{
    public static IReadOnlyList<GmlFeature> Parse(Stream xml, string file)
    {
        var root = SafeXml.Load(xml, file);
        return root.Below("MaskFeature").Select(feature => new GmlFeature(
            feature.LocalAttribute("id") ?? "",
            feature.FirstBelow("maskType")?.Value.Trim() ?? "",
            feature.Below("Polygon").Select(p => ReadPolygon(p, file)).Where(p => p.Rings.Count > 0).ToList())).ToList();
    }

    /// <summary>The detector number in a feature id like <c>detector_footprint-B04-09-0</c>: features come in any order.</summary>
    public static int DetectorNumber(GmlFeature feature, string file)
    {
        var match = DetectorInId().Match(feature.Id);
        return match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : throw SafeXml.Unreadable(feature.Id, "the id of a detector footprint", file);
    }

    private static GmlPolygon ReadPolygon(XElement polygon, string file)
    {
        var rings = new List<IReadOnlyList<(double, double)>>();
        foreach (var side in polygon.Children("exterior").Concat(polygon.Children("interior")))
        {
            if (side.FirstBelow("posList") is { } list)
                rings.Add(ReadRing(list, file));
        }

        return new GmlPolygon(rings);
    }

    private static List<(double Easting, double Northing)> ReadRing(XElement list, string file)
    {
        int dimension = list.LocalAttribute("srsDimension") is { } text ? SafeXml.Integer(text, "srsDimension", file) : 2;
        string[] tokens = list.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (dimension is < 2 or > 3 || tokens.Length % dimension != 0)
            throw SafeXml.Unreadable($"{tokens.Length} numbers of dimension {dimension}", "posList", file);
        var ring = new List<(double, double)>(tokens.Length / dimension);
        for (int i = 0; i < tokens.Length; i += dimension)
            ring.Add((SafeXml.Number(tokens[i], "posList", file), SafeXml.Number(tokens[i + 1], "posList", file)));
        return ring;
    }

    [GeneratedRegex(@"-B[0-9A]{1,2}-(\d{1,2})(-|$)", RegexOptions.CultureInvariant)]
    private static partial Regex DetectorInId();
}
