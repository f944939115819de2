namespace GdmOptEtq.Science.Masking;

/// <summary>
/// What a pixel of a spectral mask says; the one table of these numbers. They are the service's codes. Fmask 4 itself writes other numbers
/// (0 land, 1 water, 2 shadow, 3 snow, 4 cloud, 255 fill) and python-fmask swaps the first two (0 null, 1 clear): never mix them.
/// </summary>
public static class MaskCode
{
    public const byte Clear = 0;
    public const byte Null = 1;
    public const byte Cloud = 2;
    public const byte CloudShadow = 3;
    public const byte Snow = 4;
    public const byte Water = 5;

    /// <summary>Names in the order of the codes, as logs and tables print them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["clear", "null", "cloud", "cloud shadow", "snow", "water"];
}

/// <summary>What a pixel of a slope or decorrelation mask says.</summary>
public static class KeepCode
{
    public const byte Removed = 0;
    public const byte Kept = 255;
}
