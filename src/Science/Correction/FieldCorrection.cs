
namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Estimates what registration shift, ramp, detector misalignment and platform jitter add to the displacement field of one pair. Estimated on the coarse
/// field of the whole pair, applied window by window: <see cref="CorrectionModel.Apply"/>. Methods, papers and limits: README.md of this folder.
/// </summary>
public static class FieldCorrection
{
    public const string MethodVersion = "correction-4";

    /// <summary>Never fails for what the field holds: what could not be estimated stays zero, with a sentence in <see cref="CorrectionReport.Warnings"/>.</summary>
    public static CorrectionModel Estimate(
        DecimatedField field, PairGeometry geometry, CorrectionParameters parameters, CorrectionExclusions exclusions)
    {
        if (geometry.Grid != field.FullGrid)
            throw new ArgumentException($"The geometry is of the grid {geometry.Grid}, the field of {field.FullGrid}.", nameof(geometry));
        return new CorrectionEstimation(field, geometry, parameters, exclusions).Run();
    }
}
