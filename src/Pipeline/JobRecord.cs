using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Pipeline;

/// <summary>job.json: what was done, with what, by which version, how long it took, and what every pixel fell to.</summary>
public static class JobRecord
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DictionaryKeyPolicy = JsonNamingPolicy.CamelCase,
    };

    public static string SoftwareVersion { get; } =
        typeof(JobRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Release of the GDAL library that is loaded, e.g. 3.6.2.</summary>
    /// <exception cref="GdmOptEtq.Science.Rasters.InputException">There is none; the sentence says how to install it.</exception>
    public static string GdalVersion => GdalLibrary.Version;

    internal static void Write(string path, JobPlan plan, StackOutput output, StageContext work, DateTimeOffset started, TimeProvider clock)
    {
        var counts = SummariseStack.ReadCounts(output.Stack, work.Store);
        var record = new JsonObject
        {
            ["state"] = plan.Holes.Count == 0 ? "succeeded" : "succeededWithGaps",
            ["holes"] = new JsonArray(plan.Holes.Order().Select(hole => (JsonNode?)new JsonObject { ["pair"] = plan.Pairs[hole.Pair].Name, ["core"] = plan.Tiles.Tiles[hole.Tile].Core.ToString() }).ToArray()),
            ["started"] = started.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["finished"] = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["convention"] = "East and South are positive; metres in Analysis, pixels in Displacements. Displacements are relative: the far field is taken as stable.",
            ["tile"] = plan.Tile,
            ["grid"] = Node(plan.Grid),
            ["parameters"] = ParameterDocuments.Json(plan.Parameters),
            ["inputs"] = new JsonArray(plan.Images.Select(Input).ToArray()),
            ["terrain"] = plan.Terrain.Sentence,
            ["pairs"] = new JsonArray(output.Pairs.Select((pair, k) => Pair(pair, counts.Pairs[k], work)).ToArray()),
            ["masks"] = new JsonArray(output.Images.Values.Where(i => i.MaskKey is not null).Select(i => MaskAcquisition.Report(i, work)).ToArray()),
            ["pixels"] = counts.Pixels,
            ["pixelsWithMean"] = counts.WithMean,
            ["warnings"] = new JsonArray(work.Journal.Warnings.Select(w => (JsonNode?)w).ToArray()),
            ["stages"] = Node(work.Journal.Stages),
            ["versions"] = new JsonObject
            {
                ["gdmOptEtq"] = SoftwareVersion,
                ["gdal"] = GdalLibrary.Version,
                ["runtime"] = Environment.Version.ToString(),
            },
            ["products"] = new JsonArray(plan.Products.Select(p => (JsonNode?)p).ToArray()),
        };
        AtomicFile.WriteAllText(path, record.ToJsonString(Readable) + "\n");
    }

    private static JsonObject Input(PlannedImage image) => new()
    {
        ["id"] = image.Acquisition.Id.Value,
        ["product"] = image.Product.Name,
        ["sensingTime"] = image.Acquisition.SensingTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        ["spacecraft"] = image.Acquisition.Spacecraft,
        ["relativeOrbit"] = image.Acquisition.RelativeOrbit,
        ["processingBaseline"] = image.Product.ProcessingBaseline,
        ["contentSha256"] = image.BandContent,
    };

    private static JsonObject Pair(PairOutput pair, PairCounts counts, StageContext work)
    {
        var model = CorrectPair.ReadModel(pair.Corrected, work.Store);
        return new JsonObject
        {
            ["pair"] = pair.Pair.Name,
            ["backward"] = pair.Pair.IsBackward,
            ["days"] = Math.Round(pair.Pair.DurationDays, 3),
            ["pixels"] = counts.Pixels,
            ["valid"] = counts.Valid,
            ["removedBy"] = Node(counts.RemovedBy),
            ["correction"] = model is null ? null : new JsonObject
            {
                ["trackAngleDegrees"] = model.TrackAngleDegrees,
                ["detectorRegions"] = Node(model.Layout?.Regions),
                ["stepsEastPixels"] = Node(model.StepsDx),
                ["stepsSouthPixels"] = Node(model.StepsDy),
                ["planeEastPixels"] = Node(model.PlaneDx),
                ["planeSouthPixels"] = Node(model.PlaneDy),
                ["planeProtectedFrom"] = Node(model.Report.Rupture),
                ["planeEastErrorPixels"] = Node(model.PlaneVarianceDx.StandardErrors),
                ["planeSouthErrorPixels"] = Node(model.PlaneVarianceDy.StandardErrors),
                ["jitter"] = Node(model.Jitter.Select(j => new { j.ParityGroup, j.RmsDx, j.RmsDy })),
                ["jitterCorrelation"] = Node(model.Report.JitterCorrelation),
                ["stages"] = Node(model.Report.Stages),
            },
        };
    }

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Readable);
}
