using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>What every step of the spectral mask reads: the bands, the optional terrain and water occurrence, and how to work.</summary>
internal sealed class Scene
{
    public Scene(
        SpectralBands bands, SceneAngles angles, Raster<float>? elevation, Raster<float>? waterOccurrence, SpectralMaskParameters parameters, Workers workers)
    {
        Bands = bands;
        Angles = angles;
        Elevation = elevation;
        WaterOccurrence = waterOccurrence;
        Parameters = parameters;
        Workers = workers;
        Valid = BitMask.Where(Width, Height, workers, (y, isSet) =>
        {
            var flags = bands.Flags.Row(y);
            for (int x = 0; x < isSet.Length; x++)
                isSet[x] = (flags[x] & PixelFlags.Null) == 0;
        });
        ValidCount = Valid.Count();
    }

    public SpectralBands Bands { get; }

    public SceneAngles Angles { get; }

    /// <summary>Metres, without gaps; null when there is no terrain.</summary>
    public Raster<float>? Elevation { get; }

    /// <summary>Per cent of time under water; null when unknown.</summary>
    public Raster<float>? WaterOccurrence { get; }

    public SpectralMaskParameters Parameters { get; }

    public Workers Workers { get; }

    public int Width => Bands.Width;

    public int Height => Bands.Height;

    public BitMask Valid { get; }

    public long ValidCount { get; }

    public BitMask Where(BitMask.RowTest test) => BitMask.Where(Width, Height, Workers, test);

    /// <summary>Percentiles of one raster over the pixels of a mask.</summary>
    public double[] Percentiles(Raster<float> values, BitMask over, params double[] percents) =>
        ScenePercentile.Of(Width, Height, (y, selected) => Gather(values.Row(y), over.Row(y), selected), Workers, percents);

    /// <summary>Copies the values whose bit is set to the front of <paramref name="selected"/>; may be done in place.</summary>
    public static int Gather(ReadOnlySpan<float> values, ReadOnlySpan<ulong> bits, Span<float> selected)
    {
        int count = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            for (ulong word = bits[i]; word != 0; word &= word - 1)
                selected[count++] = values[64 * i + System.Numerics.BitOperations.TrailingZeroCount(word)];
        }

        return count;
    }
}
