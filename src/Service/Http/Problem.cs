using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Http;

/// <summary>What is wrong with one input of a request.</summary>
/// <param name="Input">Its name in the request; empty when the fault lies between several.</param>
/// <param name="Detail">One sentence with the remedy.</param>
public sealed record InputFault(string Input, string Detail);

/// <summary>
/// Every error of the service: problem details (RFC 9457), which are the exceptions of OGC API - Processes, too. The detail is one plain sentence: what is
/// wrong, where, what to do.
/// </summary>
public sealed class Problem : IResult
{
    private const string Standard = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/";
    private const string Own = "https://gdm-opt-etq/problems/";

    private Problem(int status, string type, string title, string detail)
    {
        Status = status;
        Type = type;
        Title = title;
        Detail = detail;
    }

    public int Status { get; }

    public string Type { get; }

    public string Title { get; }

    public string Detail { get; }

    /// <summary>One entry for each input at fault.</summary>
    public IReadOnlyList<InputFault> Errors { get; private init; } = [];

    public TimeSpan? RetryAfter { get; private init; }

    public static Problem NoSuchProcess(string process) =>
        new(404, Standard + "no-such-process", "No such process", $"There is no process '{Short(process)}': GET /processes lists those there are.");

    /// <summary>Also the answer when the job is somebody else's, so that nobody learns which ids exist.</summary>
    public static Problem NoSuchJob() =>
        new(404, Standard + "no-such-job", "No such job", "There is no such job of yours: GET /jobs lists those there are.");

    public static Problem ResultNotReady(string state) =>
        new(404, Standard + "result-not-ready", "The results are not ready", $"The job is {state}: ask for its results when its status is 'successful'.");

    /// <summary>All that is wrong with a request's inputs, at once.</summary>
    public static Problem InvalidInput(IReadOnlyList<InputFault> faults) => new(
        400, Own + "invalid-input", "Invalid input", string.Join(' ', faults.Select(fault => fault.Detail))) { Errors = faults };

    /// <summary>The request itself is wrong; <paramref name="name"/> becomes the end of the problem's type.</summary>
    public static Problem BadRequest(string detail, string name = "bad-request") => new(400, Own + name, "Bad request", detail);

    /// <summary>What was asked for is not there.</summary>
    public static Problem NotFound(string detail, string name = "not-found") => new(404, Own + name, "Not found", detail);

    /// <summary>It cannot be done in the state that things are in.</summary>
    public static Problem Conflict(string detail, string name = "conflict") => new(409, Own + name, "Conflict", detail);

    /// <summary>What a job that failed says about itself when asked for its results.</summary>
    public static Problem JobFailed(int status, string name, string detail) => new(status, Own + name, "The job failed", detail);

    public static Problem Unauthorized(string detail) => new(401, "about:blank", "Unauthorized", detail);

    public static Problem Forbidden(string detail) => new(403, "about:blank", "Forbidden", detail);

    public static Problem TooMany(string detail, TimeSpan retryAfter) => new(429, "about:blank", "Too many requests", detail) { RetryAfter = retryAfter };

    public static Problem Unavailable(string detail) => new(503, "about:blank", "Service unavailable", detail) { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>A fault of ours: the log has the rest under the id.</summary>
    public static Problem Internal(string id) =>
        new(500, "about:blank", "Internal error", $"This is a fault of the service, not of the request: report it with the id {id}, under which the log has the details.");

    /// <summary>A status that the server itself answered (no such path, no such method, a body too large).</summary>
    public static Problem OfStatus(int status, string? detail = null) => status switch
    {
        404 => new(404, "about:blank", "Not found", detail ?? "There is nothing at this address: GET / leads to everything there is."),
        405 => new(405, "about:blank", "Method not allowed", detail ?? "This address does not take that method: GET /api says which it takes."),
        406 => new(406, "about:blank", "Not acceptable", detail ?? "This address does not have the media type asked for: see GET /api."),
        413 => new(413, "about:blank", "Content too large", detail ?? "The body of the request is too large for this address."),
        415 => new(415, "about:blank", "Unsupported media type", detail ?? "The body of the request is not of a type that this address takes: see GET /api."),
        _ => new(status, "about:blank", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status), detail ?? "The request cannot be answered: see GET /api for what can."),
    };

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["type"] = Type, ["title"] = Title, ["status"] = Status, ["detail"] = Detail };
        if (Errors.Count > 0)
            json["errors"] = new JsonArray([.. Errors.Select(fault => (JsonNode)new JsonObject { ["input"] = fault.Input, ["detail"] = fault.Detail })]);
        return json;
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (response.HasStarted)
        {
            httpContext.Abort();
            return;
        }

        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (Status == 401)
            response.Headers.WWWAuthenticate = "Bearer";
        await new JsonAnswer(ToJson(), Status, MediaType(httpContext.Request)).ExecuteAsync(httpContext);
    }

    // A client that asks for JSON and does not know problem details (the conformance suite is one) gets them as plain JSON.
    private static string MediaType(HttpRequest request)
    {
        string accept = request.Headers.Accept.ToString();
        return accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("problem+json", StringComparison.OrdinalIgnoreCase)
            ? "application/json"
            : "application/problem+json";
    }

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "...";
}

/// <summary>Ends a request with a problem from wherever it is noticed.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
