using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>The steps of the spectral mask in their order, for progress and timing.</summary>
public enum SpectralMaskStep
{
    NullPixels,
    PotentialClouds,
    Cirrus,
    Water,
    AbsoluteSnow,
    CloudProbability,
    CloudDisplacement,
    BrightSurfaces,
    PotentialShadows,
    ShadowMatching,
    Stacking,
}

/// <summary>A mask, and everything a log or a job description needs to say of how it came about.</summary>
/// <param name="Codes">One <see cref="MaskCode"/> per pixel.</param>
/// <param name="PixelsByCode">How many pixels carry each code.</param>
/// <param name="Findings">Thresholds and counts found on the way.</param>
/// <param name="Notes">Which optional inputs were used and which fallbacks taken; one sentence each, in the order of the steps.</param>
public sealed record SpectralMaskResult(
    Raster<byte> Codes, IReadOnlyList<long> PixelsByCode, SpectralMaskFindings Findings, IReadOnlyList<string> Notes)
{
    /// <summary>Share of the valid pixels, per cent; 0 when nothing is valid.</summary>
    public double PercentOfValid(byte code)
    {
        long valid = Codes.Pixels.Length - PixelsByCode[MaskCode.Null];
        return valid == 0 || code == MaskCode.Null ? 0 : 100.0 * PixelsByCode[code] / valid;
    }
}

/// <summary>Numbers found by the steps; NaN or 0 where a step was left out.</summary>
public sealed record SpectralMaskFindings
{
    public long ValidPixels { get; init; }

    /// <summary>Pixels that passed the first spectral tests, with cirrus and without absolute snow.</summary>
    public long PotentialCloudPixels { get; init; }

    public long PotentialSnowPixels { get; init; }

    public long AbsoluteSnowPixels { get; init; }

    public long WaterPixels { get; init; }

    /// <summary>Water occurrence above which a place counts as water, per cent.</summary>
    public double WaterOccurrenceThreshold { get; init; } = double.NaN;

    /// <summary>Cirrus reflectance of clear ground, by slices of 100 m from the lowest up.</summary>
    public IReadOnlyList<double> CirrusBases { get; init; } = [];

    /// <summary>Valid pixels that are no potential cloud.</summary>
    public long ClearPixels { get; init; }

    public long ClearLandPixels { get; init; }

    public long ClearWaterPixels { get; init; }

    public double HazeLow { get; init; } = double.NaN;

    public double HazeHigh { get; init; } = double.NaN;

    /// <summary>Cloud probability above which land is cloud, per cent.</summary>
    public double LandThreshold { get; init; } = double.NaN;

    public double WaterThreshold { get; init; } = double.NaN;

    /// <summary>Potential clouds whose probability exceeds the threshold.</summary>
    public long ProbableCloudPixels { get; init; }

    /// <summary>After bright ground was removed, before dilation.</summary>
    public long CloudPixels { get; init; }

    public long PotentialShadowPixels { get; init; }

    public int CloudObjects { get; init; }

    public int MatchedShadows { get; init; }
}
