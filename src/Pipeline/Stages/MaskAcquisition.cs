using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Codes of a spectral mask with the side of its pixels.</summary>
internal sealed record SpectralCodes(Raster<byte> Codes, double PixelSizeMetres)
{
    /// <summary>Band pixels along one side of a mask pixel.</summary>
    public int Factor(RasterGrid band) => (int)Math.Round(PixelSizeMetres / band.PixelSizeMetres);
}

/// <summary>Arrow 3, first half: one acquisition to its spectral mask, on the whole scene; every pair of the acquisition shares it.</summary>
public static class MaskAcquisition
{
    public const string Stage = "mask-acquisition";

    private const string MaskFile = "spectral-mask.tif";

    private const string ReportFile = "report.json";

    public static bool CanRun(PlannedImage image) => MissingBands(image).Count == 0;

    public static IReadOnlyList<string> MissingBands(PlannedImage image) => MaskScene.MissingBands(image.Product);

    public static StageKey KeyOf(PlannedImage image, StageKey terrain, JobParameters parameters) => StageKey.Of(
        Stage, SpectralMask.MethodVersion, image.MaskContent, terrain,
        string.Join(' ', parameters.Terrain.WaterOccurrence.Select(PrepareTerrain.Content)), StageKey.Text(parameters.SpectralMask.ForComputation));

    /// <param name="terrain">Elevation and slope mask; its elevation helps to find clouds and shadows.</param>
    public static StageKey Run(PlannedImage image, StageKey terrain, JobPlan plan, StageContext work)
    {
        var key = KeyOf(image, terrain, plan.Parameters);
        work.Run(Stage, $"clouds, snow and water of {image.Acquisition.Id}", plan.Cost.SecondsOfMask, key, folder =>
        {
            var mask = MaskScene.Compute(
                image.Product, grid => PrepareTerrain.ReadElevation(work.Store, terrain, grid),
                MaskScene.FromFiles(plan.Parameters.Terrain.WaterOccurrence), plan.Parameters.SpectralMask.ForComputation, work.Workers);
            MaskScene.Write(Path.Combine(folder, MaskFile), mask);
            var report = MaskScene.Report(mask.Result);
            report["acquisition"] = image.Acquisition.Id.Value;
            report["declaredCloudCoverPercent"] = image.Product.DeclaredCloudCoverPercent;
            AtomicFile.WriteAllText(Path.Combine(folder, ReportFile), report.ToJsonString());
        });
        return key;
    }

    internal static SpectralCodes ReadCodes(StageStore store, StageKey key)
    {
        using var file = RasterFile.Open(store.FileOf(key, MaskFile));
        return new SpectralCodes(file.Read<byte>(1), file.Grid.PixelSizeMetres);
    }

    /// <summary>Copies the mask to its product name.</summary>
    internal static void WriteProduct(PreparedImage image, string path, StageContext work) =>
        AtomicFile.WriteAllBytes(path, File.ReadAllBytes(work.Store.FileOf(image.MaskKey!.Value, MaskFile)));

    /// <summary>Counts, thresholds and the ways taken, for job.json.</summary>
    internal static JsonNode? Report(PreparedImage image, StageContext work) =>
        JsonNode.Parse(File.ReadAllText(work.Store.FileOf(image.MaskKey!.Value, ReportFile)));
}
