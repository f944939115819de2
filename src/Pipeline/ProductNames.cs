using GdmOptEtq.Science.Pairing;

namespace GdmOptEtq.Pipeline;

/// <summary>
/// Names of the products, relative to the result folder, as the service description fixes them (its own spelling kept: <c>_slope_mask_mask</c>). The
/// products it does not name (quality, standard errors, removed surfaces) follow its pattern. MM stands for MicMac in the hosted service and is kept for
/// either matcher, so that readers of the hosted products find their files.
/// </summary>
public static class ProductNames
{
    public const string Analysis = "Analysis";
    public const string Displacements = "Displacements";
    public const string Corrections = "Displacements/Corrections";
    public const string Masks = "Masks";
    public const string Preview = "Preview";
    public const string JobFile = "job.json";
    public const string StacItem = "stac-item.json";
    public const string ReadMe = "README.md";

    /// <summary>The four folders of a result.</summary>
    public static IReadOnlyList<string> Folders { get; } = [Analysis, Displacements, Masks, Preview];

    /// <summary>What stands beside the folders; job.json comes last, so that its presence means a complete result.</summary>
    public static IReadOnlyList<string> Documents { get; } = [ReadMe, StacItem, JobFile];

    public static string MeanMagnitude(JobPlan plan) => $"{Analysis}/MM_Mean_displ_magnitude_{Span(plan)}.tif";

    /// <param name="component">EW or NS.</param>
    public static string MeanDisplacement(JobPlan plan, string component) => $"{Analysis}/MM_Mean_displacement_{component}_{Span(plan)}.tif";

    public static string Quality(JobPlan plan) => $"{Analysis}/MM_Quality_{Span(plan)}.tif";

    public static string StandardError(JobPlan plan, string component) => $"{Analysis}/MM_Standard_error_{component}_{Span(plan)}.tif";

    public static string ValidPairs(JobPlan plan) => $"{Analysis}/MM_Valid_pairs_{Span(plan)}.tif";

    public static string Coherence(JobPlan plan) => $"{Analysis}/MM_Vector_coherence_{Span(plan)}.tif";

    public static string Corrected(ImagePair pair, string component) => $"{Displacements}/MM_{component}_displ_{pair.Name}_corrected.tif";

    public static string Filtered(ImagePair pair, string component) => $"{Displacements}/MM_{component}_displ_{pair.Name}_FILTER_Displmax.tif";

    public static string Correlation(ImagePair pair) => $"{Displacements}/MM_Corr_{Dates(pair)}.tif";

    /// <summary>Why each pixel was kept or removed: the flags of <see cref="Science.Rasters.Validity"/>.</summary>
    public static string ValidityFlags(ImagePair pair) => $"{Displacements}/MM_Validity_{Dates(pair)}.tif";

    public static string RemovedSurface(ImagePair pair, string component) => $"{Corrections}/MM_{component}_displ_{pair.Name}_removed.tif";

    public static string DecorrelationMask(ImagePair pair) => $"{Masks}/{Dates(pair)}_decorrel_mask.tif";

    public static string SpectralMask(PlannedImage image) => $"{Masks}/{image.Acquisition.Tile}_{image.Acquisition.DateStamp}_spectral_mask.tif";

    public static string SlopeMask(JobPlan plan) => $"{Masks}/{plan.Tile}_slope_mask_mask.tif";

    /// <summary>The preview of an analysis product: same name, in the preview folder.</summary>
    public static string PreviewOf(string product) => $"{Preview}/{Path.GetFileNameWithoutExtension(product)}.png";

    /// <summary>The QGIS style beside a raster.</summary>
    public static string StyleOf(string raster) => Path.ChangeExtension(raster, ".qml");

    /// <summary>All previews in one archive for globes and phones.</summary>
    public static string Overlays(JobPlan plan) => $"{Preview}/MM_Overlays_{Span(plan)}.kmz";

    /// <summary>Identifier of the result: tile, first and last date.</summary>
    public static string Identifier(JobPlan plan) => $"GDM-OPT-ETQ_{Span(plan)}";

    /// <summary>Everything a job writes: the rasters first, job.json last.</summary>
    public static IReadOnlyList<string> All(JobPlan plan)
    {
        var names = Rasters(plan);
        names.AddRange(names.Select(StyleOf).ToArray());
        names.AddRange(Previewed(plan).SelectMany(PreviewFilesOf));
        names.Add(Overlays(plan));
        names.AddRange(Documents);
        return names;
    }

    internal static List<string> Rasters(JobPlan plan)
    {
        var names = new List<string>
        {
            MeanMagnitude(plan), MeanDisplacement(plan, "EW"), MeanDisplacement(plan, "NS"), Quality(plan),
            StandardError(plan, "EW"), StandardError(plan, "NS"), ValidPairs(plan), Coherence(plan),
        };
        foreach (var pair in plan.Pairs)
        {
            names.AddRange([Corrected(pair, "EW"), Corrected(pair, "NS")]);
            if (plan.Parameters.Correction.ApplyCorrection)
                names.AddRange([Filtered(pair, "EW"), Filtered(pair, "NS"), RemovedSurface(pair, "EW"), RemovedSurface(pair, "NS")]);
            names.AddRange([Correlation(pair), ValidityFlags(pair), DecorrelationMask(pair)]);
        }

        names.AddRange(plan.Images.Where(JobPlan.HasSpectralMask).Select(SpectralMask));
        names.Add(SlopeMask(plan));
        return names;
    }

    /// <summary>Map with legend, map alone, legend alone, places, and an overlay for globes.</summary>
    private static IEnumerable<string> PreviewFilesOf(string product)
    {
        string picture = PreviewOf(product), stem = picture[..^".png".Length];
        return [picture, $"{stem}.pgw", $"{stem}_overlay.png", $"{stem}_overlay.pgw", $"{stem}_legend.png", $"{stem}.kml"];
    }

    /// <summary>The four analysis products that have a browse picture.</summary>
    public static IReadOnlyList<string> Previewed(JobPlan plan) =>
        [MeanMagnitude(plan), MeanDisplacement(plan, "EW"), MeanDisplacement(plan, "NS"), Quality(plan)];

    private static string Span(JobPlan plan) => $"{plan.Tile}_{plan.Images[0].Acquisition.DateStamp}_to_{plan.Images[^1].Acquisition.DateStamp}";

    private static string Dates(ImagePair pair) => $"{pair.Reference.Tile}_{pair.Reference.DateStamp}_{pair.Secondary.DateStamp}";
}
