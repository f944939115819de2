using System.Text.Json.Nodes;

namespace GdmOptEtq.Service.Processes;

/// <summary>Answers with what it was sent; lenient, because the conformance suite sends it things that no schema would allow.</summary>
internal static class EchoProcess
{
    public const int MaximumPauseSeconds = 60;

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

    private static JsonObject Input(string title, JsonObject schema, int minimumOccurrences) =>
        new() { ["title"] = title, ["minOccurs"] = minimumOccurrences, ["maxOccurs"] = 1, ["schema"] = schema };
}
