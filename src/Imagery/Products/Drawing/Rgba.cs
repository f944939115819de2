namespace GdmOptEtq.Imagery.Products.Drawing;

/// <summary>One colour, sRGB with straight alpha.</summary>
public readonly record struct Rgba(byte Red, byte Green, byte Blue, byte Alpha = 255)
{
    public static Rgba Transparent => default;

    public static Rgba White => new(255, 255, 255);

    public static Rgba Black => new(0, 0, 0);

    public static Rgba Grey(byte level) => new(level, level, level);
}
