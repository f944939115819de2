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

    /// <summary>The matcher that a job chooses.</summary>
    public static MatchMethod Of(JobParameters job) => Of(job.Matching.Method, job.Correlation, job.OpticalFlow);

    public static MatchMethod Of(MatchingMethod method, CorrelationParameters correlation, OpticalFlowParameters flow) => method switch
    {
        MatchingMethod.OpticalFlow => new MatchMethod(
            "optical-flow", FlowMatcher.MethodVersion, FlowMatcher.Halo(flow), StageKeys.Text(flow), (input, workers) => FlowMatcher.Match(input, flow, workers)),
        _ => new MatchMethod(
            "correlation", Correlator.MethodVersion, Correlator.Halo(correlation), StageKeys.Text(correlation), (input, workers) => Correlator.Match(input, correlation, workers)),
    };
}

/// <summary>A matcher with its parameters filled in: all that jobs, tiling and measuring need to know of it.</summary>
/// <param name="Name">As on the command line: correlation, optical-flow.</param>
/// <param name="Version">Changes whenever its numbers may change; part of the keys of stored results.</param>
/// <param name="HaloPixels">Pixels beyond a tile's core that its result depends on.</param>
/// <param name="KeyText">The parameters that it uses, as part of a key.</param>
/// <param name="Match">The matcher.</param>
public sealed record MatchMethod(string Name, string Version, int HaloPixels, string KeyText, Func<MatchInput, Workers, DisplacementField> Match);
