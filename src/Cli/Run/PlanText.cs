using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Cli.Run;

/// <summary>A plan in words for a newcomer, and as JSON.</summary>
internal static class PlanText
{
    public static void Write(JobPlan plan, RunRequest request, TextWriter output)
    {
        var grid = plan.Grid;
        output.WriteLine($"Tile {plan.Tile}, band {plan.Parameters.Images.Band}: {grid.Width} x {grid.Height} pixels of {grid.PixelSizeMetres:0.#} m.");
        output.WriteLine();
        output.WriteLine($"{plan.Images.Count} images");
        foreach (var image in plan.Images)
        {
            output.WriteLine($"  {image.Acquisition.SensingTime.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {image.Acquisition.Spacecraft}, orbit {image.Acquisition.RelativeOrbit}, "
                + $"baseline {image.Product.ProcessingBaseline}{Cloud(image)}  {image.Product.Name}");
        }

        output.WriteLine();
        output.WriteLine($"{plan.Pairs.Count} {(plan.Pairs.Count == 1 ? "pair" : "pairs")} ({Rule(plan)})");
        foreach (var pair in plan.Pairs)
            output.WriteLine($"  {pair.Reference.DateStamp} -> {pair.Secondary.DateStamp}  ({pair.DurationDays:+0.#;-0.#} days)");
        output.WriteLine();
        output.WriteLine("What will happen");
        int step = 0;
        foreach (string line in Steps(plan))
            output.WriteLine($"  {++step}. {line}");
        output.WriteLine();
        output.WriteLine("What it will cost (estimates, good to a factor of about two)");
        output.WriteLine($"  time     {Duration(plan.Cost.Seconds)} with {request.Threads} {(request.Threads == 1 ? "thread" : "threads")}");
        output.WriteLine($"  memory   {Size(plan.Cost.MemoryBytes)}");
        output.WriteLine($"  disk     {Size(plan.Cost.WorkBytes)} in {request.Places.Work} (kept for the next run; --clean removes it), {Size(plan.Cost.ResultBytes)} in {request.Places.Out}");
        output.WriteLine();
        output.WriteLine($"{plan.Products.Count} files in {request.Places.Out}");
        foreach (string product in plan.Products)
            output.WriteLine($"  {product}");
        if (plan.Warnings.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Mind");
            foreach (string warning in plan.Warnings)
                output.WriteLine($"  {warning}");
        }
    }

    public static JsonObject Json(JobPlan plan, RunRequest request) => new()
    {
        ["tile"] = plan.Tile,
        ["grid"] = plan.Grid.ToString(),
        ["images"] = new JsonArray(plan.Images.Select(i => (JsonNode?)i.Acquisition.Id.Value).ToArray()),
        ["pairs"] = new JsonArray(plan.Pairs.Select(p => (JsonNode?)p.Name).ToArray()),
        ["tiles"] = plan.Tiles.Tiles.Count,
        ["haloPixels"] = plan.Tiles.HaloPixels,
        ["estimate"] = new JsonObject
        {
            ["seconds"] = Math.Round(plan.Cost.Seconds),
            ["threads"] = request.Threads,
            ["memoryBytes"] = Math.Round(plan.Cost.MemoryBytes),
            ["workBytes"] = Math.Round(plan.Cost.WorkBytes),
            ["resultBytes"] = Math.Round(plan.Cost.ResultBytes),
        },
        ["products"] = new JsonArray(plan.Products.Select(p => (JsonNode?)p).ToArray()),
        ["warnings"] = new JsonArray(plan.Warnings.Select(w => (JsonNode?)w).ToArray()),
        ["parameters"] = ParameterDocuments.Json(plan.Parameters),
    };

    private static IEnumerable<string> Steps(JobPlan plan)
    {
        var parameters = plan.Parameters;
        string terrain = char.ToUpperInvariant(plan.Terrain.Sentence[0]) + plan.Terrain.Sentence[1..];
        yield return plan.Terrain.IsAvailable
            ? $"{terrain}; slopes of {parameters.SlopeMask.SlopeMaskMinimum:0.#} to {parameters.SlopeMask.SlopeMaskMaximum:0.#} degrees are removed."
            : $"{terrain}; no slope is removed.";
        int masked = plan.Images.Count(JobPlan.HasSpectralMask);
        yield return masked == 0
            ? "No spectral mask: the images lack the bands for it."
            : $"Clouds, shadows, snow and water are found in {masked} {(masked == 1 ? "image" : "images")}"
                + $" (clouds {(parameters.SpectralMask.CloudMask ? "removed" : "kept")}, snow {(parameters.SpectralMask.SnowMask ? "removed" : "kept")}, water removed).";
        yield return $"Each pair is matched in {plan.Tiles.Tiles.Count} {(plan.Tiles.Tiles.Count == 1 ? "tile" : "tiles")} with {plan.Tiles.HaloPixels} px of overlap: "
            + (parameters.Matching.Method == MatchingMethod.OpticalFlow
                ? "optical flow."
                : $"correlation of {2 * parameters.Correlation.WindowSize + 1} x {2 * parameters.Correlation.WindowSize + 1} px windows, displacements up to {parameters.Correlation.SpatialMatchingRange:0.#} px.");
        yield return parameters.Correction.ApplyCorrection
            ? $"Shift, ramp and detector steps{(parameters.Correction.JitterCorrection ? ", and jitter," : "")} are estimated and removed."
            : "The fields stay as they are: corrections and filtering are switched off.";
        yield return $"Pixels with a correlation below {parameters.Decorrelation.DecorrelationThreshold:0.##}"
            + (parameters.Correction.ApplyCorrection ? $", or moved by more than {parameters.Filtering.MaximumDisplacement:0.#} px," : "") + " are removed.";
        yield return plan.Pairs.Count == 1
            ? "The pair becomes the mean displacement (East and South positive, metres) with its standard error."
            : $"The {plan.Pairs.Count} pairs become the mean displacement (East and South positive, metres) with its standard error.";
    }

    private static string Rule(JobPlan plan)
    {
        var pairing = plan.Parameters.Pairing;
        string rule = pairing.SplitDate is { } split
            ? $"every image before {split:yyyy-MM-dd} with every image from then on"
            : $"{pairing.MinimumMatchingRange} to {pairing.MaximumMatchingRange} acquisitions apart";
        return rule + (pairing.MatchingDirection == Science.Pairing.MatchingDirection.ForwardBackward ? ", both ways" : "");
    }

    private static string Cloud(PlannedImage image) =>
        image.Product.DeclaredCloudCoverPercent is { } percent ? $", {percent:0} % cloud declared" : "";

    private static string Duration(double seconds) => seconds < 90 ? $"{Math.Max(1, seconds):0} seconds" : seconds < 5400 ? $"{seconds / 60:0} minutes" : $"{seconds / 3600:0.0} hours";

    private static string Size(double bytes) => bytes < 1e9 ? $"{bytes / 1e6:0} MB" : $"{bytes / 1e9:0.0} GB";
}
