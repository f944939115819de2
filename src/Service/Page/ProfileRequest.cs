using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Pipeline.Profiles;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Page;

/// <summary>What a request for profiles names: a line across the fault, or a trace along it.</summary>
/// <param name="Across">Two points in the reference system of the result, metres; null where a trace is given.</param>
/// <param name="Trace">GeoJSON or KML; null where a line across is given.</param>
/// <param name="Parameters">Completed.</param>
internal sealed record ProfileRequest(((double Easting, double Northing) From, (double Easting, double Northing) To)? Across, string? Trace, FaultProfileParameters Parameters)
{
    /// <summary>Largest body: a trace of some ten thousand points.</summary>
    public const int MaximumBytes = 1_000_000;

    /// <summary>Most profiles of one request; each reads a square of the rasters.</summary>
    private const int MaximumProfiles = 500;

    private const string Form =
        "Send {\"across\": [[easting, northing], [easting, northing]]} in metres of the result, or {\"trace\": GeoJSON, or the text of a GeoJSON or KML file}, and \"parameters\" as gdm profile has them.";

    public static async Task<ProfileRequest> ReadAsync(HttpContext http)
    {
        using var text = new MemoryStream();
        byte[] part = new byte[1 << 14];
        for (int read; (read = await http.Request.Body.ReadAsync(part, http.RequestAborted)) > 0;)
        {
            text.Write(part, 0, read);
            if (text.Length > MaximumBytes)
                throw new ProblemException(Problem.OfStatus(413, $"The fault trace is larger than {MaximumBytes / 1000} kB: simplify it, for example to a point every 100 m."));
        }

        JsonObject body;
        try
        {
            body = JsonNode.Parse(text.ToArray(), documentOptions: new JsonDocumentOptions { MaxDepth = 32 }) as JsonObject ?? throw Wrong("is not a JSON object");
        }
        catch (JsonException)
        {
            throw Wrong("is not JSON");
        }

        var faults = new List<InputFault>();
        var parameters = ReadParameters(body["parameters"], faults);
        if (faults.Count > 0)
            throw new ProblemException(Problem.InvalidInput(faults));
        return (body["across"], body["trace"]) switch
        {
            (JsonArray line, null) => new ProfileRequest(ReadLine(line), null, parameters),
            (null, JsonObject geoJson) => new ProfileRequest(null, geoJson.ToJsonString(), parameters),
            (null, JsonValue value) when value.TryGetValue(out string? file) => new ProfileRequest(null, file, parameters),
            _ => throw Wrong("names neither a line across the fault nor a trace along it, or both"),
        };
    }

    /// <summary>Measures; the trace comes back in the reference system of the result.</summary>
    public (IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> Trace, IReadOnlyList<FaultProfile> Profiles, FaultProfileParameters Parameters) Measure(
        MeanDisplacement displacement, Workers workers)
    {
        if (Across is var (from, to) && Across is not null)
        {
            var profile = displacement.Across(from, to, Parameters, workers);
            return ([], [profile], Parameters with { HalfLength = MeanDisplacement.Length([from, to]) / 2000 });
        }

        var trace = displacement.TraceOf(Trace!);
        double count = trace.Sum(line => Math.Max(1, MeanDisplacement.Length(line) / (1000 * Parameters.Spacing)));
        if (!(count <= MaximumProfiles))
            throw new InputException($"The fault trace would take {count:0} profiles, and {MaximumProfiles} are allowed at once: make the spacing larger, or the trace shorter.");
        return (trace, displacement.Profiles(trace, Parameters, workers), Parameters);
    }

    private static FaultProfileParameters ReadParameters(JsonNode? given, List<InputFault> faults)
    {
        if (given is null)
            return new FaultProfileParameters();
        if (given is not JsonObject values)
            throw Wrong("has parameters that are not a JSON object");
        var schema = ParameterSchema<FaultProfileParameters>.Instance;
        var reasons = new List<string>();
        var parameters = schema.Read(values.Select(value => new KeyValuePair<string, IReadOnlyList<string>>(value.Key, [value.Value?.ToString() ?? ""])), null, reasons);
        faults.AddRange(reasons.Concat(schema.Refusals(parameters)).Select(reason => new InputFault("parameters", reason)));
        return parameters;
    }

    private static ((double, double), (double, double)) ReadLine(JsonArray line)
    {
        return line.Count == 2 ? (Point(line[0]), Point(line[1])) : throw Wrong("has a line across the fault that is not two points");

        static (double, double) Point(JsonNode? node) =>
            node is JsonArray { Count: 2 } point && point[0] is JsonValue x && point[1] is JsonValue y && x.TryGetValue(out double easting) && y.TryGetValue(out double northing)
                ? (easting, northing)
                : throw Wrong("has a point that is not two numbers");
    }

    private static ProblemException Wrong(string what) => new(Problem.BadRequest($"The request {what}. {Form}", "invalid-profile-request"));
}
