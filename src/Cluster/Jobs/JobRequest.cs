using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>What a job was asked to do: which products, with which parameters, where to. Kept as JSON in the job store and in the work store.</summary>
/// <param name="Inputs">Paths of SAFE products, of one tile or of several tiles of one event.</param>
/// <param name="Parameters">Completed parameters.</param>
/// <param name="Out">Folder of the result.</param>
public sealed record JobRequest(IReadOnlyList<string> Inputs, JobParameters Parameters, string Out)
{
    public string ToJson() => new JsonObject
    {
        ["inputs"] = new JsonArray([.. Inputs.Select(input => (JsonNode?)input)]),
        ["parameters"] = ParameterDocuments.Json(Parameters),
        ["out"] = Out,
    }.ToJsonString();

    /// <exception cref="InputException">The text is no request; the sentence says what is wrong.</exception>
    public static JobRequest Parse(string json)
    {
        try
        {
            var root = JsonNode.Parse(json)!.AsObject();
            var reasons = new List<string>();
            var values = ConfigurationFile.Parse(root["parameters"]?.ToJsonString() ?? "{}", "the request");
            var parameters = ParameterSchema<JobParameters>.Instance.Read(values, null, reasons);
            if (reasons.Count > 0)
                throw new InputException(string.Join(' ', reasons));
            return new JobRequest([.. root["inputs"]!.AsArray().Select(input => input!.GetValue<string>())], parameters, root["out"]!.GetValue<string>());
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new InputException("The job's request is not the JSON object {inputs, parameters, out} that it should be: submit the job again.", cause);
        }
    }
}
