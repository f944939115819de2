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
    private const long MaximumCharacters = 128L * 1024 * 1024;

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
            return XDocument.Load(reader).Root!;
        }
        catch (XmlException e)
        {
            throw new InputException($"{file} is not usable XML ({e.Message.TrimEnd('.')}): download the product again.", e);
        }
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
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw Unreadable(text, name, file);

    public static int Integer(string text, string name, string file) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Unreadable(text, name, file);

    public static InputException Unreadable(string text, string name, string file) =>
        new($"{file} says '{(text.Length > 40 ? text[..40] + "..." : text)}' for {name}, which cannot be read: download the product again.");
}
