using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products.Drawing;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>How the values of a product become colours: the one rule for previews, legends and style files.</summary>
public abstract record RasterColours;

/// <summary>Colours along a line of values; beyond the ends, the colour of the end.</summary>
public sealed record ColourScale(ColourMap Colours, double Minimum, double Maximum) : RasterColours
{
    // Enough pixels for a stable percentile; more would only cost time.
    private const int SampleSide = 1024;

    /// <summary>
    /// Signed values: symmetric about 0, to the 98th percentile of the absolute value. Magnitudes: 0 to the 98th percentile. Quality: 0 to 100.
    /// </summary>
    /// <param name="values">The product or a reduced copy; NaN is left out.</param>
    /// <param name="limit">Upper end; null: by the rule.</param>
    public static ColourScale Of(PreviewKind kind, Raster<float> values, double? limit = null)
    {
        if (kind == PreviewKind.Quality)
            return new ColourScale(ColourMap.Quality, 0, limit ?? 100);
        double end = limit ?? OrderStatistics.Percentile(values.Pixels.Where(float.IsFinite).Select(Math.Abs).ToArray(), 98);
        // All zero or all unknown: the scale still needs two different ends.
        if (!(end > 0))
            end = 1;
        return kind == PreviewKind.Displacement ? new ColourScale(ColourMap.Diverging, -end, end) : new ColourScale(ColourMap.Sequential, 0, end);
    }

    /// <summary>The same rule for a product on disk, of which only a reduced copy comes into memory.</summary>
    public static ColourScale OfFile(PreviewKind kind, string path)
    {
        using var file = RasterFile.Open(path);
        int factor = Math.Max(1, (Math.Max(file.Width, file.Height) + SampleSide - 1) / SampleSide);
        return Of(kind, file.Read<float>(1, file.Bounds, (file.Width + factor - 1) / factor, (file.Height + factor - 1) / factor, Resampling.Average));
    }

    public Rgba At(double value) => Colours.At((value - Minimum) / (Maximum - Minimum));
}

/// <summary>One colour per code.</summary>
public sealed record CodeColours(IReadOnlyList<CodeColour> Codes) : RasterColours;

/// <summary>Codes made of bits that add up: a pixel takes the colour of its highest bit. Ordered by bit; the first entry is 0, no bit at all.</summary>
public sealed record FlagColours(IReadOnlyList<CodeColour> Flags) : RasterColours;

/// <param name="Code">Value in the file.</param>
/// <param name="Label">What it means.</param>
public sealed record CodeColour(int Code, string Label, Rgba Colour);
