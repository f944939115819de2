using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Filtering;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Keys of what is known of one pair.</summary>
/// <param name="Pair">The pair.</param>
/// <param name="Field">Raw field.</param>
/// <param name="Corrected">Corrected field.</param>
/// <param name="Filtered">Validity after the filter.</param>
public sealed record PairOutput(ImagePair Pair, StageKey Field, StageKey Corrected, StageKey Filtered);

/// <summary>Arrow 8: corrected field to the validity of each of its pixels; the filtered field is the corrected one where it is valid.</summary>
public static class FilterPair
{
    public const string Stage = "filter-pair";

    private const string ValidityFile = "validity.tif";

    public static StageKey KeyOf(StageKey field, StageKey corrected, StageKey? backward, StageKey terrain, JobParameters parameters) => StageKey.Of(
        Stage, FieldFilter.MethodVersion, field, corrected, backward, terrain, StageKey.Text(parameters.Filtering), StageKey.Text(parameters.Decorrelation),
        parameters.Correction.ApplyCorrection);

    /// <param name="backward">Corrected field of the swapped pair, when there is one and the consistency test wants it.</param>
    public static PairOutput Run(ImagePair pair, StageKey field, StageKey corrected, StageKey? backward, StageKey terrain, JobPlan plan, StageContext work)
    {
        var key = KeyOf(field, corrected, backward, terrain, plan.Parameters);
        work.Run(Stage, $"filtering {pair.Name}", plan.Cost.SecondsOfFilter, key, folder =>
        {
            var grid = pair.Reference.Grid;
            using var raw = new FieldReader(work.Store.FolderOf(field));
            using var components = RasterFile.Open(work.Store.FileOf(corrected, CorrectPair.FieldFile));
            using var other = backward is { } present ? RasterFile.Open(work.Store.FileOf(present, CorrectPair.FieldFile)) : null;
            using var slopeMask = PrepareTerrain.OpenSlopeMask(work.Store, terrain);
            using var writer = WorkRaster.Create(Path.Combine(folder, ValidityFile), grid, PixelType.UInt16, new BandAttributes("validity flags"));
            int halo = FieldFilter.Halo(plan.Parameters.Filtering);
            if (other is not null)
                halo += 1 + (int)Math.Ceiling(plan.Parameters.Filtering.MaximumDisplacement);
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var window = block.Grow(halo).Intersect(grid.Bounds);
                var part = Read(raw, components, window);
                if (slopeMask is not null)
                    MaskToValidity.FlagSlope(slopeMask.Read<byte>(1, window), part.Validity);
                Apply(part, other is null ? null : Backward(other, window), plan.Parameters, work.Workers);
                writer.Write(1, part.Validity.Crop(block.RelativeTo(window)), block.X, block.Y);
            }

            writer.Complete();
        });
        return new PairOutput(pair, field, corrected, key);
    }

    /// <summary>The filtered field on <paramref name="window"/>: NaN where any rule removed the pixel.</summary>
    internal static DisplacementField ReadFiltered(PairOutput output, Window window, StageStore store)
    {
        using var raw = new FieldReader(store.FolderOf(output.Field));
        using var components = RasterFile.Open(store.FileOf(output.Corrected, CorrectPair.FieldFile));
        using var flags = RasterFile.Open(store.FileOf(output.Filtered, ValidityFile));
        var field = Read(raw, components, window) with { Validity = flags.Read<Validity>(1, window) };
        for (int i = 0; i < field.Validity.Pixels.Length; i++)
        {
            if (field.Validity.Pixels[i] != Validity.Valid)
                field.Dx.Pixels[i] = field.Dy.Pixels[i] = float.NaN;
        }

        return field;
    }

    /// <summary>Flags after the filter.</summary>
    internal static Raster<Validity> ReadValidity(PairOutput output, Window window, StageStore store)
    {
        using var flags = RasterFile.Open(store.FileOf(output.Filtered, ValidityFile));
        return flags.Read<Validity>(1, window);
    }

    private static DisplacementField Read(FieldReader raw, RasterFile components, Window window) =>
        raw.Read(window) with { Dx = components.Read<float>(1, window), Dy = components.Read<float>(2, window) };

    private static DisplacementField Backward(RasterFile components, Window window) =>
        DisplacementField.Empty(window.Width, window.Height, Validity.Valid) with { Dx = components.Read<float>(1, window), Dy = components.Read<float>(2, window) };

    /// <summary>With corrections and filtering switched off only masks and the correlation threshold remove pixels.</summary>
    private static void Apply(DisplacementField field, DisplacementField? backward, JobParameters parameters, Workers workers)
    {
        if (parameters.Correction.ApplyCorrection)
            FieldFilter.Apply(field, parameters.Decorrelation.DecorrelationThreshold, backward, parameters.Filtering, workers);
        else
            DecorrelationMask.Flag(field.Score, field.Validity, parameters.Decorrelation, workers);
    }
}
