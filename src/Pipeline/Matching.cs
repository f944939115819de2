using System.ComponentModel;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.OpticalFlow;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline;

/// <summary>The two ways of finding a pixel of one image in the other.</summary>
public enum MatchingMethod
{
    Correlation,
    OpticalFlow,
}

/// <summary>Which matcher a job uses.</summary>
public sealed record MatchingParameters
{
    [Description("correlation: regularised correlation of windows, robust, the default; optical-flow: dense flow, quicker, for unchanged ground.")]
    public MatchingMethod Method { get; init; } = MatchingMethod.Correlation;
}

/// <summary>The matcher of a job, behind one shape: the one place that knows there are two.</summary>
public static class Matching
{
    /// <summary>
    /// Tiles of one pair that are matched at once where there are threads for it: a tile alone keeps two cores busy for three fifths of its time. More would cost
    /// memory, see <see cref="CostEstimate"/>.
    /// </summary>
    public const int TilesAbreast = 2;

    /// <summary>Pixels beyond a tile's core that its result depends on.</summary>
    public static int HaloPixels(JobParameters job) => job.Matching.Method switch
    {
        MatchingMethod.OpticalFlow => FlowMatcher.Halo(job.OpticalFlow),
        _ => Correlator.Halo(job.Correlation),
    };

    public static DisplacementField Match(MatchInput input, JobParameters job, Workers workers) => job.Matching.Method switch
    {
        MatchingMethod.OpticalFlow => FlowMatcher.Match(input, job.OpticalFlow, workers),
        _ => Correlator.Match(input, job.Correlation, workers),
    };

    public static string MethodVersion(JobParameters job) => job.Matching.Method switch
    {
        MatchingMethod.OpticalFlow => FlowMatcher.MethodVersion,
        _ => Correlator.MethodVersion,
    };

    /// <summary>The parameters that the chosen matcher uses, as part of a key.</summary>
    public static string KeyText(JobParameters job) => job.Matching.Method switch
    {
        MatchingMethod.OpticalFlow => StageKeys.Text(job.OpticalFlow),
        _ => StageKeys.Text(job.Correlation),
    };
}
