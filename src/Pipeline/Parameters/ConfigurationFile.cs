using System.Text.Json;
using GdmOptEtq.Science.Rasters;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace GdmOptEtq.Pipeline.Parameters;

/// <summary>Reads parameters from a YAML or JSON file: a flat mapping, or a mapping with <c>parameters</c> or <c>inputs</c> inside, as job.json has it.</summary>
public static class ConfigurationFile
{
    private const int MaximumCharacters = 1 << 20;

    // Stream, document, mapping, "parameters", list; a few to spare.
    private const int MaximumDepth = 8;

    /// <summary>Name to values, in the order of the file.</summary>
    /// <exception cref="InputException">The file is missing, unreadable or not a mapping.</exception>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The configuration {path} cannot be read ({cause.Message}): check the name and the permissions.", cause);
        }

        return Parse(text, path);
    }

    /// <summary>As <see cref="Read"/>, from text; <paramref name="name"/> stands for the file in error sentences.</summary>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Parse(string text, string name) =>
        text.TrimStart().StartsWith('{') ? ParseJson(text, name) : ParseYaml(text, name);

    private static List<KeyValuePair<string, IReadOnlyList<string>>> ParseJson(string text, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var root = document.RootElement;
            foreach (string inner in (string[])["parameters", "inputs"])
            {
                if (root.TryGetProperty(inner, out var element) && element.ValueKind == JsonValueKind.Object)
                {
                    root = element;
                    break;
                }
            }

            var values = new List<KeyValuePair<string, IReadOnlyList<string>>>();
            foreach (var property in root.EnumerateObject())
                values.Add(new(property.Name, Values(property.Value, property.Name, name)));
            return values;
        }
        catch (JsonException cause)
        {
            throw new InputException($"The configuration {name} is not valid JSON (line {cause.LineNumber + 1}): mend it there.", cause);
        }
    }

    private static IReadOnlyList<string> Values(JsonElement element, string key, string name) => element.ValueKind switch
    {
        JsonValueKind.Null => [""],
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(e => Values(e, key, name)).ToArray(),
        JsonValueKind.Object => throw new InputException($"In the configuration {name}, '{key}' is an object: give one value or a list."),
        _ => [element.GetRawText()],
    };

    private static List<KeyValuePair<string, IReadOnlyList<string>>> ParseYaml(string text, string name)
    {
        try
        {
            RefuseNesting(text, name);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count == 0)
                return [];
            if (yaml.Documents[0].RootNode is not YamlMappingNode root)
                throw new InputException($"The configuration {name} is not a list of 'name: value' lines: write one parameter per line.");
            foreach (string inner in (string[])["parameters", "inputs"])
            {
                if (root.Children.TryGetValue(inner, out var node) && node is YamlMappingNode mapping)
                {
                    root = mapping;
                    break;
                }
            }

            return root.Children.Select(child => new KeyValuePair<string, IReadOnlyList<string>>(child.Key.ToString(), child.Value switch
            {
                YamlScalarNode scalar => [IsNull(scalar) ? "" : scalar.Value!],
                YamlSequenceNode list => list.Children.Select(n => n.ToString()).ToArray(),
                _ => throw new InputException($"In the configuration {name}, '{child.Key}' is a mapping: give one value or a list."),
            })).ToList();
        }
        catch (YamlException cause)
        {
            throw new InputException($"The configuration {name} is not valid YAML (line {cause.Start.Line}): mend it there.", cause);
        }
    }

    // Nodes are built and printed recursively, and a few lines of aliases of aliases stand for gigabytes: a list of parameters needs neither depth nor aliases.
    private static void RefuseNesting(string text, string name)
    {
        if (text.Length > MaximumCharacters)
            throw new InputException($"The configuration {name} has {text.Length} characters, far more than the parameters have: give a file with parameters only.");
        var parser = new Parser(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaximumDepth || parser.Current is AnchorAlias)
                throw new InputException($"The configuration {name} nests or repeats values by reference (line {parser.Current.Start.Line}): write plain 'name: value' lines.");
        }
    }

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Value is null || (scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null");
}
