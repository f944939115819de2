using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>What is known of a pixel besides its reflectances; found on the digital numbers, before any conversion or averaging.</summary>
[Flags]
public enum PixelFlags : byte
{
    None = 0,

    /// <summary>One of B02, B03, B04, B8A, B11, B12 holds no measurement: the pixel is null.</summary>
    Null = 1,

    SaturatedBlue = 2,
    SaturatedGreen = 4,
    SaturatedRed = 8,

    /// <summary>Only B10 holds no measurement: cirrus counts as 0.</summary>
    NoCirrus = 16,

    /// <summary>Only B07 or B08 holds no measurement: the cloud displacement index counts as 0.</summary>
    NoDisplacement = 32,

    SaturatedVisible = SaturatedBlue | SaturatedGreen | SaturatedRed,
}

/// <summary>
/// One Sentinel-2 L1C acquisition on one grid (20 m for the whole chain): top-of-atmosphere reflectance, 1 = all sunlight returned.
/// The values of null pixels do not matter. All rasters have the same size.
/// </summary>
/// <param name="PixelSizeMetres">Side of a pixel.</param>
/// <param name="Blue">B02.</param>
/// <param name="Green">B03.</param>
/// <param name="Red">B04.</param>
/// <param name="NarrowNir">B8A, the near infrared of all tests.</param>
/// <param name="Swir1">B11.</param>
/// <param name="Swir2">B12.</param>
/// <param name="Flags">What the digital numbers say of each pixel.</param>
public sealed record SpectralBands(
    double PixelSizeMetres,
    Raster<float> Blue,
    Raster<float> Green,
    Raster<float> Red,
    Raster<float> NarrowNir,
    Raster<float> Swir1,
    Raster<float> Swir2,
    Raster<PixelFlags> Flags)
{
    /// <summary>Lowest reflectance that the chain works with: keeps ratios and normalised differences inside [-1, 1].</summary>
    public const float LowestReflectance = 1e-4f;

    /// <summary>B10; without it there is no cirrus test.</summary>
    public Raster<float>? Cirrus { get; init; }

    /// <summary>B07; without it, or without B08, there is no cloud displacement index.</summary>
    public Raster<float>? RedEdge3 { get; init; }

    /// <summary>B08, the wide near infrared.</summary>
    public Raster<float>? Nir { get; init; }

    public int Width => Blue.Width;

    public int Height => Blue.Height;
}
