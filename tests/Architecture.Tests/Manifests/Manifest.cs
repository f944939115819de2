using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GdmOptEtq.Architecture.Tests.Manifests;

/// <summary>One document of a rendered manifest, as the API server would read it: YAML turned into JSON with the types of its plain scalars.</summary>
internal sealed record Manifest(JsonObject Body)
{
    public string Kind => Text("kind");

    public string ApiVersion => Text("apiVersion");

    public string Name => Body["metadata"]?["name"]?.GetValue<string>() ?? "";

    public string Title => $"{Kind} {Name}";

    /// <summary>The pod template of a Deployment, StatefulSet or Job; null for what makes no pods.</summary>
    public JsonNode? PodSpec => Body["spec"]?["template"]?["spec"];

    public IReadOnlyDictionary<string, string> PodLabels => Labels(Body["spec"]?["template"]?["metadata"]?["labels"]);

    public IEnumerable<JsonNode> Containers => ((string[])["initContainers", "containers"])
        .SelectMany(list => PodSpec?[list]?.AsArray() ?? []).OfType<JsonNode>();

    public static IReadOnlyList<Manifest> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => new Manifest((JsonObject)ToJson(document.RootNode)!))];
    }

    public static IReadOnlyDictionary<string, string> Labels(JsonNode? node) =>
        (node as JsonObject)?.ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>()) ?? [];

    /// <summary>A copy with one change.</summary>
    public Manifest With(Action<JsonObject> change)
    {
        var copy = (JsonObject)Body.DeepClone();
        change(copy);
        return new Manifest(copy);
    }

    private string Text(string name) => Body[name]?.GetValue<string>() ?? "";

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "null" or "~" => null,
        "true" => true,
        "false" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) => real,
        _ => text,
    };
}
