namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Why a pixel must not be used; <see cref="Valid"/> (0) when it may. Reasons add up, so a file shows every rule that fired.
/// Stored as UInt16; the bit of a reason never changes its meaning.
/// </summary>
[Flags]
public enum Validity : ushort
{
    Valid = 0,

    /// <summary>The product holds no measurement here.</summary>
    NoData = 1 << 0,

    /// <summary>The detector was saturated.</summary>
    Saturated = 1 << 1,

    Cloud = 1 << 2,

    CloudShadow = 1 << 3,

    Snow = 1 << 4,

    Water = 1 << 5,

    /// <summary>The matching window, or the place it was matched to, is not inside both images.</summary>
    OutsideImage = 1 << 6,

    /// <summary>Too little texture, or too few valid pixels in the window, to match.</summary>
    NoTexture = 1 << 7,

    /// <summary>The best match lies on the border of the search range, so the true one may lie outside.</summary>
    SearchLimit = 1 << 8,

    /// <summary>Correlation score below the decorrelation threshold.</summary>
    Decorrelated = 1 << 9,

    /// <summary>Displacement magnitude above the limit of the filter.</summary>
    TooLarge = 1 << 10,

    /// <summary>Terrain slope inside the masked range.</summary>
    Slope = 1 << 11,

    /// <summary>Rejected by the normalised median test.</summary>
    Outlier = 1 << 12,

    /// <summary>Forward and backward matching disagree.</summary>
    Inconsistent = 1 << 13,

    /// <summary>The tile failed after all its attempts: a hole with a reason.</summary>
    TileFailed = 1 << 14,
}
