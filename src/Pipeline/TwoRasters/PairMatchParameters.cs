using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.OpticalFlow;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>Everything that decides what two rasters match to.</summary>
public sealed record PairMatchParameters
{
    public const string Correlation = "correlation";
    public const string OpticalFlow = "optical-flow";

    [AllowedValues(Correlation, OpticalFlow)]
    [Description("correlation: regularised correlation of windows, robust, the default; optical-flow: dense flow of the GeFolki class.")]
    public string Method { get; init; } = Correlation;

    public CorrelationParameters CorrelationParameters { get; init; } = new();

    public OpticalFlowParameters FlowParameters { get; init; } = new();

    public TilingParameters Tiling { get; init; } = new();

    /// <summary>The chosen matcher with its parameters.</summary>
    public MatchMethod Chosen() => Matching.Of(Method == OpticalFlow ? MatchingMethod.OpticalFlow : MatchingMethod.Correlation, CorrelationParameters, FlowParameters);
}
