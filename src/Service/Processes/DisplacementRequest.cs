using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Catalogue;
using GdmOptEtq.Service.Http;

namespace GdmOptEtq.Service.Processes;

/// <summary>The checked inputs of one displacement job.</summary>
/// <param name="Parameters">Completed.</param>
/// <param name="Products">Where each product is or comes from.</param>
/// <param name="Title">The user's own words.</param>
internal sealed record DisplacementRequest(JobParameters Parameters, IReadOnlyList<InputSource> Products, string Title)
{
    public const int MaximumTitle = 200;

    /// <summary>Parameters that name files of the server.</summary>
    private static readonly string[] s_files = ["dem", "waterOccurrence", "faultTrace", "stableArea"];

    private static readonly string[] s_elevation = ["merit", "cop-dem-glo-30", "none"];

    /// <summary>Reads and checks every input; each fault is added, none is thrown.</summary>
    public static async Task<DisplacementRequest> ReadAsync(ExecuteRequest request, InputSources sources, Caller caller, ICollection<InputFault> faults, CancellationToken cancellation)
    {
        var schema = ParameterSchema<JobParameters>.Instance;
        var texts = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        string title = "";
        var products = new List<InputSource>();
        foreach (var (name, value) in request.Inputs)
        {
            if (name == ProcessDescriptions.Title)
                title = ReadTitle(value, faults);
            else if (name == ProcessDescriptions.Products)
                products = await ReadProductsAsync(value, sources, caller, faults, cancellation);
            else if (schema.Find(name) is not { } parameter)
                faults.Add(new InputFault(ExecuteRequest.Short(name), $"There is no input '{ExecuteRequest.Short(name)}'.{Suggestion.For(ExecuteRequest.Short(name), schema.Parameters.Select(known => known.JsonName).Concat([ProcessDescriptions.Products, ProcessDescriptions.Title]))}"));
            else if (Texts(parameter, value, faults) is { } read)
                texts.Add(new(parameter.JsonName, read));
        }

        if (!request.Inputs.ContainsKey(ProcessDescriptions.Products))
            faults.Add(new InputFault(ProcessDescriptions.Products, "The input products is missing: name two to four images of a tile."));
        var parameters = new JobParameters();
        foreach (var text in texts)
        {
            var reasons = new List<string>();
            parameters = schema.Read([text], parameters, reasons);
            foreach (string reason in reasons)
                faults.Add(new InputFault(text.Key, reason));
        }

        if (parameters.SlopeMask.SlopeMaskMinimum > parameters.SlopeMask.SlopeMaskMaximum)
            faults.Add(new InputFault("slopeMaskMinimum", "The slope mask minimum is larger than the slope mask maximum: exchange them."));
        if (parameters.Pairing.MinimumMatchingRange > parameters.Pairing.MaximumMatchingRange)
            faults.Add(new InputFault("minimumMatchingRange", "The minimum matching range is larger than the maximum matching range: exchange them."));
        return new DisplacementRequest(CheckFiles(parameters, sources, faults), products, title);
    }

    private static string ReadTitle(JsonNode? value, ICollection<InputFault> faults)
    {
        if (ExecuteRequest.Text(value) is { } title && title.Length <= MaximumTitle && !title.Any(char.IsControl))
            return title.Trim();
        faults.Add(new InputFault(ProcessDescriptions.Title, $"The input title is not a text of one line with at most {MaximumTitle} characters: shorten it."));
        return "";
    }

    private static async Task<List<InputSource>> ReadProductsAsync(JsonNode? value, InputSources sources, Caller caller, ICollection<InputFault> faults, CancellationToken cancellation)
    {
        var found = new List<InputSource>();
        var items = value is JsonArray array ? array.ToList() : [value];
        if (items.Count is < 2 or > ProcessDescriptions.MaximumProducts)
        {
            faults.Add(new InputFault(ProcessDescriptions.Products, $"The input products holds {items.Count} {(items.Count == 1 ? "product" : "products")}: give at least two images, and at most {ProcessDescriptions.MaximumProducts}."));
            if (items.Count > ProcessDescriptions.MaximumProducts)
                return found;
        }

        foreach (var item in items)
        {
            var (source, reason) = await sources.FindAsync(item, caller, cancellation);
            if (source is null)
                faults.Add(new InputFault(ProcessDescriptions.Products, reason));
            else if (found.Contains(source))
                faults.Add(new InputFault(ProcessDescriptions.Products, $"The product {source.Label} is given twice: name each image once."));
            else
                found.Add(source);
        }

        return found;
    }

    /// <summary>A JSON value as the texts that the parameter understands; null, and a fault, when its type is not the parameter's.</summary>
    private static IReadOnlyList<string>? Texts(ParameterDescription parameter, JsonNode? value, ICollection<InputFault> faults)
    {
        if (value is null)
        {
            if (parameter.IsOptional)
                return [""];
            return Wrong("null");
        }

        if (parameter.Kind == ParameterKind.TextList)
        {
            var items = value is JsonArray array ? array.ToList() : [value];
            return items.All(item => ExecuteRequest.Text(item) is not null) ? [.. items.Select(item => ExecuteRequest.Text(item)!)] : Wrong("not a list of texts");
        }

        string? found = value.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False when parameter.Kind == ParameterKind.Switch => value.ToJsonString(),
            JsonValueKind.Number when parameter.Kind == ParameterKind.Number => value.ToJsonString(),
            JsonValueKind.Number when parameter.Kind == ParameterKind.WholeNumber => Whole(value.ToJsonString()),
            JsonValueKind.String when parameter.Kind is ParameterKind.Text or ParameterKind.Choice or ParameterKind.Date => ExecuteRequest.Text(value),
            _ => null,
        };
        return found is null ? Wrong(Kind(value)) : [found];

        IReadOnlyList<string>? Wrong(string what)
        {
            string wanted = parameter.Kind switch
            {
                ParameterKind.Switch => "true or false",
                ParameterKind.WholeNumber => "a whole number",
                ParameterKind.Number => "a number",
                ParameterKind.Date => "a date \"yyyy-MM-dd\"",
                ParameterKind.TextList => "a list of texts",
                ParameterKind.Choice => $"one of {string.Join(", ", parameter.AllowedValues.Select(choice => $"\"{choice}\""))}",
                _ => "a text",
            };
            string range = parameter.Kind is ParameterKind.WholeNumber or ParameterKind.Number && parameter.RangeText.Length > 0 ? $" from {parameter.RangeText}" : "";
            faults.Add(new InputFault(parameter.JsonName, $"The input {parameter.JsonName} is {what}: give {wanted}{range}."));
            return null;
        }
    }

    // JSON does not tell 3 from 3.0, and neither does JSON Schema.
    private static string Whole(string number) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value == Math.Floor(value) && Math.Abs(value) < 1e15
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : number;

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };

    // Nothing outside the configured folders is opened for a request, whatever door it comes through.
    private static JobParameters CheckFiles(JobParameters parameters, InputSources sources, ICollection<InputFault> faults)
    {
        var schema = ParameterSchema<JobParameters>.Instance;
        foreach (string name in s_files)
        {
            var parameter = schema.Find(name)!;
            var given = parameter.Get(parameters) switch { string one when one.Length > 0 => [one], IEnumerable<string> list => list.ToArray(), _ => Array.Empty<string>() };
            var resolved = new List<string>();
            foreach (string path in given)
            {
                if (name == "dem" && s_elevation.Contains(path))
                    resolved.Add(path);
                else if (sources.FindFile(path) is { } file)
                    resolved.Add(file);
                else
                    faults.Add(new InputFault(name, $"The input {name} names a file that is not in the folders of this service: give {(name == "dem" ? "merit, cop-dem-glo-30, none, or " : "")}the path of a file under its products folders."));
            }

            if (resolved.Count == given.Length && resolved.Count > 0)
                parameters = schema.Read([new(name, resolved)], parameters, []);
        }

        return parameters;
    }
}
