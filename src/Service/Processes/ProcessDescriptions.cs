using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Processes;

/// <summary>One process as the standard describes it.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Title">A few words.</param>
/// <param name="Text">What it does.</param>
/// <param name="Modes">sync-execute, async-execute, dismiss.</param>
/// <param name="Inputs">Made anew on each call, since a JSON node has one parent.</param>
/// <param name="Outputs">Made anew on each call.</param>
internal sealed record ProcessDescription(string Id, string Title, string Text, IReadOnlyList<string> Modes, Func<JsonObject> Inputs, Func<JsonObject> Outputs)
{
    public bool MaySynchronously => Modes.Contains("sync-execute");

    public bool MayAsynchronously => Modes.Contains("async-execute");

    public JsonObject Summary(HttpContext http) => new()
    {
        ["id"] = Id,
        ["title"] = Title,
        ["description"] = Text,
        ["version"] = JobRecord.SoftwareVersion,
        ["jobControlOptions"] = new JsonArray([.. Modes.Select(mode => (JsonNode)mode)]),
        ["outputTransmission"] = new JsonArray("value", "reference"),
        ["links"] = new JsonArray(
            http.Link($"/processes/{Id}", "self", "Description"),
            http.Link($"/processes/{Id}/execution", Links.OgcRelations + "execute", "Where to send a job")),
    };

    public JsonObject Description(HttpContext http)
    {
        var description = Summary(http);
        description["inputs"] = Inputs();
        description["outputs"] = Outputs();
        return description;
    }
}

/// <summary>The processes there are. The inputs of the displacement process come from the parameter records, as the options of the command line do.</summary>
internal static class ProcessDescriptions
{
    /// <summary>Input that names the products.</summary>
    public const string Products = "products";

    /// <summary>Input with the user's own words.</summary>
    public const string Title = "title";

    /// <summary>Most products in one job: four images of each of sixteen tiles.</summary>
    public const int MaximumProducts = 64;

    public const string Echo = "echo";

    public static IReadOnlyList<ProcessDescription> All { get; } =
    [
        new(
            StoredJob.DisplacementProcess, "Ground displacement after an earthquake",
            "Measures the displacement of the ground between Sentinel-2 L1C images taken before and after an earthquake: mean displacement East-West and North-South with its standard error, magnitude and quality, and the field of every pair.",
            ["async-execute", "dismiss"], DisplacementInputs, DisplacementOutputs.Describe),
        new(
            Echo, "Echo", "Answers with what it was sent, after a pause where one is asked for: to try a client.",
            ["sync-execute", "async-execute", "dismiss"], EchoProcess.Inputs, EchoProcess.Outputs),
    ];

    public static ProcessDescription? Find(string id) => All.FirstOrDefault(process => process.Id == id);

    private static JsonObject DisplacementInputs()
    {
        var inputs = new JsonObject
        {
            [Products] = new JsonObject
            {
                ["title"] = "Sentinel-2 L1C products",
                ["description"] = "Two to four images of a tile (of several tiles of one event: of each), from before and after the earthquake: names as GET /catalogue/products lists them, uploads ('upload:ID' from POST /uploads), or links to zip archives on servers that the operator allows.",
                ["minOccurs"] = 2,
                ["maxOccurs"] = MaximumProducts,
                ["schema"] = new JsonObject
                {
                    ["oneOf"] = new JsonArray(
                        new JsonObject { ["type"] = "string", ["description"] = "Name of a product, or upload:ID." },
                        new JsonObject
                        {
                            ["type"] = "object",
                            ["required"] = new JsonArray("href"),
                            ["properties"] = new JsonObject { ["href"] = new JsonObject { ["type"] = "string", ["format"] = "uri" }, ["type"] = new JsonObject { ["type"] = "string" } },
                        }),
                },
            },
            [Title] = new JsonObject
            {
                ["title"] = "Title",
                ["description"] = "Your own words for the job, at most 200 characters.",
                ["minOccurs"] = 0,
                ["schema"] = new JsonObject { ["type"] = "string", ["maxLength"] = 200, ["default"] = "" },
            },
        };
        var schema = (JsonObject)ParameterDocuments.JsonSchema<JobParameters>()["properties"]!;
        foreach (var parameter in ParameterSchema<JobParameters>.Instance.Parameters)
        {
            var property = ((JsonObject)schema[parameter.JsonName]!).DeepClone().AsObject();
            string text = property["description"]!.GetValue<string>();
            property.Remove("description");
            // The parameters are those of OpenAPI 3.0: a value that may be absent is 'nullable', not one of two types.
            if (property["type"] is JsonArray types)
            {
                property["type"] = types[0]!.GetValue<string>();
                property["nullable"] = true;
            }

            if (property["default"] is null)
                property.Remove("default");
            inputs[parameter.JsonName] = new JsonObject
            {
                ["title"] = parameter.OptionName.Replace('-', ' '),
                ["description"] = text,
                ["minOccurs"] = 0,
                ["maxOccurs"] = 1,
                ["schema"] = property,
                ["metadata"] = new JsonArray(new JsonObject { ["role"] = "stage", ["title"] = parameter.Group }),
            };
        }

        return inputs;
    }
}
