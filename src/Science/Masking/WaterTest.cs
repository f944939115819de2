namespace GdmOptEtq.Science.Masking;

/// <summary>Water by its spectrum, and by how often the place is under water where that is known.</summary>
internal static class WaterTest
{
    /// <summary>
    /// Water decides the branch of the cloud probability and the class; AnyWater also holds water under possible snow and serves the shadow search.
    /// </summary>
    /// <returns>Also the occurrence (per cent) above which a place counts as water; NaN when occurrence was not used.</returns>
    public static (BitMask Water, BitMask AnyWater, double OccurrenceThreshold) Compute(Scene scene, BitMask potentialSnow)
    {
        var spectral = scene.Where((y, isSet) =>
        {
            ReadOnlySpan<float> nir = scene.Bands.NarrowNir.Row(y), red = scene.Bands.Red.Row(y);
            for (int x = 0; x < isSet.Length; x++)
            {
                float vegetation = SpectralIndices.NormalisedDifference(nir[x], red[x]);
                isSet[x] = (vegetation < 0.01f && nir[x] < 0.11f) || (vegetation > 0 && vegetation < 0.1f && nir[x] < 0.05f);
            }
        }).And(scene.Valid);
        if (scene.WaterOccurrence is not { } occurrence || !spectral.Any() || !occurrence.Pixels.AsSpan().ContainsAnyExceptInRange(float.NegativeInfinity, 0))
            return (spectral, spectral.Clone(), double.NaN);

        double threshold = scene.Percentiles(occurrence, spectral, 17.5)[0] - 5;
        if (!(threshold > 0))
            return (spectral, spectral.Clone(), double.NaN);
        var often = scene.Where((y, isSet) =>
        {
            var percent = occurrence.Row(y);
            for (int x = 0; x < isSet.Length; x++)
                isSet[x] = percent[x] > threshold;
        }).And(scene.Valid);
        return (spectral.Clone().Or(often.Clone().AndNot(potentialSnow)), spectral.Or(often), threshold);
    }
}
