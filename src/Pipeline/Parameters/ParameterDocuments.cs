using System.Text;
using System.Text.Json.Nodes;

namespace GdmOptEtq.Pipeline.Parameters;

/// <summary>The parameter list as JSON schema and as Markdown.</summary>
public static class ParameterDocuments
{
    /// <summary>JSON Schema (2020-12) of the flat JSON form.</summary>
    public static JsonObject JsonSchema<T>()
        where T : class, new()
    {
        var properties = new JsonObject();
        foreach (var parameter in ParameterSchema<T>.Instance.Parameters)
            properties[parameter.JsonName] = Property(parameter);
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = typeof(T).Name,
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }

    /// <summary>The table in docs/parameters.md.</summary>
    public static string Markdown<T>()
        where T : class, new()
    {
        var text = new StringBuilder();
        text.AppendLine("# Parameters");
        text.AppendLine();
        text.AppendLine("Written by `./gdm parameters --markdown`; a test compares. The option is `--name` on the command line; JSON and YAML take the same name or");
        text.AppendLine("its camelCase form (`window-size`, `windowSize`). Unknown names are refused.");
        foreach (var group in ParameterSchema<T>.Instance.Parameters.GroupBy(p => p.Group))
        {
            text.AppendLine();
            text.AppendLine($"## {ParameterDescription.Kebab(group.Key).Replace('-', ' ')}");
            text.AppendLine("| name | default | range | what it does |");
            text.AppendLine("|---|---|---|---|");
            foreach (var p in group)
                text.AppendLine($"| `{p.OptionName}` | {(p.DefaultText.Length == 0 ? "(empty)" : p.DefaultText)} | {p.RangeText} | {p.Description.Replace("|", "\\|")} |");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static JsonObject Property(ParameterDescription parameter)
    {
        string type = parameter.Kind switch
        {
            ParameterKind.Switch => "boolean",
            ParameterKind.WholeNumber => "integer",
            ParameterKind.Number => "number",
            ParameterKind.TextList => "array",
            _ => "string",
        };
        var property = new JsonObject { ["description"] = parameter.Description };
        property["type"] = parameter.IsOptional ? new JsonArray(type, "null") : type;
        if (parameter.Kind == ParameterKind.TextList)
            property["items"] = new JsonObject { ["type"] = "string" };
        if (parameter.Kind == ParameterKind.Date)
            property["format"] = "date";
        if (parameter.AllowedValues.Count > 0)
            property["enum"] = new JsonArray(parameter.AllowedValues.Select(v => (JsonNode?)v).ToArray());
        if (parameter.Minimum is { } minimum)
            property["minimum"] = minimum;
        if (parameter.Maximum is { } maximum)
            property["maximum"] = maximum;
        property["default"] = JsonValue(parameter.Default);
        property["x-stage"] = parameter.Group;
        if (parameter.Unit is not null)
            property["x-unit"] = parameter.Unit;
        return property;
    }

    /// <summary>A parameter's value as JSON.</summary>
    public static JsonNode? JsonValue(object? value) => value switch
    {
        null => null,
        bool yes => yes,
        int whole => whole,
        double number => number,
        float number => double.Parse(number.ToString(System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable<string> list => new JsonArray(list.Select(v => (JsonNode?)v).ToArray()),
        _ => ParameterDescription.Text(value),
    };

    /// <summary>The completed parameters in their flat JSON form.</summary>
    public static JsonObject Json<T>(T record)
        where T : class, new()
    {
        var json = new JsonObject();
        foreach (var parameter in ParameterSchema<T>.Instance.Parameters)
            json[parameter.JsonName] = JsonValue(parameter.Get(record));
        return json;
    }
}
