using System.Globalization;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products.Drawing;

namespace GdmOptEtq.Imagery.Products;

/// <summary>
/// Style file that QGIS (3.x) loads by itself when it lies beside a raster under the same name: a product opens in the colours of its preview, with unit and
/// sign in the legend, instead of grey.
/// </summary>
public static class QgisStyle
{
    // QGIS joins the stops by straight lines in RGB; with this many the difference to the map stays below 2 of 255.
    private const int Stops = 33;

    /// <summary>The style's name beside <paramref name="rasterPath"/>.</summary>
    public static string PathFor(string rasterPath) => Path.ChangeExtension(rasterPath, ".qml");

    /// <param name="rasterPath">The raster; the style is written beside it.</param>
    /// <param name="unit">Stands behind the values in the legend; empty for codes.</param>
    /// <exception cref="Science.Rasters.InputException">The disk is full or the place cannot be written.</exception>
    public static void Write(string rasterPath, RasterColours colours, string unit) => AtomicFile.WriteAllText(PathFor(rasterPath), Qml(colours, unit));

    internal static string Qml(RasterColours colours, string unit)
    {
        var renderer = colours switch
        {
            ColourScale scale => Continuous(scale, unit),
            CodeColours codes => Paletted(codes),
            FlagColours flags => Classes(flags),
            _ => throw new NotSupportedException($"There is no style for {colours.GetType().Name}."),
        };
        var document = new XElement("qgis",
            new XAttribute("version", "3.22"), new XAttribute("styleCategories", "Symbology"),
            new XElement("pipe",
                renderer,
                new XElement("brightnesscontrast", new XAttribute("brightness", 0), new XAttribute("contrast", 0), new XAttribute("gamma", 1)),
                new XElement("huesaturation", new XAttribute("saturation", 0), new XAttribute("grayscaleMode", 0), new XAttribute("colorizeOn", 0)),
                new XElement("rasterresampler", new XAttribute("maxOversampling", 2))),
            new XElement("blendMode", 0));
        return $"<!DOCTYPE qgis>\n{document}\n";
    }

    private static XElement Continuous(ColourScale scale, string unit)
    {
        var stops = Enumerable.Range(0, Stops).Select(i => (Part: i / (Stops - 1.0), Value: Round(scale.Minimum + (scale.Maximum - scale.Minimum) * i / (Stops - 1)))).ToArray();
        return new XElement("rasterrenderer",
            new XAttribute("type", "singlebandpseudocolor"), new XAttribute("band", 1), new XAttribute("opacity", 1), new XAttribute("alphaBand", -1),
            new XAttribute("nodataColor", ""), new XAttribute("classificationMin", Text(stops[0].Value)), new XAttribute("classificationMax", Text(stops[^1].Value)),
            new XElement("rasterTransparency"),
            new XElement("minMaxOrigin", new XElement("limits", "None"), new XElement("extent", "WholeRaster"), new XElement("statAccuracy", "Exact")),
            new XElement("rastershader",
                new XElement("colorrampshader",
                    new XAttribute("colorRampType", "INTERPOLATED"), new XAttribute("classificationMode", 1), new XAttribute("clip", 0),
                    new XAttribute("minimumValue", Text(stops[0].Value)), new XAttribute("maximumValue", Text(stops[^1].Value)),
                    new XElement("colorramp", new XAttribute("type", "gradient"), new XAttribute("name", "[source]"),
                        Option("color1", Colour(scale.Colours.At(0))), Option("color2", Colour(scale.Colours.At(1))), Option("discrete", "0"), Option("rampType", "gradient"),
                        Option("stops", string.Join(':', stops[1..^1].Select(stop => $"{Text(stop.Part)};{Colour(scale.Colours.At(stop.Part))}")))),
                    stops.Select(stop => new XElement("item",
                        new XAttribute("value", Text(stop.Value)), new XAttribute("label", $"{stop.Value.ToString("0.###", CultureInfo.InvariantCulture)} {unit}".TrimEnd()),
                        new XAttribute("color", Hex(scale.Colours.At(stop.Part))), new XAttribute("alpha", 255))))));
    }

    private static XElement Paletted(CodeColours codes) => new("rasterrenderer",
        new XAttribute("type", "paletted"), new XAttribute("band", 1), new XAttribute("opacity", 1), new XAttribute("alphaBand", -1), new XAttribute("nodataColor", ""),
        new XElement("rasterTransparency"),
        new XElement("colorPalette", codes.Codes.Select(code => new XElement("paletteEntry",
            new XAttribute("value", code.Code), new XAttribute("label", code.Label), new XAttribute("color", Hex(code.Colour)), new XAttribute("alpha", code.Colour.Alpha)))));

    // A discrete ramp gives each value the colour of the first class whose upper end reaches it: all sums of bits up to the highest one.
    private static XElement Classes(FlagColours flags)
    {
        var classes = flags.Flags.Select(flag => (Upper: flag.Code == 0 ? 0 : 2 * flag.Code - 1, flag.Label, flag.Colour)).ToArray();
        return new XElement("rasterrenderer",
            new XAttribute("type", "singlebandpseudocolor"), new XAttribute("band", 1), new XAttribute("opacity", 1), new XAttribute("alphaBand", -1),
            new XAttribute("nodataColor", ""), new XAttribute("classificationMin", 0), new XAttribute("classificationMax", classes[^1].Upper),
            new XElement("rasterTransparency"),
            new XElement("minMaxOrigin", new XElement("limits", "None"), new XElement("extent", "WholeRaster"), new XElement("statAccuracy", "Exact")),
            new XElement("rastershader",
                new XElement("colorrampshader",
                    new XAttribute("colorRampType", "DISCRETE"), new XAttribute("classificationMode", 1), new XAttribute("clip", 0),
                    new XAttribute("minimumValue", 0), new XAttribute("maximumValue", classes[^1].Upper),
                    classes.Select(c => new XElement("item",
                        new XAttribute("value", c.Upper), new XAttribute("label", c.Label), new XAttribute("color", Hex(c.Colour)), new XAttribute("alpha", c.Colour.Alpha))))));
    }

    // QGIS reads both forms of a ramp's properties; this one is understood by all releases from 3.0 on.
    private static XElement Option(string name, string value) => new("prop", new XAttribute("k", name), new XAttribute("v", value));

    private static string Colour(Rgba colour) => $"{colour.Red},{colour.Green},{colour.Blue},255";

    private static string Hex(Rgba colour) => $"#{colour.Red:x2}{colour.Green:x2}{colour.Blue:x2}";

    // Seven digits are more than a float holds.
    private static double Round(double value) => double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
