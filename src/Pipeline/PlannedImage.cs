using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline;

/// <summary>One image of a job.</summary>
/// <param name="Product">Where its pixels and metadata are.</param>
/// <param name="Band">The band that is matched.</param>
/// <param name="Acquisition">What pairing and naming need.</param>
public sealed record PlannedImage(SafeProduct Product, SafeBand Band, Acquisition Acquisition)
{
    private string? _bandContent;
    private string? _maskContent;

    /// <summary>Digest of the matched band and the metadata; read on first use.</summary>
    public string BandContent => _bandContent ??= Product.ContentDigest([Band]);

    /// <summary>Digest of the bands that the spectral mask is made of, and the metadata; read on first use.</summary>
    public string MaskContent => _maskContent ??= Product.ContentDigest(MaskScene.UsedBands(Product));

    /// <summary>Footprint of the detectors, or null with a warning when the product's is missing or broken.</summary>
    internal DetectorFootprint? Footprint(StageJournal journal)
    {
        try
        {
            return Product.DetectorFootprint(Band);
        }
        catch (InputException cause)
        {
            journal.Warn($"{Acquisition.Id}: {cause.Message}");
            return null;
        }
    }
}
