using GdmOptEtq.Imagery.WorkStore;
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
public sealed record PairOutput(ImagePair Pair, WorkKey Field, WorkKey Corrected, WorkKey Filtered);

/// <summary>Arrow 8: corrected field to the validity of each of its pixels; the filtered field is the corrected one where it is valid.</summary>
public static class FilterPair
{
    public const string Stage = "filter-pair";

    private const string Flags = "validity";

    public static WorkKey KeyOf(WorkKey field, WorkKey corrected, WorkKey? backward, WorkKey? terrain, JobParameters parameters) => StageKeys.Of(
        Stage, FieldFilter.MethodVersion, field, corrected, backward, terrain, StageKeys.Text(parameters.Filtering), StageKeys.Text(parameters.Decorrelation),
        parameters.Correction.ApplyCorrection);

    /// <param name="backward">Corrected field of the swapped pair, when there is one and the consistency test wants it.</param>
    public static PairOutput Run(ImagePair pair, WorkKey field, WorkKey corrected, WorkKey? backward, WorkKey? terrain, JobPlan plan, StageContext work)
    {
        var key = KeyOf(field, corrected, backward, terrain, plan.Parameters);
        var grid = pair.Reference.Grid;
        work.Run(Stage, $"filtering {pair.Name}", plan.Cost.SecondsOfFilter, key, [RasterLayout.Of<Validity>(Flags, grid.Width, grid.Height)], writer =>
        {
            using WorkEntry raw = work.Store.Open(field), components = work.Store.Open(corrected);
            using var other = backward is { } present ? work.Store.Open(present) : null;
            using var slope = terrain is { } known ? work.Store.Open(known) : null;
            int halo = FieldFilter.Halo(plan.Parameters.Filtering);
            if (other is not null)
                halo += 1 + (int)Math.Ceiling(plan.Parameters.Filtering.MaximumDisplacement);
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var window = block.Grow(halo).Intersect(grid.Bounds);
                var part = Read(raw, components, window);
                if (slope is not null)
                    MaskToValidity.FlagSlope(slope.Read<byte>(PrepareTerrain.SlopeMaskRaster, window), part.Validity);
                Apply(part, other is null ? null : Backward(other, window), plan.Parameters, work.Workers);
                writer.Write(Flags, part.Validity.Crop(block.RelativeTo(window)), block.X, block.Y);
            }
        });
        return new PairOutput(pair, field, corrected, key);
    }

    /// <summary>The filtered field on <paramref name="window"/>: NaN where any rule removed the pixel.</summary>
    internal static DisplacementField ReadFiltered(PairOutput output, Window window, WorkStore store)
    {
        using WorkEntry raw = store.Open(output.Field), components = store.Open(output.Corrected), flags = store.Open(output.Filtered);
        var field = Read(raw, components, window) with { Validity = flags.Read<Validity>(Flags, window) };
        for (int i = 0; i < field.Validity.Pixels.Length; i++)
        {
            if (field.Validity.Pixels[i] != Validity.Valid)
                field.Dx.Pixels[i] = field.Dy.Pixels[i] = float.NaN;
        }

        return field;
    }

    /// <summary>One component of it, for who wants no more.</summary>
    /// <param name="components">The corrected field, open.</param>
    /// <param name="component"><see cref="CorrectPair.Dx"/> or <see cref="CorrectPair.Dy"/>.</param>
    internal static Raster<float> ReadFiltered(PairOutput output, WorkEntry components, string component, Window window, WorkStore store)
    {
        var values = components.Read<float>(component, window);
        var validity = ReadValidity(output, window, store);
        for (int i = 0; i < values.Pixels.Length; i++)
        {
            if (validity.Pixels[i] != Validity.Valid)
                values.Pixels[i] = float.NaN;
        }

        return values;
    }

    /// <summary>Flags after the filter.</summary>
    internal static Raster<Validity> ReadValidity(PairOutput output, Window window, WorkStore store)
    {
        using var flags = store.Open(output.Filtered);
        return flags.Read<Validity>(Flags, window);
    }

    private static DisplacementField Read(WorkEntry raw, WorkEntry components, Window window) =>
        raw.ReadField(window) with { Dx = components.Read<float>(CorrectPair.Dx, window), Dy = components.Read<float>(CorrectPair.Dy, window) };

    private static DisplacementField Backward(WorkEntry components, Window window) =>
        DisplacementField.Empty(window.Width, window.Height, Validity.Valid) with { Dx = components.Read<float>(CorrectPair.Dx, window), Dy = components.Read<float>(CorrectPair.Dy, window) };

    /// <summary>With corrections and filtering switched off only masks and the correlation threshold remove pixels.</summary>
    private static void Apply(DisplacementField field, DisplacementField? backward, JobParameters parameters, Workers workers)
    {
        if (parameters.Correction.ApplyCorrection)
            FieldFilter.Apply(field, parameters.Decorrelation.DecorrelationThreshold, backward, parameters.Filtering, workers);
        else
            DecorrelationMask.Flag(field.Score, field.Validity, parameters.Decorrelation, workers);
    }
}
