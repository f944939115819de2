using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 3: one acquisition to the band that is matched and, for each of its pixels, whether it may be.</summary>
public static class PrepareAcquisition
{
    public const string Stage = "prepare-acquisition";

    private const string CountFile = "valid-pixels.txt";

    public static StageKey KeyOf(PlannedImage image, StageKey? mask, JobParameters parameters) => StageKey.Of(
        Stage, "prepare-1", image.BandContent, image.Band, mask, parameters.SpectralMask.CloudMask, parameters.SpectralMask.SnowMask);

    /// <param name="mask">Key of the spectral mask, or null to use the pixels as they are.</param>
    public static PreparedImage Run(PlannedImage image, StageKey? mask, JobPlan plan, StageContext work)
    {
        var key = KeyOf(image, mask, plan.Parameters);
        work.Run(Stage, $"reading {image.Band} of {image.Acquisition.Id}", plan.Cost.SecondsOfBand, key, folder =>
        {
            var codes = mask is { } present ? MaskAcquisition.ReadCodes(work.Store, present) : null;
            var grid = image.Acquisition.Grid;
            using var source = new SafeReader(image.Product, work.Workers.Threads);
            using var band = WorkRaster.Create(Path.Combine(folder, PreparedImage.BandFile), grid, PixelType.Float32, new BandAttributes("reflectance", null, double.NaN));
            using var validity = WorkRaster.Create(Path.Combine(folder, PreparedImage.ValidityFile), grid, PixelType.UInt16, new BandAttributes("validity flags"));
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
                band.Write(1, reflectance, block.X, block.Y);
                validity.Write(1, reasons, block.X, block.Y);
            }

            band.Complete();
            validity.Complete();
            AtomicFile.WriteAllText(Path.Combine(folder, CountFile), $"{valid}\n");
        });
        return new PreparedImage(image, key, mask);
    }

    /// <summary>Pixels that may be matched.</summary>
    public static long ValidPixels(PreparedImage image, StageContext work) => long.Parse(File.ReadAllText(work.Store.FileOf(image.Key, CountFile)));

    /// <summary>Beyond the swath there is no other reason than that.</summary>
    private static void Combine(Raster<Validity> measured, Raster<Validity> reasons)
    {
        for (int i = 0; i < reasons.Pixels.Length; i++)
            reasons.Pixels[i] = measured.Pixels[i] == Validity.NoData ? Validity.NoData : reasons.Pixels[i] | measured.Pixels[i];
    }
}
