using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Profiles;

/// <summary>Swath profiles across a fault.</summary>
public sealed record FaultProfileParameters
{
    [Range(0.2, 100.0), Unit("km"), Description("How far a profile reaches to each side of the fault.")]
    public double HalfLength { get; init; } = 5;

    [Range(0.05, 50.0), Unit("km"), Description("Width of the swath along the fault that is stacked into one profile.")]
    public double Width { get; init; } = 2;

    [Range(0.05, 50.0), Unit("km"), Description("Distance between profiles along the fault.")]
    public double Spacing { get; init; } = 2;

    [Range(0.0, 20.0), Unit("km"), Description("Widest fault zone that the fit may find.")]
    public double MaximumZone { get; init; } = 2;

    [Range(0.0, 10.0), Unit("km"), Description("How far the fault may lie from the given trace.")]
    public double TraceTolerance { get; init; } = 0.3;
}
