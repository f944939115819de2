using System.Text.Json.Nodes;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;

namespace GdmOptEtq.Service.Processes;

/// <summary>Answers with what it was sent; lenient, because the conformance suite sends it things that no schema would allow.</summary>
internal static class EchoProcess
{
    public const int MaximumPauseSeconds = 60;

    private static readonly string[] s_outputs = ["echo", "array"];

    public static JsonObject Inputs() => new()
    {
        ["echo"] = Input("What is answered", new JsonObject { ["type"] = "string" }, 1),
        ["pause"] = Input("Seconds to wait before the answer", new JsonObject { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = MaximumPauseSeconds, ["default"] = 0 }, 0),
        ["array"] = Input("Texts that are answered as they are", new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }, 0),
    };

    public static JsonObject Outputs() => new()
    {
        ["echo"] = new JsonObject { ["title"] = "What was sent", ["schema"] = new JsonObject { ["type"] = "string" } },
        ["array"] = new JsonObject { ["title"] = "The texts that were sent", ["schema"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } } },
    };

    /// <summary>Adds what is wrong; returns the pause, seconds.</summary>
    public static int Check(ExecuteRequest request, ICollection<InputFault> faults)
    {
        if (!request.Inputs.ContainsKey("echo"))
            faults.Add(new InputFault("echo", "The input echo is missing: give a text."));
        if (!request.Inputs.TryGetValue("pause", out var pause) || pause is null)
            return 0;
        if (pause is JsonValue value && value.TryGetValue(out int seconds) && seconds is >= 0 and <= MaximumPauseSeconds)
            return seconds;
        faults.Add(new InputFault("pause", $"The input pause is not a whole number of seconds from 0 to {MaximumPauseSeconds}: mend it."));
        return 0;
    }

    /// <summary>What was asked for, of what was sent.</summary>
    public static IReadOnlyList<ResultPart> Results(ExecuteRequest request) =>
        [.. s_outputs.Where(name => request.Inputs.ContainsKey(name) && (request.Outputs.Count == 0 || request.Outputs.ContainsKey(name)))
            .Select(name => new ResultPart(name, name, "application/json", null, request.Inputs[name]?.DeepClone(), null, Transmission.Value))];

    /// <summary>As <see cref="Results(ExecuteRequest)"/>, from a stored job.</summary>
    public static IReadOnlyList<ResultPart> Results(JsonObject executeBody) => Results(ExecuteRequest.Read(executeBody, s_outputs, []));

    public static int Pause(JsonObject executeBody) => Check(ExecuteRequest.Read(executeBody, s_outputs, []), []);

    private static JsonObject Input(string title, JsonObject schema, int minimumOccurrences) =>
        new() { ["title"] = title, ["minOccurs"] = minimumOccurrences, ["maxOccurs"] = 1, ["schema"] = schema };
}
