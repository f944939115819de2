using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>How the jitter seen by odd detectors compares with that seen by even ones.</summary>
public enum JitterPhase
{
    /// <summary>No jitter at all.</summary>
    None,

    /// <summary>Odd and even detectors see the same ground row at the same time.</summary>
    InPhase,

    /// <summary>They look in opposite directions along the track and see the same ground row 36 to 44 km (about 6 s) apart.</summary>
    Shifted,
}

/// <summary>
/// Geolocation errors of one Sentinel-2 L1C image, in pixels of 10 m; a pair shows the difference of two images. Defaults: the pair-level figures that
/// the corrections were designed on, as one image would have to carry them when the other has none.
/// </summary>
public sealed record GeometricErrorParameters
{
    [Description("Registration shift, px: standard deviation per component over the images (0.24 measured with GRI, 0.4 before)")]
    [Range(0.0, 20.0)]
    public double ShiftPixels { get; init; } = 0.3;

    [Description("Ramp, px from the centre to the border of the scene, in a random direction")]
    [Range(0.0, 5.0)]
    public double RampPixels { get; init; } = 0.1;

    [Description("Detector steps, px: standard deviation per detector and component")]
    [Range(0.0, 5.0)]
    public double DetectorStepPixels { get; init; } = 0.07;

    [Description("Width of the ground strip of one detector, metres; smaller for a small scene that shall show several")]
    [Range(500.0, 100000.0)]
    public double DetectorWidthMetres { get; init; } = 25000;

    [Description("Overlap of neighbouring detector footprints, metres, as delivered before 6 November 2018; 0 as delivered since")]
    [Range(0.0, 5000.0)]
    public double DetectorOverlapMetres { get; init; } = 1500;

    [Description("Shift of all detector boundaries between images, metres (standard deviation); 0 keeps them in place")]
    [Range(0.0, 20000.0)]
    public double DetectorDriftMetres { get; init; }

    [Description("Jitter amplitude, px")]
    [Range(0.0, 5.0)]
    public double JitterPixels { get; init; } = 0.10;

    [Description("Wavelength of the jitter on the ground, metres")]
    [Range(200.0, 200000.0)]
    public double JitterWavelengthMetres { get; init; } = 2000;

    [Description("Amplitude of a second, longer jitter, px")]
    [Range(0.0, 5.0)]
    public double SecondJitterPixels { get; init; } = 0.05;

    [Description("Wavelength of the second jitter, metres")]
    [Range(200.0, 200000.0)]
    public double SecondJitterWavelengthMetres { get; init; } = 4500;

    [Description("Jitter of odd against even detectors: none, in-phase or shifted")]
    public JitterPhase JitterPhase { get; init; } = JitterPhase.Shifted;

    [Description("Angle of the satellite's track with North, degrees: positive for a descending track from NNE to SSW")]
    [Range(-45.0, 45.0)]
    public double TrackAngleDegrees { get; init; } = 14;

    /// <summary>An image without any geolocation error, whose detectors still have boundaries.</summary>
    public static GeometricErrorParameters None => new()
    {
        ShiftPixels = 0, RampPixels = 0, DetectorStepPixels = 0, JitterPhase = JitterPhase.None,
    };
}
