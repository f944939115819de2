using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Statistics;

/// <summary>How the fields of all pairs become one result.</summary>
public sealed record StatisticsParameters
{
    [Range(0.0, 1.0), Description("Share of the pairs that must be valid for a pixel to receive a mean; 0 takes any single valid pair.")]
    public double MinimumValidShare { get; init; }

    [Range(1, 101), Unit("px"), Description("Side of the window of the vector coherence (odd).")]
    public int CoherenceWindow { get; init; } = 11;

    [Range(0.0, 100.0), Unit("m"), Description("The vector coherence is 0 where the mean displacement is not larger than this.")]
    public double CoherenceMinimumDisplacement { get; init; } = 0.15;

    [Range(0.0, 1.0), Description("The vector coherence is 0 where a smaller share of the pairs is valid.")]
    public double CoherenceMinimumValidShare { get; init; } = 0.4;

    [Range(1, 101), Unit("px"), Description("Side of the window over which the scatter of the pairs is averaged for the standard error (odd).")]
    public int ScatterWindow { get; init; } = 21;
}
