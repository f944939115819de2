namespace GdmOptEtq.Science.Synthetic;

/// <summary>What covers a piece of simulated ground.</summary>
public enum LandCover : byte
{
    Field,
    Forest,
    Rock,
    Settlement,
    Road,
    Water,
    Snow,
}

/// <summary>
/// The 13 bands of the instrument, in the order of the products (B01 to B08, B8A, B09 to B12): resolution, noise, viewing time, and the reflectance at the
/// top of the atmosphere of each cover when bare and when green. Typical values, chosen so that the cover has the spectral class of its name.
/// </summary>
public static class SceneBands
{
    public const int Count = 13;
    public const int B04 = 3;
    public const int B8A = 8;
    public const int B10 = 10;

    /// <summary>Metres per pixel.</summary>
    public static IReadOnlyList<int> Resolution { get; } = [60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20];

    /// <summary>Specified signal-to-noise ratio at the reference radiance.</summary>
    internal static readonly double[] SignalToNoise = [129, 154, 168, 142, 117, 89, 105, 174, 72, 114, 50, 100, 100];

    /// <summary>Reflectance of the reference radiance with the sun at the zenith.</summary>
    internal static readonly double[] ReferenceReflectance = [0.215, 0.205, 0.22, 0.224, 0.164, 0.166, 0.18, 0.31, 0.173, 0.035, 0.05, 0.051, 0.055];

    /// <summary>
    /// Seconds after B02 at which a band sees the same ground. Order of the focal plane: B02 B08 B03 B10 B04 B05 B11 B06 B07 B8A B12 B01 B09. What is high
    /// above the ground appears displaced along the track by 7.45 km/s times this, over 786 km, times its height.
    /// </summary>
    internal static readonly double[] DelaySeconds = [2.314, 0, 0.527, 1.005, 1.269, 1.525, 1.790, 0.264, 2.055, 2.586, 0.851, 1.468, 2.085];

    private static readonly float[] s_soil = [0.14f, 0.13f, 0.14f, 0.17f, 0.19f, 0.21f, 0.22f, 0.235f, 0.25f, 0.12f, 0.0015f, 0.32f, 0.27f];
    private static readonly float[] s_crop = [0.12f, 0.085f, 0.085f, 0.055f, 0.09f, 0.25f, 0.32f, 0.33f, 0.36f, 0.13f, 0.0015f, 0.16f, 0.08f];
    private static readonly float[] s_trees = [0.11f, 0.08f, 0.065f, 0.04f, 0.065f, 0.17f, 0.22f, 0.23f, 0.25f, 0.09f, 0.0013f, 0.11f, 0.05f];
    private static readonly float[] s_rock = [0.15f, 0.15f, 0.165f, 0.19f, 0.20f, 0.21f, 0.215f, 0.22f, 0.225f, 0.10f, 0.0015f, 0.30f, 0.26f];
    private static readonly float[] s_roof = [0.15f, 0.145f, 0.15f, 0.165f, 0.175f, 0.19f, 0.20f, 0.21f, 0.215f, 0.10f, 0.0015f, 0.25f, 0.22f];
    private static readonly float[] s_road = [0.13f, 0.12f, 0.125f, 0.14f, 0.145f, 0.15f, 0.155f, 0.16f, 0.165f, 0.08f, 0.0015f, 0.20f, 0.18f];
    private static readonly float[] s_water = [0.11f, 0.085f, 0.065f, 0.04f, 0.035f, 0.03f, 0.028f, 0.025f, 0.022f, 0.01f, 0.001f, 0.01f, 0.007f];
    private static readonly float[] s_snow = [0.75f, 0.78f, 0.76f, 0.78f, 0.77f, 0.75f, 0.73f, 0.72f, 0.70f, 0.40f, 0.004f, 0.10f, 0.07f];

    /// <summary>Thick cloud.</summary>
    internal static readonly float[] Cloud = [0.62f, 0.62f, 0.60f, 0.61f, 0.62f, 0.64f, 0.65f, 0.65f, 0.65f, 0.30f, 0.022f, 0.45f, 0.35f];

    /// <summary>What the air alone scatters into the sensor: all that remains of deep shadow.</summary>
    internal static readonly float[] Air = [0.10f, 0.07f, 0.045f, 0.025f, 0.02f, 0.018f, 0.016f, 0.012f, 0.010f, 0.004f, 0.001f, 0.004f, 0.003f];

    /// <summary>Reflectance of a cover without vegetation.</summary>
    internal static float Bare(LandCover cover, int band) => (cover switch
    {
        LandCover.Rock => s_rock,
        LandCover.Settlement => s_roof,
        LandCover.Road => s_road,
        LandCover.Water => s_water,
        LandCover.Snow => s_snow,
        _ => s_soil,
    })[band];

    /// <summary>Reflectance of a cover all green.</summary>
    internal static float Green(LandCover cover, int band) => (cover switch
    {
        LandCover.Forest => s_trees,
        LandCover.Water => s_water,
        LandCover.Snow => s_snow,
        _ => s_crop,
    })[band];
}
