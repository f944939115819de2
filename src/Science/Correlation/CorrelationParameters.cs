using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.Correlation;

/// <summary>What the user chooses about the regularised correlation; the defaults suit an earthquake seen by Sentinel-2.</summary>
public sealed record CorrelationParameters
{
    [Range(1, 7)]
    [Description("Half size s of the matching window, pixels: evidence is gathered over (2s+1) x (2s+1) pixels.")]
    public int WindowSize { get; init; } = 3;

    [Range(1, 20)]
    [Description("Largest displacement looked for, pixels; the search explores 0.8 * (round(range / 0.8) + 2) pixels to each side on both axes.")]
    public double SpatialMatchingRange { get; init; } = 2;

    [Range(0.0, 10.0)]
    [Description("Weight of smoothness against the images; larger is smoother, 0 lets every window speak for itself.")]
    public double Regularization { get; init; } = 0.3;

    [Description("Smooth mainly along the fault direction.")]
    public bool UseRegularizationDirection { get; init; }

    [Range(0.0, 360.0)]
    [Description("Direction along which to smooth, degrees counter-clockwise from East (90 is North); used with use-regularization-direction.")]
    public double FaultDirection { get; init; }

    /// <summary>Displacement explored to each side on both axes, pixels.</summary>
    internal double ExploredPixels => 0.8 * (Math.Round(SpatialMatchingRange / 0.8, MidpointRounding.AwayFromZero) + 2);
}
