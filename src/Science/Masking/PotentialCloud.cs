using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>First spectral tests: what may be cloud, what may be snow, what is water by its spectrum alone.</summary>
internal static class PotentialCloud
{
    private const float CirrusThreshold = 0.01f;

    /// <summary>Basic, whiteness, haze and rock tests, without cirrus.</summary>
    public static BitMask BySpectrum(Scene scene) => scene.Where((y, isSet) =>
    {
        var bands = scene.Bands;
        ReadOnlySpan<float> blue = bands.Blue.Row(y), green = bands.Green.Row(y), red = bands.Red.Row(y);
        ReadOnlySpan<float> nir = bands.NarrowNir.Row(y), swir1 = bands.Swir1.Row(y), swir2 = bands.Swir2.Row(y);
        var flags = bands.Flags.Row(y);
        for (int x = 0; x < isSet.Length; x++)
        {
            bool saturated = (flags[x] & PixelFlags.SaturatedVisible) != 0;
            isSet[x] = (flags[x] & PixelFlags.Null) == 0
                && swir2[x] > 0.03f
                && SpectralIndices.NormalisedDifference(green[x], swir1[x]) < 0.8f
                && SpectralIndices.NormalisedDifference(nir[x], red[x]) < 0.8f
                && (saturated || SpectralIndices.Whiteness(blue[x], green[x], red[x]) < 0.7f)
                && (saturated || SpectralIndices.Haze(blue[x], red[x]) > 0)
                && nir[x] > 0.75f * swir1[x];
        }
    });

    public static void AddCirrus(Scene scene, BitMask potential, Raster<float> cirrus) =>
        potential.Or(scene.Where((y, isSet) =>
        {
            var values = cirrus.Row(y);
            for (int x = 0; x < isSet.Length; x++)
                isSet[x] = values[x] > CirrusThreshold;
        }).And(scene.Valid));

    public static BitMask PotentialSnow(Scene scene) => scene.Where((y, isSet) =>
    {
        ReadOnlySpan<float> green = scene.Bands.Green.Row(y), nir = scene.Bands.NarrowNir.Row(y), swir1 = scene.Bands.Swir1.Row(y);
        for (int x = 0; x < isSet.Length; x++)
            isSet[x] = nir[x] > 0.11f && green[x] > 0.10f && SpectralIndices.NormalisedDifference(green[x], swir1[x]) > 0.15f;
    }).And(scene.Valid);
}
