using System.Text.Json.Serialization;
using System.Text.Json;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 7: raw field to corrected field. What is wrong with it is estimated on the whole pair, decimated, and removed block by block.</summary>
public static class CorrectPair
{
    public const string Stage = "correct-pair";

    internal const string Dx = "dx";

    internal const string Dy = "dy";

    private const string Model = "model";

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static WorkKey KeyOf(WorkKey field, JobParameters parameters, GroundKnowledge ground) =>
        StageKeys.Of(Stage, FieldCorrection.MethodVersion, field, StageKeys.Text(parameters.Correction), ground.Content);

    public static WorkKey Run(ImagePair pair, WorkKey field, JobPlan plan, StageContext work)
    {
        var key = KeyOf(field, plan.Parameters, plan.Ground);
        var grid = pair.Reference.Grid;
        RasterLayout[] rasters = [RasterLayout.Of<float>(Dx, grid.Width, grid.Height), RasterLayout.Of<float>(Dy, grid.Width, grid.Height)];
        work.Run(Stage, $"correcting {pair.Name}", plan.Cost.SecondsOfCorrection, key, rasters, writer =>
        {
            using var raw = work.Store.Open(field);
            var model = plan.Parameters.Correction.ApplyCorrection ? Estimate(pair, raw, plan, work) : null;
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                Raster<float> dx = raw.Read<float>(Dx, block), dy = raw.Read<float>(Dy, block);
                model?.Apply(block, dx, dy, work.Workers);
                writer.Write(Dx, dx, block.X, block.Y);
                writer.Write(Dy, dy, block.X, block.Y);
            }

            writer.SetText(Model, JsonSerializer.Serialize(model, Json));
        });
        return key;
    }

    /// <summary>What was removed; null when corrections are switched off.</summary>
    public static CorrectionModel? ReadModel(WorkKey key, WorkStore store)
    {
        using var entry = store.Open(key);
        return JsonSerializer.Deserialize<CorrectionModel?>(entry.Texts[Model], Json);
    }

    private static CorrectionModel Estimate(ImagePair pair, WorkEntry raw, JobPlan plan, StageContext work)
    {
        var parameters = plan.Parameters.Correction;
        var grid = pair.Reference.Grid;
        int factor = DecimatedField.FactorFor(grid);
        var decimation = new FieldDecimation(grid, factor, parameters.EstimationScore);
        foreach (var block in StageContext.RowBlocks(grid))
        {
            work.Workers.Cancellation.ThrowIfCancellationRequested();
            var part = raw.ReadField(block);
            decimation.Add(block, part.Dx, part.Dy, part.Score, part.Validity, work.Workers);
        }

        var geometry = PairGeometry.Create(grid, factor, plan.ImageOf(pair.Reference).Footprint(work.Journal), plan.ImageOf(pair.Secondary).Footprint(work.Journal));
        var model = FieldCorrection.Estimate(decimation.Finish(), geometry, parameters, plan.Ground.Exclusions);
        foreach (string warning in model.Report.Warnings)
            work.Journal.Warn($"{pair.Name}: {warning}");
        return model;
    }
}
