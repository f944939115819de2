using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>An acquisition ready for matching: reflectance of the band and validity, in the work store.</summary>
/// <param name="Image">Which image.</param>
/// <param name="Key">Where band and validity lie.</param>
/// <param name="MaskKey">Where its spectral mask lies; null when there is none.</param>
public sealed record PreparedImage(PlannedImage Image, StageKey Key, StageKey? MaskKey)
{
    internal const string BandFile = "band.tif";

    internal const string ValidityFile = "validity.tif";

    internal Raster<float> ReadBand(StageStore store, Window window)
    {
        using var file = RasterFile.Open(store.FileOf(Key, BandFile));
        return file.Read<float>(1, window);
    }

    internal Raster<Validity> ReadValidity(StageStore store, Window window)
    {
        using var file = RasterFile.Open(store.FileOf(Key, ValidityFile));
        return file.Read<Validity>(1, window);
    }
}
