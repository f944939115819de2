using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Imagery.Products;

/// <summary>One picture of an overlay archive.</summary>
/// <param name="Title">Name in the list of places.</param>
/// <param name="Description">Unit, sign, inputs.</param>
/// <param name="OverlayPath">PNG of the map alone.</param>
/// <param name="LegendPath">PNG of the legend alone.</param>
public sealed record OverlayPicture(string Title, string Description, string OverlayPath, string LegendPath);

/// <summary>
/// KMZ for globes and phones: each picture laid over the ground by its four corners, with its legend on the screen and the dates that it spans. One picture is
/// shown at a time, the first one at the beginning. The same pictures give the same bytes.
/// </summary>
public static class OverlayArchive
{
    // The oldest time that a zip entry can carry; a real one would make every archive different.
    private static readonly DateTimeOffset s_noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="path">Name of the archive.</param>
    /// <param name="grid">Place of all pictures.</param>
    /// <param name="begin">First image, UTC.</param>
    /// <param name="end">Last image, UTC.</param>
    /// <exception cref="Science.Rasters.InputException">The disk is full or the place cannot be written.</exception>
    public static void Write(string path, string name, string description, RasterGrid grid, DateTimeOffset begin, DateTimeOffset end, IReadOnlyList<OverlayPicture> pictures)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            // doc.kml comes first: readers take the first one they meet.
            Add(archive, "doc.kml", System.Text.Encoding.UTF8.GetBytes(Kml(name, description, grid, begin, end, pictures)), CompressionLevel.Optimal);
            foreach (string file in pictures.SelectMany(picture => (string[])[picture.OverlayPath, picture.LegendPath]))
                Add(archive, NameInside(file), File.ReadAllBytes(file), CompressionLevel.NoCompression);
        }

        AtomicFile.WriteAllBytes(path, memory.ToArray());
    }

    private static string Kml(string name, string description, RasterGrid grid, DateTimeOffset begin, DateTimeOffset end, IReadOnlyList<OverlayPicture> pictures)
    {
        XNamespace kml = GroundOverlay.Namespace;
        var document = new XElement(kml + "Document",
            new XElement(kml + "name", name),
            new XElement(kml + "open", 1),
            new XElement(kml + "description", description),
            new XElement(kml + "styleUrl", "#one-at-a-time"),
            new XElement(kml + "Style", new XAttribute("id", "one-at-a-time"), new XElement(kml + "ListStyle", new XElement(kml + "listItemType", "radioFolder"))));
        for (int i = 0; i < pictures.Count; i++)
        {
            var (title, text, overlay, legend) = pictures[i];
            // An element that has a parent is copied when it gets another one.
            var visibility = new XElement(kml + "visibility", i == 0 ? 1 : 0);
            document.Add(new XElement(kml + "Folder",
                new XElement(kml + "name", title),
                visibility,
                GroundOverlay.Element(grid, NameInside(overlay), title, text,
                    visibility,
                    new XElement(kml + "TimeSpan", new XElement(kml + "begin", Time(begin)), new XElement(kml + "end", Time(end)))),
                new XElement(kml + "ScreenOverlay",
                    new XElement(kml + "name", $"Legend: {title}"),
                    visibility,
                    new XElement(kml + "Icon", new XElement(kml + "href", NameInside(legend))),
                    Corner("overlayXY", 0, 0), Corner("screenXY", 0.02, 0.06), Corner("size", 0.4, 0))));
        }

        return GroundOverlay.Document(document);

        XElement Corner(string element, double x, double y) => new(kml + element,
            new XAttribute("x", x), new XAttribute("y", y), new XAttribute("xunits", "fraction"), new XAttribute("yunits", "fraction"));
    }

    private static string NameInside(string file) => $"files/{Path.GetFileName(file)}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Add(ZipArchive archive, string name, byte[] bytes, CompressionLevel level)
    {
        var entry = archive.CreateEntry(name, level);
        entry.LastWriteTime = s_noTime;
        using var stream = entry.Open();
        stream.Write(bytes);
    }
}
