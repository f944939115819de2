using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>In which order, and how, the systematic errors of a pair are taken out.</summary>
public enum CorrectionMode
{
    /// <summary>Local detector steps, then plane, then jitter: protects the earthquake.</summary>
    Protective,

    /// <summary>Plane, then region means, then row profile: the order and the estimators of CO-REGIS (Stumpf et al. 2018), for comparison.</summary>
    Coregis,
}

/// <summary>How the offset of each detector region is estimated.</summary>
public enum DetectorStepMethod
{
    /// <summary>From the differences across each boundary, bin by bin along the track; a fault is voted out.</summary>
    Boundary,

    /// <summary>Mean of each region.</summary>
    Mean,

    /// <summary>Median of each region.</summary>
    Median,

    /// <summary>Not estimated.</summary>
    None,
}

/// <summary>How the undulation along the track is estimated.</summary>
public enum JitterMethod
{
    /// <summary>Median over sub-swaths of the same detector parity.</summary>
    CommonMode,

    /// <summary>Directional wavelet-FFT filter (Münch et al. 2009), per detector parity.</summary>
    Wavelet,

    /// <summary>Mean of each row of the track frame (CO-REGIS).</summary>
    RowProfile,
}

/// <summary>What is known of the earthquake while the plane is estimated.</summary>
public enum PlaneProtection
{
    /// <summary>Nothing: only the bisquare weights reject the moved ground.</summary>
    None,

    /// <summary>A plane and one elementary dislocation are fitted together; only the plane is removed.</summary>
    Dislocation,
}

/// <summary>Removal of shift, ramp, detector steps and jitter from the displacement field of one pair.</summary>
public sealed record CorrectionParameters
{
    [Description("Remove shift, ramp and detector steps from each displacement field, and filter it. The service calls this 'Apply correction and filtering'.")]
    public bool ApplyCorrection { get; init; } = true;

    [Description("Remove the undulation along the track caused by vibration of the platform (jitter). Recommended for earthquakes.")]
    public bool JitterCorrection { get; init; } = true;

    [Description("Order and estimators: Protective (detector steps, plane, jitter; keeps the earthquake) or Coregis (plane, region means, row profile).")]
    public CorrectionMode CorrectionMode { get; init; } = CorrectionMode.Protective;

    [Description("Offset of each detector: Boundary (differences across the boundaries), Mean or Median of the region, or None. Coregis mode takes Mean for Boundary.")]
    public DetectorStepMethod DetectorSteps { get; init; } = DetectorStepMethod.Boundary;

    [Description("Jitter estimator: CommonMode (profile shared by the sub-swaths of one detector parity), Wavelet (directional filter) or RowProfile. Coregis mode takes RowProfile for CommonMode.")]
    public JitterMethod JitterMethod { get; init; } = JitterMethod.CommonMode;

    [Description("What keeps the plane from absorbing the earthquake: Dislocation (plane and one dislocation are fitted together) or None.")]
    public PlaneProtection PlaneProtection { get; init; } = PlaneProtection.Dislocation;

    [Range(1, 20), Description("Reweighted least-squares rounds of the plane (Tukey bisquare).")]
    public int PlaneIterations { get; init; } = 3;

    [Range(0.0, 1.0), Description("Pixels with a lower correlation score do not take part in the estimation.")]
    public double EstimationScore { get; init; } = 0.33;

    [Range(1.0, 60.0), Unit("km"), Description("Longest wavelength along the track that jitter may have. Longer undulation stays in the field.")]
    public double JitterMaxWavelength { get; init; } = 12;

    [Range(0.0, 1.0), Unit("px"), Description("Jitter profiles with a smaller root mean square are taken for noise and left alone, unless all parts of the swath agree on them (down to a quarter of it).")]
    public double JitterMinimum { get; init; } = 0.02;

    [Range(0.0, 50.0), Unit("km"), Description("Half width of the strip along the fault trace, where one is given, that takes no part in the estimation.")]
    public double FaultTraceBuffer { get; init; } = 2;
}
