using System.Text.Json;
using System.Text.Json.Nodes;

namespace GdmOptEtq.EndToEnd.Tests.Operator;

/// <summary>Checks JSON against the part of JSON Schema that the published schemas use; anything else in a schema is an error, so nothing is passed unchecked.</summary>
internal static class SchemaCheck
{
    private static readonly HashSet<string> Known = ["$schema", "type", "properties", "required", "items", "enum", "description", "format", "$ref"];

    /// <summary>All offences with the place of each.</summary>
    public static IReadOnlyList<string> Offences(JsonNode? value, JsonNode schema, string place = "$")
    {
        if (schema is not JsonObject rules)
            return [$"{place}: the schema is no object"];
        if (rules["$ref"] is { } reference)
            return Offences(value, Resolve(schema.Root, reference.GetValue<string>()), place);
        var offences = rules.Select(rule => rule.Key).Where(key => !Known.Contains(key)).Select(key => $"{place}: the check does not know '{key}'").ToList();
        if (rules["type"] is { } type && !Types(type).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(type).Contains("number")))
            return [.. offences, $"{place}: {TypeOf(value)} instead of {type.ToJsonString()}"];
        if (rules["enum"] is JsonArray values && !values.Any(allowed => JsonNode.DeepEquals(allowed, value)))
            offences.Add($"{place}: {value?.ToJsonString()} is none of {values.ToJsonString()}");
        if (rules["format"] is { } format && value is not null && !(format.GetValue<string>() == "date-time" && DateTimeOffset.TryParse(value.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture, out _)))
            offences.Add($"{place}: {value.ToJsonString()} is no {format}");
        if (value is JsonObject members)
        {
            var properties = rules["properties"] as JsonObject ?? [];
            offences.AddRange((rules["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>()).Where(name => !members.ContainsKey(name)).Select(name => $"{place}: {name} is missing"));
            foreach (var (name, member) in members)
                offences.AddRange(properties[name] is { } inner ? Offences(member, inner, $"{place}.{name}") : [$"{place}: {name} is not in the schema"]);
        }

        if (value is JsonArray items && rules["items"] is { } each)
            offences.AddRange(items.SelectMany((item, index) => Offences(item, each, $"{place}[{index}]")));
        return offences;
    }

    // A type that occurs twice is written once; the other place points to it, from the root of the schema.
    private static JsonNode Resolve(JsonNode root, string pointer)
    {
        var node = root;
        foreach (string part in pointer.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node is JsonArray list ? list[int.Parse(part)]! : node[part] ?? throw new InvalidOperationException($"{pointer} points nowhere.");
        return node;
    }

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(one => one!.GetValue<string>()) : [type.GetValue<string>()];

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => value.AsValue().TryGetValue(out long _) ? "integer" : "number",
    };
}
