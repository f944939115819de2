using System.Globalization;
using System.Text;
using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Pipeline.ResultDocuments;

/// <summary>README.md of a result: what was computed from what, what each file holds, how good it is, how to cite it. For people; programs read job.json.</summary>
internal static class ResultReadMe
{
    public static string Text(JobPlan plan, IReadOnlyList<ProductFile> rasters, StackCounts counts)
    {
        var text = new StringBuilder();
        Line($"# {ProductNames.Identifier(plan)}");
        Line(ResultSubject.Of(plan).Summary);
        Line("Displacements are relative: the far field is taken as stable. **East and South are positive.** Metres in Analysis, pixels in Displacements "
            + $"(one pixel is {Number(plan.Grid.PixelSizeMetres)} m).");
        if (plan.Holes.Count > 0)
            Line($"**{plan.Holes.Count} tiles could not be matched and are holes in this result;** job.json lists them.");
        Line();
        Line("## Inputs");
        Line("| date and time (UTC) | spacecraft | relative orbit | baseline | product |");
        Line("|---|---|---|---|---|");
        foreach (var image in plan.Images)
        {
            var acquisition = image.Acquisition;
            Line($"| {acquisition.SensingTime.UtcDateTime:yyyy-MM-dd HH:mm:ss} | {acquisition.Spacecraft} | {acquisition.RelativeOrbit} | {image.Product.ProcessingBaseline} | {image.Product.Name} |");
        }

        Line();
        Line($"Band {plan.Parameters.Images.Band}; {plan.Terrain.Sentence}. All parameters stand in job.json and stac-item.json.");
        Line();
        Line("## Quality");
        Line($"A mean displacement is known for {Share(counts.WithMean, counts.Pixels)} of the pixels.");
        foreach (string component in (string[])["EW", "NS"])
        {
            if (rasters.FirstOrDefault(r => r.Name == ProductNames.StandardError(plan, component))?.Statistics is { Count: > 0 } error)
                Line($"Standard error of the mean, {component}: {Number(error.Mean)} m on average, {Number(error.Minimum)} to {Number(error.Maximum)} m.");
        }

        Line();
        Line("| pair | pixels kept | removed by (a pixel may have several reasons) |");
        Line("|---|---|---|");
        foreach (var pair in counts.Pairs)
        {
            string reasons = string.Join(", ", pair.RemovedBy.Where(r => r.Value > 0).Select(r => $"{r.Key} {Share(r.Value, pair.Pixels)}"));
            Line($"| {pair.Pair} | {Share(pair.Valid, pair.Pixels)} | {(reasons.Length == 0 ? "-" : reasons)} |");
        }

        foreach (string warning in plan.Warnings)
            Line($"\nWarning: {warning}");
        Line();
        Line("## Files");
        Line("Every raster is a cloud-optimised GeoTIFF; the `.qml` beside it gives it colours in QGIS. NaN means unknown in rasters of float.");
        Line();
        Line("| file | what it holds | minimum | mean | maximum |");
        Line("|---|---|---|---|---|");
        foreach (var raster in rasters)
        {
            string values = raster is { Statistics: { Count: > 0 } s, Options.Categorical: false } ? $"{Number(s.Minimum)} | {Number(s.Mean)} | {Number(s.Maximum)}" : "- | - | -";
            Line($"| {raster.Name} | {raster.Options.Description} | {values} |");
        }

        Line();
        Line("`Preview` holds a picture of each of the four main products (with legend, alone, legend alone), world files for them, KML, and all of them in one KMZ. "
            + $"`{ProductNames.StacItem}` describes everything for programs, `{ProductNames.JobFile}` is the record of the job.");
        Line();
        Line("## How to cite");
        Line(Citation(plan));
        Line();
        Line("Methods: Stumpf et al. 2017, https://doi.org/10.1016/j.rse.2016.11.007 (matching of time series, statistics); Stumpf et al. 2018, "
            + "https://doi.org/10.3390/rs10020160 (corrections); Provost et al. 2022, https://doi.org/10.1016/j.rse.2022.112949 (the service); Rosu et al. 2015, "
            + "ISPRS Journal of Photogrammetry and Remote Sensing 100, 48-59 (correlation).");
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }

    /// <summary>The notice that the Copernicus data licence asks for, and the program with its version.</summary>
    private static string Citation(JobPlan plan)
    {
        string years = string.Join(", ", plan.Images.Select(i => i.Acquisition.SensingTime.UtcDateTime.Year).Distinct().Order());
        return $"Contains modified Copernicus Sentinel data {years}, processed with GDM-OPT-ETQ {JobRecord.SoftwareVersion}. Input products: {string.Join(", ", plan.Images.Select(i => i.Product.Name))}.";
    }

    private static string Share(long part, long whole) => string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : 100.0 * part / whole):0.0} %");

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
