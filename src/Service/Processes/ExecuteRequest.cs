using System.Text.Json.Nodes;
using GdmOptEtq.Service.Http;

namespace GdmOptEtq.Service.Processes;

/// <summary>Whether a value comes in the answer or as a link to it.</summary>
internal enum Transmission
{
    Value,
    Reference,
}

/// <summary>Addresses that are told how a job goes; null where none was given.</summary>
internal sealed record Subscriber(Uri? Success, Uri? Failed, Uri? InProgress)
{
    public IEnumerable<(string Name, Uri Address)> Addresses()
    {
        if (Success is not null)
            yield return ("subscriber.successUri", Success);
        if (Failed is not null)
            yield return ("subscriber.failedUri", Failed);
        if (InProgress is not null)
            yield return ("subscriber.inProgressUri", InProgress);
    }
}

/// <summary>An execute request as the standard has it.</summary>
/// <param name="Body">As it was sent.</param>
/// <param name="Inputs">Values by name, qualified values unwrapped.</param>
/// <param name="Outputs">Outputs asked for, each with its way if one was named; empty: all.</param>
/// <param name="IsDocument">One JSON document; false: raw; null: not said.</param>
/// <param name="Subscriber">Who is told; null: nobody.</param>
/// <param name="ValidateOnly">Only say what would be done.</param>
internal sealed record ExecuteRequest(
    JsonObject Body, IReadOnlyDictionary<string, JsonNode?> Inputs, IReadOnlyDictionary<string, Transmission?> Outputs, bool? IsDocument, Subscriber? Subscriber, bool ValidateOnly)
{
    private static readonly string[] s_members = ["inputs", "outputs", "response", "subscriber", "validate_only", "mode"];

    /// <summary>Reads the envelope; the inputs themselves are the process's business.</summary>
    /// <param name="body">The JSON object that was sent.</param>
    /// <param name="outputs">Names of the process's outputs.</param>
    /// <param name="faults">One is added for each thing that is wrong.</param>
    public static ExecuteRequest Read(JsonObject body, IReadOnlyCollection<string> outputs, ICollection<InputFault> faults)
    {
        foreach (var (name, _) in body)
        {
            if (!s_members.Contains(name))
                faults.Add(new InputFault(Short(name), $"There is no member '{Short(name)}' of an execute request: the members are {string.Join(", ", s_members[..5])}."));
        }

        var inputs = new Dictionary<string, JsonNode?>();
        if (body["inputs"] is JsonObject given)
        {
            foreach (var (name, value) in given)
                inputs[name] = Unwrapped(value);
        }
        else if (body.ContainsKey("inputs"))
        {
            faults.Add(new InputFault("inputs", "The member inputs is not an object: give {\"name\": value, ...}."));
        }

        bool? document = null;
        if (body.TryGetPropertyValue("response", out var response))
        {
            string? word = Text(response);
            if (word is "raw" or "document")
                document = word == "document";
            else
                faults.Add(new InputFault("response", "The member response is neither 'raw' nor 'document': give one of them."));
        }

        bool validateOnly = false;
        if (body.TryGetPropertyValue("validate_only", out var only) && !(only is JsonValue flag && flag.TryGetValue(out validateOnly)))
            faults.Add(new InputFault("validate_only", "The member validate_only is neither true nor false: give one of them."));
        return new ExecuteRequest(body, inputs, ReadOutputs(body, outputs, faults), document, ReadSubscriber(body, faults), validateOnly);
    }

    /// <summary>The value as a text; null when it is none.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    internal static string Short(string name) => name.Length <= 60 ? name : name[..60] + "...";

    // {"value": ..., "mediaType": ...} stands for its value.
    private static JsonNode? Unwrapped(JsonNode? value) => value is JsonObject qualified && qualified.ContainsKey("value") ? qualified["value"] : value;

    private static Dictionary<string, Transmission?> ReadOutputs(JsonObject body, IReadOnlyCollection<string> known, ICollection<InputFault> faults)
    {
        var outputs = new Dictionary<string, Transmission?>();
        if (!body.TryGetPropertyValue("outputs", out var node) || node is null)
            return outputs;
        if (node is not JsonObject asked)
        {
            faults.Add(new InputFault("outputs", "The member outputs is not an object: give {\"name\": {\"transmissionMode\": \"reference\"}, ...}."));
            return outputs;
        }

        foreach (var (name, wish) in asked)
        {
            if (!known.Contains(name))
            {
                faults.Add(new InputFault($"outputs.{Short(name)}", $"There is no output '{Short(name)}': the outputs are {string.Join(", ", known)}."));
                continue;
            }

            string? mode = wish is JsonObject ? Text(wish["transmissionMode"]) : null;
            if (wish is not null and not JsonObject || (mode is null && (wish as JsonObject)?.ContainsKey("transmissionMode") == true) || mode is not (null or "value" or "reference"))
                faults.Add(new InputFault($"outputs.{name}", $"The output {name} is asked for in a way that is not known: give {{\"transmissionMode\": \"value\"}}, {{\"transmissionMode\": \"reference\"}} or {{}}."));
            else
                outputs[name] = mode switch { "value" => Transmission.Value, "reference" => Transmission.Reference, _ => null };
        }

        return outputs;
    }

    private static Subscriber? ReadSubscriber(JsonObject body, ICollection<InputFault> faults)
    {
        if (!body.TryGetPropertyValue("subscriber", out var node) || node is null)
            return null;
        if (node is not JsonObject given)
        {
            faults.Add(new InputFault("subscriber", "The member subscriber is not an object: give {\"successUri\": \"https://...\"}."));
            return null;
        }

        // The standard's schema names successUrl once and successUri elsewhere; both are understood.
        return new Subscriber(Address("successUri") ?? Address("successUrl"), Address("failedUri"), Address("inProgressUri"));

        Uri? Address(string name)
        {
            if (!given.TryGetPropertyValue(name, out var value) || value is null)
                return null;
            if (Text(value) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                return new Uri(Text(value)!);
            faults.Add(new InputFault($"subscriber.{name}", $"The member {name} of subscriber is not an http or https address: mend it or leave it out."));
            return null;
        }
    }
}
