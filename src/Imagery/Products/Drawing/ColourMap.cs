namespace GdmOptEtq.Imagery.Products.Drawing;

/// <summary>
/// Colours for numbers, built in OKLab (Ottosson 2020, "A perceptual color space for image processing") with lightness linear in the value, so that equal
/// steps look equal, also to the colour-blind and in print without colours. No colour of a map is white, so transparent "no data" stays apart from zero.
/// </summary>
public sealed class ColourMap
{
    private const int Levels = 256;

    private readonly Rgba[] _colours;

    private ColourMap(string name, params ReadOnlySpan<(double Lightness, double Chroma, double HueDegrees)> stops)
    {
        Name = name;
        _colours = new Rgba[Levels];
        for (int i = 0; i < Levels; i++)
        {
            double position = i / (Levels - 1.0) * (stops.Length - 1);
            int stop = Math.Min((int)position, stops.Length - 2);
            double part = position - stop;
            var (l0, a0, b0) = Lab(stops[stop]);
            var (l1, a1, b1) = Lab(stops[stop + 1]);
            _colours[i] = ToRgb(l0 + part * (l1 - l0), a0 + part * (a1 - a0), b0 + part * (b1 - b0));
        }
    }

    /// <summary>Signed values: blue below, pale yellow at zero, red above; both arms equally dark at equal distance.</summary>
    public static ColourMap Diverging { get; } = new(
        "diverging", (0.35, 0.15, 262), (0.65, 0.13, 245), (0.95, 0.06, 105), (0.65, 0.16, 45), (0.35, 0.13, 25));

    /// <summary>Magnitudes from zero: pale yellow to dark blue.</summary>
    public static ColourMap Sequential { get; } = new("sequential", (0.95, 0.06, 105), (0.73, 0.11, 165), (0.51, 0.10, 235), (0.29, 0.12, 275));

    /// <summary>Shares of 0 to 100 %: dark violet (none) to bright yellow-green (all).</summary>
    public static ColourMap Quality { get; } = new("quality", (0.26, 0.10, 305), (0.48, 0.10, 255), (0.70, 0.12, 180), (0.92, 0.17, 110));

    /// <summary>Distinct colours for the series of a chart (blue, orange, green, purple, brown, black), told apart by lightness too.</summary>
    public static IReadOnlyList<Rgba> Categories { get; } =
        [new(0, 95, 160), new(225, 120, 0), new(60, 160, 110), new(150, 80, 160), new(120, 80, 40), new(30, 30, 30)];

    public string Name { get; }

    /// <summary>The colour at <paramref name="position"/> in [0, 1]; beyond the ends, the colour of the end.</summary>
    public Rgba At(double position) => double.IsNaN(position) ? Rgba.Transparent : _colours[(int)Math.Round(Math.Clamp(position, 0, 1) * (Levels - 1))];

    private static (double L, double A, double B) Lab((double Lightness, double Chroma, double HueDegrees) colour)
    {
        var (sin, cos) = Math.SinCos(colour.HueDegrees * Math.PI / 180);
        return (colour.Lightness, colour.Chroma * cos, colour.Chroma * sin);
    }

    // Outside sRGB the chroma shrinks; lightness and hue are what must hold.
    private static Rgba ToRgb(double lightness, double a, double b)
    {
        for (double keep = 1; ; keep -= 0.02)
        {
            var (red, green, blue) = LinearRgb(lightness, a * keep, b * keep);
            if (keep <= 0 || (red is >= 0 and <= 1 && green is >= 0 and <= 1 && blue is >= 0 and <= 1))
                return new Rgba(Encode(red), Encode(green), Encode(blue));
        }
    }

    private static (double Red, double Green, double Blue) LinearRgb(double lightness, double a, double b)
    {
        double l = Math.Pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
        double m = Math.Pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
        double s = Math.Pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
        return (4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    }

    private static byte Encode(double linear)
    {
        double v = Math.Clamp(linear, 0, 1);
        return (byte)Math.Round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * Math.Pow(v, 1 / 2.4) - 0.055));
    }
}
