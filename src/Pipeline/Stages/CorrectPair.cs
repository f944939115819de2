using System.Text.Json;
using System.Text.Json.Serialization;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Pairing;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 7: raw field to corrected field. What is wrong with it is estimated on the whole pair, decimated, and removed block by block.</summary>
public static class CorrectPair
{
    public const string Stage = "correct-pair";

    internal const string FieldFile = "corrected.tif";

    private const string ModelFile = "model.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static StageKey KeyOf(StageKey field, JobParameters parameters) =>
        StageKey.Of(Stage, FieldCorrection.MethodVersion, field, StageKey.Text(parameters.Correction));

    public static StageKey Run(ImagePair pair, StageKey field, JobPlan plan, StageContext work)
    {
        var key = KeyOf(field, plan.Parameters);
        work.Run(Stage, $"correcting {pair.Name}", plan.Cost.SecondsOfCorrection, key, folder =>
        {
            using var raw = new FieldReader(work.Store.FolderOf(field));
            var grid = pair.Reference.Grid;
            var model = plan.Parameters.Correction.ApplyCorrection ? Estimate(pair, raw, plan, work) : null;
            using var corrected = WorkRaster.Create(Path.Combine(folder, FieldFile), grid, PixelType.Float32,
                new BandAttributes("dx, East positive", "pixel", double.NaN), new BandAttributes("dy, South positive", "pixel", double.NaN));
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var part = raw.Read(block);
                model?.Apply(block, part.Dx, part.Dy, work.Workers);
                corrected.Write(1, part.Dx, block.X, block.Y);
                corrected.Write(2, part.Dy, block.X, block.Y);
            }

            corrected.Complete();
            AtomicFile.WriteAllText(Path.Combine(folder, ModelFile), JsonSerializer.Serialize(model, Json));
        });
        return key;
    }

    /// <summary>What was removed; null when corrections are switched off.</summary>
    public static CorrectionModel? ReadModel(StageKey key, StageStore store) =>
        JsonSerializer.Deserialize<CorrectionModel?>(File.ReadAllText(store.FileOf(key, ModelFile)), Json);

    private static CorrectionModel Estimate(ImagePair pair, FieldReader raw, JobPlan plan, StageContext work)
    {
        var parameters = plan.Parameters.Correction;
        var grid = pair.Reference.Grid;
        int factor = DecimatedField.FactorFor(grid);
        var decimation = new FieldDecimation(grid, factor, parameters.EstimationScore);
        foreach (var block in StageContext.RowBlocks(grid))
        {
            work.Workers.Cancellation.ThrowIfCancellationRequested();
            var part = raw.Read(block);
            decimation.Add(block, part.Dx, part.Dy, part.Score, part.Validity, work.Workers);
        }

        var geometry = PairGeometry.Create(grid, factor, plan.ImageOf(pair.Reference).Footprint(work.Journal), plan.ImageOf(pair.Secondary).Footprint(work.Journal));
        var model = FieldCorrection.Estimate(decimation.Finish(), geometry, parameters, CorrectionExclusions.None);
        foreach (string warning in model.Report.Warnings)
            work.Journal.Warn($"{pair.Name}: {warning}");
        return model;
    }
}
