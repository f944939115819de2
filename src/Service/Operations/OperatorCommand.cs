using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace GdmOptEtq.Service.Operations;

/// <summary>One word that an operator's command takes.</summary>
/// <param name="Name">As help shows it.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Kind">job, node or queue (known names complete it), number, or text.</param>
public sealed record CommandArgument(string Name, string Summary, string Kind);

/// <summary>One option of an operator's command.</summary>
/// <param name="Name">Without its dashes.</param>
/// <param name="Summary">One sentence, with the default in brackets.</param>
/// <param name="Kind">text, number or switch.</param>
/// <param name="Values">What it may be; empty where it is free.</param>
public sealed record CommandOption(string Name, string Summary, string Kind, IReadOnlyList<string> Values)
{
    public static CommandOption Number(string name, string summary) => new(name, summary, "number", []);

    public static CommandOption Text(string name, string summary, params string[] values) => new(name, summary, "text", values);

    public static CommandOption Switch(string name, string summary) => new(name, summary, "switch", []);
}

/// <summary>An operator's command as the service publishes it; <c>gdm ops</c> builds itself from the list.</summary>
/// <param name="Name">Words separated by blanks, e.g. "job retry".</param>
/// <param name="Summary">One sentence for the list.</param>
/// <param name="Help">What it does, what it leaves alone, and how its exit code reads.</param>
/// <param name="Example">A command line.</param>
/// <param name="Destructive">It ends or removes something: the client asks first.</param>
/// <param name="Method">GET where it only looks, POST where it acts.</param>
/// <param name="Path">Its address; empty for what the client does by itself. Arguments and options are the query's parameters.</param>
/// <param name="Arguments">In their order; all are needed.</param>
/// <param name="Options">Every command also knows --json.</param>
/// <param name="Result">JSON schema of the result.</param>
public sealed record CommandDescription(
    string Name, string Summary, string Help, string Example, bool Destructive, string Method, string Path,
    IReadOnlyList<CommandArgument> Arguments, IReadOnlyList<CommandOption> Options, JsonNode Result);

/// <summary>What GET /operations/commands answers.</summary>
/// <param name="Version">Of the program that answers.</param>
/// <param name="Commands">In the order of the help.</param>
public sealed record CommandList(string Version, IReadOnlyList<CommandDescription> Commands);

/// <summary>How results look as JSON, and the schema that says so; both come from the result's record, so they cannot disagree.</summary>
public static class OperatorJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        // A number is a number, never a string.
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    public static JsonNode SchemaOf(Type result)
    {
        var schema = Options.GetJsonSchemaAsNode(result, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                var description = context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), true).OfType<DescriptionAttribute>().FirstOrDefault();
                if (description is not null && node is JsonObject described)
                    described["description"] = description.Description;
                return node;
            },
        });
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        return schema;
    }
}
