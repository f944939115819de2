using GdmOptEtq.Imagery.WorkStore;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>An acquisition ready for matching: reflectance of the band and validity, in the work store.</summary>
/// <param name="Image">Which image.</param>
/// <param name="Key">Where band and validity lie.</param>
/// <param name="MaskKey">Where its spectral mask lies; null when there is none.</param>
public sealed record PreparedImage(PlannedImage Image, WorkKey Key, WorkKey? MaskKey)
{
    internal const string Band = "band";

    internal const string Validity = "validity";

    internal const string ValidPixels = "validPixels";
}
