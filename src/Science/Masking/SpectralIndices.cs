using System.Runtime.CompilerServices;

namespace GdmOptEtq.Science.Masking;

/// <summary>Band indices of Fmask (Zhu and Woodcock 2012, Qiu et al. 2019) on reflectances.</summary>
internal static class SpectralIndices
{
    /// <summary>(a - b) / (a + b): vegetation index of NIR and red, snow index of green and SWIR 1; 0.01 when both are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float NormalisedDifference(float a, float b)
    {
        float sum = a + b;
        return sum != 0 ? (a - b) / sum : 0.01f;
    }

    /// <summary>Built-up index of SWIR 1 and NIR; 0 when both are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BuiltUp(float swir1, float nir)
    {
        float sum = swir1 + nir;
        return sum != 0 ? (swir1 - nir) / sum : 0;
    }

    /// <summary>How far the visible bands are from grey, relative to their mean: 0 is white.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Whiteness(float blue, float green, float red)
    {
        float mean = (blue + green + red) / 3;
        return mean != 0 ? (MathF.Abs(blue - mean) + MathF.Abs(green - mean) + MathF.Abs(red - mean)) / mean : 0;
    }

    /// <summary>Haze-optimised transform.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Haze(float blue, float red) => blue - 0.5f * red - 0.08f;
}
