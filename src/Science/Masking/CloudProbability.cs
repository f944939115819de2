using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>Cloud probability of Fmask 4 in per cent, over land (haze and variability) and over water (brightness), each with cirrus.</summary>
internal sealed class CloudProbability
{
    private const double LowPercent = 17.5, HighPercent = 82.5;
    private const double LeastLandPercent = 0.1;
    private const double FixedWaterThreshold = 50;

    private readonly Scene scene;
    private readonly Raster<float>? cirrus;

    /// <param name="cirrus">Normalised cirrus, or null.</param>
    public CloudProbability(Scene scene, Raster<float>? cirrus, BitMask clear, BitMask water)
    {
        this.scene = scene;
        this.cirrus = cirrus;
        var land = clear.Clone().AndNot(water);
        var clearWater = clear.Clone().And(water);
        LandPixels = land.Count();
        ClearWaterPixels = clearWater.Count();
        LandUsed = 100.0 * LandPixels >= LeastLandPercent * scene.ValidCount ? land : clear;

        var haze = ScenePercentile.Of(scene.Width, scene.Height, (y, values) =>
        {
            ReadOnlySpan<float> blue = scene.Bands.Blue.Row(y), red = scene.Bands.Red.Row(y);
            for (int x = 0; x < blue.Length; x++)
                values[x] = SpectralIndices.Haze(blue[x], red[x]);
            return Scene.Gather(values, LandUsed.Row(y), values);
        }, scene.Workers, LowPercent, HighPercent);
        HazeLow = haze[0] - 0.04;
        HazeHigh = haze[1] + 0.04;

        // Without any clear land the spec's threshold would be undefined: the whole clear part stands in, and the bare offset where even that is empty.
        double landLevel = Level(LandRow, land.Any() ? land : LandUsed);
        double waterLevel = Level(WaterRow, clearWater);
        LandThreshold = (double.IsNaN(landLevel) ? 0 : landLevel) + scene.Parameters.CloudProbabilityOffset;
        WaterThreshold = double.IsNaN(waterLevel) ? FixedWaterThreshold : waterLevel + scene.Parameters.CloudProbabilityOffset;
    }

    public BitMask LandUsed { get; }

    public long LandPixels { get; }

    public long ClearWaterPixels { get; }

    public double HazeLow { get; }

    public double HazeHigh { get; }

    public double LandThreshold { get; }

    public double WaterThreshold { get; }

    /// <summary>Potential cloud pixels whose probability exceeds the threshold of their ground.</summary>
    public BitMask Probable(BitMask potentialCloud, BitMask water)
    {
        var probable = new BitMask(scene.Width, scene.Height);
        scene.Workers.Rows(scene.Height, 32, () => (Land: new float[scene.Width], Water: new float[scene.Width]), (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                LandRow(y, scratch.Land);
                WaterRow(y, scratch.Water);
                var candidates = potentialCloud.Row(y);
                var wet = water.Row(y);
                var to = probable.Row(y);
                for (int i = 0; i < candidates.Length; i++)
                {
                    for (ulong word = candidates[i]; word != 0; word &= word - 1)
                    {
                        int bit = System.Numerics.BitOperations.TrailingZeroCount(word), x = 64 * i + bit;
                        bool isWater = (wet[i] >> bit & 1) != 0;
                        if (isWater ? scratch.Water[x] > WaterThreshold : scratch.Land[x] > LandThreshold)
                            to[i] |= 1UL << bit;
                    }
                }
            }
        });
        return probable.And(scene.Valid);
    }

    private double Level(Action<int, Span<float>> probability, BitMask over) =>
        ScenePercentile.Of(scene.Width, scene.Height, (y, values) =>
        {
            var bits = over.Row(y);
            if (!bits.ContainsAnyExcept(0UL))
                return 0;
            probability(y, values);
            return Scene.Gather(values, bits, values);
        }, scene.Workers, HighPercent)[0];

    private void WaterRow(int y, Span<float> probability)
    {
        var swir1 = scene.Bands.Swir1.Row(y);
        for (int x = 0; x < probability.Length; x++)
            probability[x] = 100 * Math.Clamp(swir1[x] / 0.11f, 0f, 1f);
        AddCirrus(y, probability);
    }

    private void LandRow(int y, Span<float> probability)
    {
        var bands = scene.Bands;
        ReadOnlySpan<float> blue = bands.Blue.Row(y), green = bands.Green.Row(y), red = bands.Red.Row(y);
        ReadOnlySpan<float> nir = bands.NarrowNir.Row(y), swir1 = bands.Swir1.Row(y);
        var flags = bands.Flags.Row(y);
        float low = (float)HazeLow, perHaze = (float)(1 / (HazeHigh - HazeLow));
        for (int x = 0; x < probability.Length; x++)
        {
            float hot = Math.Clamp((SpectralIndices.Haze(blue[x], red[x]) - low) * perHaze, 0f, 1f);
            float snow = SpectralIndices.NormalisedDifference(green[x], swir1[x]);
            float vegetation = SpectralIndices.NormalisedDifference(nir[x], red[x]);
            float whiteness = SpectralIndices.Whiteness(blue[x], green[x], red[x]);
            if (flags[x] != PixelFlags.None)
            {
                if (snow < 0 && (flags[x] & PixelFlags.SaturatedGreen) != 0)
                    snow = 0;
                if (vegetation > 0 && (flags[x] & PixelFlags.SaturatedRed) != 0)
                    vegetation = 0;
                if ((flags[x] & PixelFlags.SaturatedVisible) != 0)
                    whiteness = 0;
            }

            float builtUp = SpectralIndices.BuiltUp(swir1[x], nir[x]);
            float variability = 1 - Math.Max(Math.Max(Math.Abs(snow), Math.Abs(vegetation)), Math.Max(Math.Abs(builtUp), whiteness));
            probability[x] = 100 * hot * variability;
        }

        AddCirrus(y, probability);
    }

    private void AddCirrus(int y, Span<float> probability)
    {
        if (cirrus is null)
            return;
        var values = cirrus.Row(y);
        float weight = (float)(100 * scene.Parameters.CirrusWeight / 0.04);
        for (int x = 0; x < probability.Length; x++)
            probability[x] += weight * Math.Max(0, values[x]);
    }
}
