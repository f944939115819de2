using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// Reads the XML and GML of a product as untrusted text: no document type, nothing fetched, a limit on the size. Elements are found by local name,
/// since the namespace carries the version of the format and changes with it.
/// </summary>
internal static class SafeXml
{
    // The largest metadata file read, a tile's with the angles of all bands, has 1 MB; a mask of polygons may have some 30 MB.
    private const long MaximumCharacters = 64L * 1024 * 1024;
    private const int MaximumElements = 1_000_000;
    private const int MaximumDepth = 64;

    /// <exception cref="InputException">It is not well-formed, has a document type, or is larger or deeper than any metadata.</exception>
    public static XElement Load(Stream stream, string file)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaximumCharacters,
            MaxCharactersFromEntities = 1024,
            CloseInput = false,
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            return Build(reader, file);
        }
        catch (XmlException e)
        {
            throw new InputException($"{file} is not usable XML ({SafeNames.Printable(e.Message.TrimEnd('.'))}): download the product again.", e);
        }
    }

    /// <summary>The elements, their attributes and texts; built by hand, so that depth and number are limited before memory is spent on them.</summary>
    private static XElement Build(XmlReader reader, string file)
    {
        XElement? root = null, current = null;
        int depth = 0, elements = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++elements > MaximumElements || depth >= MaximumDepth)
                        throw new InputException($"{file} has more than {MaximumElements} elements or {MaximumDepth} inside each other, as no metadata have: do not use this product.");
                    bool isEmpty = reader.IsEmptyElement;
                    var element = new XElement(XName.Get(reader.LocalName, reader.NamespaceURI));
                    while (reader.MoveToNextAttribute())
                    {
                        // Names carry their namespace; the prefix is nobody's business.
                        if (reader.NamespaceURI == XNamespace.Xmlns.NamespaceName)
                            continue;
                        element.Add(new XAttribute(XName.Get(reader.LocalName, reader.NamespaceURI), reader.Value));
                    }

                    if (current is null)
                        root = element;
                    else
                        current.Add(element);
                    if (!isEmpty)
                        (current, depth) = (element, depth + 1);
                    break;
                case XmlNodeType.EndElement:
                    (current, depth) = (current!.Parent, depth - 1);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    current!.Add(reader.Value);
                    break;
            }
        }

        return root!;
    }

    public static XElement? Child(this XElement element, string name) => element.Elements().FirstOrDefault(e => e.Name.LocalName == name);

    public static IEnumerable<XElement> Children(this XElement element, string name) => element.Elements().Where(e => e.Name.LocalName == name);

    public static IEnumerable<XElement> Below(this XElement element, string name) => element.Descendants().Where(e => e.Name.LocalName == name);

    public static XElement? FirstBelow(this XElement element, string name) => element.Below(name).FirstOrDefault();

    public static XElement Require(this XElement element, string name, string file) =>
        element.FirstBelow(name) ?? throw new InputException($"{file} has no element {name}: it is not complete Level-1C metadata; download the product again.");

    public static string RequireText(this XElement element, string name, string file) => element.Require(name, file).Value.Trim();

    public static string? LocalAttribute(this XElement element, string name) =>
        element.Attributes().FirstOrDefault(a => a.Name.LocalName == name)?.Value;

    public static double RequireNumber(this XElement element, string name, string file) => Number(element.RequireText(name, file), name, file);

    public static int RequireInteger(this XElement element, string name, string file) => Integer(element.RequireText(name, file), name, file);

    public static DateTimeOffset RequireTime(this XElement element, string name, string file)
    {
        string text = element.RequireText(name, file);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Unreadable(text, name, file);
    }

    public static double Number(string text, string name, string file) =>
        NumberOrNaN(text, name, file) is var value && double.IsFinite(value) ? value : throw Unreadable(text, name, file);

    /// <summary>As <see cref="Number"/>, where the format has NaN for "unknown".</summary>
    public static double NumberOrNaN(string text, string name, string file) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !double.IsInfinity(value) ? value : throw Unreadable(text, name, file);

    public static int Integer(string text, string name, string file) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Unreadable(text, name, file);

    public static InputException Unreadable(string text, string name, string file) =>
        new($"{file} says '{SafeNames.Printable(text.Length > 40 ? text[..40] + "..." : text)}' for {name}, which cannot be read: download the product again.");
}
