using System.Text.Json;

namespace GdmOptEtq.Cli.Terminal;

/// <summary>How the program writes JSON for people.</summary>
internal static class JsonText
{
    public static JsonSerializerOptions Readable { get; } = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same for records, whose names begin small in JSON.</summary>
    public static JsonSerializerOptions ReadableRecords { get; } = new(Readable) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
}
