using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Pipeline.ResultDocuments;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// Arrow 10: everything that was computed to the files that users know. Each raster is made by itself and waits in the work store; publishing adds previews,
/// styles and documents, and then all files appear under their names at once.
/// </summary>
public static class WriteProducts
{
    public const string Stage = "write-products";

    /// <summary>Rasters of a stack, each of which <see cref="Make"/> makes.</summary>
    public static int Count(JobPlan plan) => ProductNames.Rasters(plan).Count;

    /// <summary>All of it: every raster, as many side by side as there are threads, then the publication.</summary>
    /// <returns>Names relative to the result folder, job.json last.</returns>
    public static IReadOnlyList<string> Run(JobPlan plan, StackOutput output, string resultFolder, StageContext work, DateTimeOffset started, TimeProvider clock)
    {
        var rasters = StackRasters.Of(plan, output, work);
        work.Workers.Each(rasters.Count, number => rasters[number].Make(work, plan.Cost.SecondsOfProduct));
        return Publish(plan, output, resultFolder, work, started, clock);
    }

    /// <summary>Makes one raster, unless it waits in the work store.</summary>
    /// <param name="number">Which, below <see cref="Count"/>.</param>
    public static void Make(JobPlan plan, StackOutput output, int number, StageContext work) =>
        StackRasters.Of(plan, output, work)[number].Make(work, plan.Cost.SecondsOfProduct);

    /// <summary>Gives everything its place and name; what was not made before is made now.</summary>
    /// <returns>Names relative to the result folder, job.json last.</returns>
    public static IReadOnlyList<string> Publish(JobPlan plan, StackOutput output, string resultFolder, StageContext work, DateTimeOffset started, TimeProvider clock)
    {
        using var staging = new ResultStaging(resultFolder);
        var rasters = StackRasters.Of(plan, output, work).Select(raster => raster.Publish(Path.Combine(staging.Folder, raster.File.Name), work)).ToList();
        var scales = WritePreviews(rasters, plan, staging.Folder, work);
        WriteStyles(rasters, scales, staging.Folder, work);
        var names = plan.Products;
        ProductFile[] files = [.. rasters.Select(raster => raster.File)];
        var footprint = rasters.Select(raster => raster.Footprint).First(outline => outline is not null)!;
        var counts = SummariseStack.ReadCounts(output.Stack, work.Store);
        AtomicFile.WriteAllText(Path.Combine(staging.Folder, ProductNames.StacItem), StacItem.Json(ResultSubject.Of(plan), files, footprint, names));
        AtomicFile.WriteAllText(Path.Combine(staging.Folder, ProductNames.ReadMe), ResultReadMe.Text(plan, files, counts));
        JobRecord.Write(Path.Combine(staging.Folder, ProductNames.JobFile), plan, output, work, started, clock);
        string? missing = names.FirstOrDefault(n => !File.Exists(Path.Combine(staging.Folder, n)));
        if (missing is not null)
            throw new InvalidOperationException($"The product {missing} was announced and not written.");
        staging.Publish();
        return names;
    }

    /// <returns>The colours of each product that has a preview, by its name.</returns>
    private static Dictionary<string, ColourScale> WritePreviews(IReadOnlyList<PublishedRaster> rasters, JobPlan plan, string folder, StageContext work)
    {
        string[] inputs = [.. plan.Images.Select(i => $"{i.Acquisition.Id}")];
        var previewed = rasters.Where(raster => raster.Copy is not null).ToArray();
        var pictures = new OverlayPicture[previewed.Length];
        var scales = new ColourScale[previewed.Length];
        Directory.CreateDirectory(Path.Combine(folder, ProductNames.Preview));
        work.Workers.Each(previewed.Length, i =>
        {
            var product = previewed[i].File;
            string caption = product switch
            {
                { Kind: PreviewKind.Quality } => $"per cent of pairs with a correlation above {plan.Parameters.Decorrelation.DecorrelationThreshold}",
                { Positive: { } positive } => $"metres, {positive} is positive",
                _ => "metres",
            };
            work.Journal.Run(Stage, $"drawing {product.Title}", plan.Cost.SecondsOfProduct, present: false, () =>
            {
                var files = Previews.Write(
                    Path.Combine(folder, ProductNames.PreviewOf(product.Name)), previewed[i].Copy!,
                    new PreviewOptions { Kind = product.Kind, Title = product.Title, Caption = caption, Inputs = inputs });
                scales[i] = files.Scale;
                pictures[i] = new OverlayPicture(product.Title, $"{product.Options.Description}. {string.Join("; ", inputs)}", files.Overlay, files.Legend);
            });
        });
        OverlayArchive.Write(
            Path.Combine(folder, ProductNames.Overlays(plan)), ProductNames.Identifier(plan), ResultSubject.Of(plan).Summary, plan.Grid,
            plan.Images[0].Acquisition.SensingTime, plan.Images[^1].Acquisition.SensingTime, pictures);
        return previewed.Zip(scales).ToDictionary(preview => preview.First.File.Name, preview => preview.Second);
    }

    /// <summary>After the previews, whose colours the styles repeat; side by side, since a reduced copy of each product is read.</summary>
    private static void WriteStyles(IReadOnlyList<PublishedRaster> rasters, Dictionary<string, ColourScale> scales, string folder, StageContext work) =>
        work.Workers.Each(rasters.Count, i =>
        {
            var file = rasters[i].File;
            string path = Path.Combine(folder, file.Name);
            QgisStyle.Write(path, file.Colours ?? scales.GetValueOrDefault(file.Name) ?? ColourScale.OfFile(file.Kind, path), file.Options.Unit);
        });
}
