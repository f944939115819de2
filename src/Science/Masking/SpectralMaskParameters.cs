using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.Masking;

/// <summary>Values and switches of the spectral mask; the defaults are those of Fmask 4 for Sentinel-2 (Qiu et al. 2019) unless a description says otherwise.</summary>
public sealed record SpectralMaskParameters
{
    [Description("Remove pixels covered by snow or ice.")]
    public bool SnowMask { get; init; } = true;

    [Description("Remove pixels covered by clouds or lying in their shadow.")]
    public bool CloudMask { get; init; } = true;

    [Range(0.0, 100.0)]
    [Description("Cloud probability a pixel must have above the clear pixels of the scene to be a cloud (per cent points). Raise it where bright towns or low sun give false clouds.")]
    public double CloudProbabilityOffset { get; init; } = 20;

    [Range(0.0, 1.0)]
    [Description("Weight of the cirrus band in the cloud probability.")]
    public double CirrusWeight { get; init; } = 0.5;

    [Description("Let the 3 x 3 pixels around a pixel vote on whether it is a probable cloud; not part of Fmask 4, see docs/decisions.")]
    public bool CloudMajority { get; init; } = true;

    [Range(0.0, 200.0)]
    [Description("Clouds narrower than twice this radius (metres) that look like bright ground are removed.")]
    public double BrightSurfaceErosionMetres { get; init; } = 90;

    [Range(0, 100000000)]
    [Description("With fewer clear pixels (20 m) than this, and fewer than a tenth of the valid pixels, clouds are taken from the first spectral tests alone.")]
    public int MinimumClearPixels { get; init; } = 40_000;

    [Range(0, 50)]
    [Description("Pixels (20 m) by which clouds are grown on every side.")]
    public int CloudDilationPixels { get; init; } = 3;

    [Range(0, 50)]
    [Description("Pixels (20 m) by which cloud shadows are grown on every side.")]
    public int CloudShadowDilationPixels { get; init; } = 3;

    [Range(0, 50)]
    [Description("Pixels (20 m) by which snow is grown on every side.")]
    public int SnowDilationPixels { get; init; }

    [Description("Look for cloud shadows over water too.")]
    public bool ShadowOverWater { get; init; }

    [Description("Where almost everything is cloud, so that shadows cannot be matched to clouds, call every other valid pixel a shadow (else none).")]
    public bool ShadowWhereUnmatchable { get; init; } = true;

    [Range(0.0, 20000.0)]
    [Description("Lowest cloud base above the ground (metres).")]
    public double CloudBaseMinimum { get; init; } = 200;

    [Range(0.0, 20000.0)]
    [Description("Highest cloud base above the ground (metres).")]
    public double CloudBaseMaximum { get; init; } = 12_000;

    [Range(0.0, 1.0)]
    [Description("Similarity between a projected cloud and the dark ground from which on the projection is accepted as its shadow.")]
    public double ShadowSimilarity { get; init; } = 0.425;

    [Range(1000, 10000000)]
    [Description("Clouds with more pixels are matched to their shadow by a sample of this many.")]
    public int ShadowSamplePixels { get; init; } = 40_000;

    /// <summary>
    /// The same mask for every setting of the switches that only say how it is used: what enters the key of a stored mask.
    /// </summary>
    public SpectralMaskParameters ForComputation => this with { SnowMask = true, CloudMask = true };
}
