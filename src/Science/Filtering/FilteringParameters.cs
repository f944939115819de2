using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Filtering;

/// <summary>Which measurements of a corrected field are dropped.</summary>
public sealed record FilteringParameters
{
    [Range(0.1, 1000.0), Unit("px"), Description("Displacements of a larger magnitude are dropped (in both components).")]
    public double MaximumDisplacement { get; init; } = 10;

    [Description("Also drop displacements that stand out of their 8 neighbours (normalised median test, Westerweel and Scarano 2005).")]
    public bool MedianTest { get; init; }

    [Range(0.1, 100.0), Description("Normalised residual above which the median test drops a displacement.")]
    public double MedianTestThreshold { get; init; } = 2;

    [Range(0.01, 10.0), Unit("px"), Description("Noise level of the median test: smaller deviations from the neighbours are never dropped for their rarity.")]
    public double MedianTestNoise { get; init; } = 0.1;

    [Description("Also drop displacements that matching in the opposite direction does not confirm (needs Forward+Backward).")]
    public bool ConsistencyTest { get; init; }

    [Range(0.01, 100.0), Unit("px"), Description("Largest disagreement of forward and backward displacement.")]
    public double ConsistencyTolerance { get; init; } = 0.5;
}
