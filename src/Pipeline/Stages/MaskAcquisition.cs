using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.WorkStore;
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

    private const string Codes = "codes";

    private const string ReportText = "report";

    private const string PixelSize = "pixelSizeMetres";

    public static bool CanRun(PlannedImage image) => MissingBands(image).Count == 0;

    public static IReadOnlyList<string> MissingBands(PlannedImage image) => MaskScene.MissingBands(image.Product);

    public static WorkKey KeyOf(PlannedImage image, TerrainChoice terrain, JobParameters parameters) => StageKeys.Of(
        Stage, SpectralMask.MethodVersion, image.MaskContent, terrain.Content,
        TerrainChoice.Digest(parameters.Terrain.WaterOccurrence), StageKeys.Text(parameters.SpectralMask.ForComputation));

    public static WorkKey Run(PlannedImage image, JobPlan plan, StageContext work)
    {
        var key = KeyOf(image, plan.Terrain, plan.Parameters);
        var grid = MaskScene.GridOf(image.Product);
        work.Run(Stage, $"clouds, snow and water of {image.Acquisition.Id}", plan.Cost.SecondsOfMask, key, [RasterLayout.Of<byte>(Codes, grid.Width, grid.Height)], writer =>
        {
            var mask = MaskScene.Compute(
                image.Product, plan.Terrain.IsAvailable ? terrainGrid => plan.Terrain.Source.Read(terrainGrid).Elevation : null,
                MaskScene.FromFiles(plan.Parameters.Terrain.WaterOccurrence), plan.Parameters.SpectralMask.ForComputation, work.Workers);
            writer.Write(Codes, mask.Result.Codes, 0, 0);
            var report = MaskScene.Report(mask.Result);
            report["acquisition"] = image.Acquisition.Id.Value;
            report["declaredCloudCoverPercent"] = image.Product.DeclaredCloudCoverPercent;
            writer.SetText(ReportText, report.ToJsonString());
            writer.SetText(PixelSize, mask.Grid.PixelSizeMetres.ToString("R"));
        });
        return key;
    }

    internal static SpectralCodes ReadCodes(WorkStore store, WorkKey key)
    {
        using var entry = store.Open(key);
        return new SpectralCodes(entry.Read<byte>(Codes), double.Parse(entry.Texts[PixelSize]));
    }

    /// <summary>Writes the mask as a product.</summary>
    internal static RasterStatistics WriteProduct(PreparedImage image, string path, StageContext work) =>
        MaskScene.Write(path, ReadCodes(work.Store, image.MaskKey!.Value).Codes, MaskScene.GridOf(image.Image.Product));

    /// <summary>Counts, thresholds and the ways taken, for job.json.</summary>
    internal static JsonNode? Report(PreparedImage image, StageContext work)
    {
        using var entry = work.Store.Open(image.MaskKey!.Value);
        return JsonNode.Parse(entry.Texts[ReportText]);
    }
}
