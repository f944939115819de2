using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Service.Processes;

/// <summary>The plan of a job as a client reads it: what would be done and what it would take.</summary>
internal static class JobPlanText
{
    public static JsonObject Of(JobParameters parameters, IReadOnlyList<JobPlan> stacks, int threads) => new()
    {
        ["pairs"] = new JsonArray([.. stacks.SelectMany(plan => plan.Pairs).Select(pair => (JsonNode)pair.Name)]),
        ["tiles"] = stacks.Sum(plan => plan.Pairs.Count * plan.Tiles.Tiles.Count),
        ["estimate"] = new JsonObject
        {
            ["minutes"] = Math.Round(stacks.Sum(plan => plan.Cost.Seconds) / 60, 1),
            ["threads"] = threads,
            ["memoryBytes"] = Math.Round(stacks.Max(plan => plan.Cost.MemoryBytes)),
            ["workBytes"] = Math.Round(stacks.Sum(plan => plan.Cost.WorkBytes)),
            ["resultBytes"] = Math.Round(stacks.Sum(plan => plan.Cost.ResultBytes)),
            ["note"] = "Estimates, good to a factor of about two.",
        },
        ["stacks"] = new JsonArray([.. stacks.Select(plan => (JsonNode)new JsonObject
        {
            ["tile"] = plan.Tile,
            ["grid"] = plan.Grid.ToString(),
            ["images"] = new JsonArray([.. plan.Images.Select(image => (JsonNode)new JsonObject
            {
                ["id"] = image.Acquisition.Id.Value,
                ["product"] = image.Product.Name,
                ["datetime"] = Jobs.StatusInfo.Time(image.Acquisition.SensingTime),
                ["relativeOrbit"] = image.Acquisition.RelativeOrbit,
                ["cloudCoverPercent"] = image.Product.DeclaredCloudCoverPercent,
            })]),
            ["pairs"] = new JsonArray([.. plan.Pairs.Select(pair => (JsonNode)new JsonObject { ["name"] = pair.Name, ["days"] = Math.Round(pair.DurationDays, 3) })]),
            ["tilesPerPair"] = plan.Tiles.Tiles.Count,
            ["haloPixels"] = plan.Tiles.HaloPixels,
            ["products"] = new JsonArray([.. plan.Products.Select(product => (JsonNode)product)]),
        })]),
        ["warnings"] = new JsonArray([.. stacks.SelectMany(plan => plan.Warnings).Distinct().Select(warning => (JsonNode)warning)]),
        ["parameters"] = ParameterDocuments.Json(parameters),
    };
}
