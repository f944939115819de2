using GdmOptEtq.Science.Correction;

namespace GdmOptEtq.Cli.Bench.Corrections;

/// <summary>A way to correct a field, by the name it has in the table.</summary>
internal sealed record CorrectionChain(string Name, CorrectionParameters? Parameters, bool WithFootprints = true, bool WithTrace = false)
{
    private static readonly CorrectionParameters s_boundaryPlane = new() { JitterCorrection = false, PlaneProtection = PlaneProtection.None };

    public static IReadOnlyList<CorrectionChain> All { get; } =
    [
        new("raw", null),
        new("plane", s_boundaryPlane with { DetectorSteps = DetectorStepMethod.None }),
        new("coregis without row profile", new CorrectionParameters { CorrectionMode = CorrectionMode.Coregis, JitterCorrection = false, PlaneProtection = PlaneProtection.None }),
        new("coregis", new CorrectionParameters { CorrectionMode = CorrectionMode.Coregis, PlaneProtection = PlaneProtection.None }),
        new("boundary, plane", s_boundaryPlane),
        new("boundary, plane, wavelet", s_boundaryPlane with { JitterCorrection = true, JitterMethod = JitterMethod.Wavelet }),
        new("boundary, plane, common-mode", s_boundaryPlane with { JitterCorrection = true }),
        new("boundary, protected plane", new CorrectionParameters { JitterCorrection = false }),
        new("default", new CorrectionParameters()),
        new("default, fault trace given", new CorrectionParameters(), WithTrace: true),
        new("default, no footprints", new CorrectionParameters(), WithFootprints: false),
    ];
}
