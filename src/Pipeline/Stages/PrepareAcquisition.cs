using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 3: one acquisition to the band that is matched and, for each of its pixels, whether it may be.</summary>
public static class PrepareAcquisition
{
    public const string Stage = "prepare-acquisition";

    public static WorkKey KeyOf(PlannedImage image, WorkKey? mask, JobParameters parameters) => StageKeys.Of(
        Stage, "prepare-1", image.BandContent, image.Band, mask, parameters.SpectralMask.CloudMask, parameters.SpectralMask.SnowMask);

    /// <param name="mask">Key of the spectral mask, or null to use the pixels as they are.</param>
    public static PreparedImage Run(PlannedImage image, WorkKey? mask, JobPlan plan, StageContext work)
    {
        var key = KeyOf(image, mask, plan.Parameters);
        var grid = image.Acquisition.Grid;
        RasterLayout[] rasters = [RasterLayout.Of<float>(PreparedImage.Band, grid.Width, grid.Height), RasterLayout.Of<Validity>(PreparedImage.Validity, grid.Width, grid.Height)];
        work.Run(Stage, $"reading {image.Band} of {image.Acquisition.Id}", plan.Cost.SecondsOfBand, key, rasters, writer =>
        {
            var codes = mask is { } present ? MaskAcquisition.ReadCodes(work.Store, present) : null;
            using var source = new SafeReader(image.Product, work.Workers.Threads);
            long valid = 0;
            // Rows of whole JPEG 2000 blocks: each is decoded once.
            foreach (var block in StageContext.Rows(grid, 1024))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var (reflectance, measured) = source.ReadReflectance(image.Band, block);
                var reasons = codes is null
                    ? new Raster<Validity>(block.Width, block.Height)
                    : MaskToValidity.Reasons(codes.Codes, block, codes.Factor(grid), plan.Parameters.SpectralMask);
                Combine(measured, reasons);
                valid += reasons.Pixels.LongCount(v => v == Validity.Valid);
                writer.Write(PreparedImage.Band, reflectance, block.X, block.Y);
                writer.Write(PreparedImage.Validity, reasons, block.X, block.Y);
            }

            writer.SetText(PreparedImage.ValidPixels, $"{valid}");
        });
        return new PreparedImage(image, key, mask);
    }

    /// <summary>Pixels that may be matched.</summary>
    public static long ValidPixels(PreparedImage image, StageContext work)
    {
        using var entry = work.Store.Open(image.Key);
        return long.Parse(entry.Texts[PreparedImage.ValidPixels]);
    }

    /// <summary>Beyond the swath there is no other reason than that.</summary>
    private static void Combine(Raster<Validity> measured, Raster<Validity> reasons)
    {
        for (int i = 0; i < reasons.Pixels.Length; i++)
            reasons.Pixels[i] = measured.Pixels[i] == Validity.NoData ? Validity.NoData : reasons.Pixels[i] | measured.Pixels[i];
    }
}
