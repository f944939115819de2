using Microsoft.AspNetCore.Builder;

namespace GdmOptEtq.Service.OpenApi;

/// <summary>One way a route may answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Text">When.</param>
/// <param name="Schema">Name of the schema of the body, one of <see cref="ApiSchemas"/>; null for bytes.</param>
/// <param name="MediaType">Of the body; empty for none.</param>
public sealed record Answer(int Status, string Text, string? Schema = null, string MediaType = "application/json")
{
    public static Answer NotFound { get; } = new(404, "There is no such thing", "exception", "application/problem+json");

    public static Answer BadRequest { get; } = new(400, "The request is wrong; the detail says where", "exception", "application/problem+json");

    /// <summary>Answers without a body.</summary>
    public static Answer Empty(int status, string text) => new(status, text, null, "");
}

/// <summary>A parameter in the query string or a header.</summary>
/// <param name="Name">As the client writes it.</param>
/// <param name="Type">integer, number, string, boolean.</param>
/// <param name="Text">What it does.</param>
/// <param name="IsList">Several, separated by commas.</param>
/// <param name="InHeader">A header, not the query string.</param>
public sealed record RouteParameter(string Name, string Type, string Text, bool IsList = false, bool InHeader = false)
{
    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public int? Default { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>What a route's request carries.</summary>
public sealed record RouteBody(string MediaType, string? Schema, string Text);

/// <summary>Metadata of an endpoint: its words in the OpenAPI document.</summary>
public sealed record RouteText(string OperationId, string Tag, string Summary, IReadOnlyList<Answer> Answers);

/// <summary>How routes describe themselves; a route that does not is refused by a test.</summary>
public static class RouteDescriptions
{
    public static T Describe<T>(this T route, string operationId, string tag, string summary, params Answer[] answers)
        where T : IEndpointConventionBuilder => route.WithMetadata(new RouteText(operationId, tag, summary, answers));

    /// <summary>With parameters of the query string or headers, and a body where there is one.</summary>
    public static T Takes<T>(this T route, RouteBody? body, params RouteParameter[] parameters)
        where T : IEndpointConventionBuilder => route.WithMetadata(new RouteInput(body, parameters));
}

/// <summary>Metadata of an endpoint: what it takes beside the names in its path.</summary>
public sealed record RouteInput(RouteBody? Body, IReadOnlyList<RouteParameter> Parameters);
