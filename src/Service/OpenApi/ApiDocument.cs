using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scope = GdmOptEtq.Service.Access.Scope;

namespace GdmOptEtq.Service.OpenApi;

/// <summary>The OpenAPI 3.0 document, made from the routes themselves and what they say about themselves.</summary>
internal static class ApiDocument
{
    private const string Name = "service";
    private const string MediaType = "application/vnd.oai.openapi+json;version=3.0";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
        options.AddOperationTransformer((operation, context, _) =>
        {
            Complete(operation, context);
            return Task.CompletedTask;
        });
    });

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        // Made once: the routes of a process do not change.
        var document = new Lazy<Task<JsonObject>>(() => MakeAsync(routes.ServiceProvider));
        routes.MapGet("/api", async (HttpContext http) =>
        {
            var copy = (await document.Value).DeepClone().AsObject();
            copy["servers"] = new JsonArray(new JsonObject { ["url"] = http.Address(""), ["description"] = "This service" });
            return new JsonAnswer(copy, mediaType: MediaType);
        }).AllowEverybody().Describe("getApi", "Capabilities", "This description", new Answer(200, "An OpenAPI document", "object", MediaType));
    }

    private static async Task<JsonObject> MakeAsync(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync();
        using var bytes = new MemoryStream();
        await document.SerializeAsJsonAsync(bytes, OpenApiSpecVersion.OpenApi3_0);
        var json = (JsonObject)JsonNode.Parse(bytes.ToArray())!;
        json["info"] = new JsonObject
        {
            ["title"] = "GDM-OPT-ETQ",
            ["version"] = JobRecord.SoftwareVersion,
            ["description"] = "Maps of ground displacement after an earthquake, from Sentinel-2 images: OGC API - Processes, with uploads, a catalogue of products, files of results and operation.",
            ["contact"] = new JsonObject { ["name"] = "The operator of this service" },
            ["license"] = new JsonObject { ["name"] = "See the repository" },
        };
        json["components"] = new JsonObject
        {
            ["schemas"] = ApiSchemas.All(),
            ["securitySchemes"] = new JsonObject
            {
                ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-API-Key" },
                ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT" },
            },
        };
        json["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }, new JsonObject { ["token"] = new JsonArray() });
        var tags = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var operation in json["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(method => method.Value).OfType<JsonObject>())
        {
            tags.UnionWith(operation["tags"]!.AsArray().Select(tag => tag!.GetValue<string>()));
            if (operation["x-scope"]!.GetValue<string>() == "none")
                operation["security"] = new JsonArray();
        }

        json["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)new JsonObject { ["name"] = tag, ["description"] = $"{tag}." })]);
        return json;
    }

    private static void Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        string path = "/" + context.Description.RelativePath, method = context.Description.HttpMethod ?? "GET";
        var text = metadata.OfType<RouteText>().LastOrDefault() ?? Unsaid(path, method);
        var input = metadata.OfType<RouteInput>().LastOrDefault();
        // One route may answer several methods, but a name belongs to one.
        bool several = metadata.OfType<HttpMethodMetadata>().LastOrDefault()?.HttpMethods.Count > 1;
        operation.OperationId = several ? text.OperationId + CultureInfo.InvariantCulture.TextInfo.ToTitleCase(method.ToLowerInvariant()) : text.OperationId;
        operation.Summary = text.Summary;
        operation.Description = text.Summary + ".";
        operation.Tags = new HashSet<OpenApiTagReference> { new(text.Tag, context.Document) };
        operation.Parameters = [.. PathNames(path).Select(PathParameter), .. (input?.Parameters ?? []).Select(QueryParameter)];
        operation.RequestBody = input?.Body is { } body
            ? new OpenApiRequestBody { Description = body.Text, Required = true, Content = new Dictionary<string, OpenApiMediaType> { [body.MediaType] = Body(body.Schema, context) } }
            : null;
        operation.Responses = [];
        foreach (var answer in text.Answers.Concat(Refusals(metadata)).DistinctBy(answer => answer.Status))
        {
            operation.Responses[answer.Status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = answer.Text,
                Content = answer.MediaType.Length == 0 ? null : new Dictionary<string, OpenApiMediaType> { [answer.MediaType] = Body(answer.Schema, context) },
            };
        }

        string scope = (metadata.OfType<RequiredScope>().LastOrDefault() ?? new RequiredScope(Scope.Read)).Scope?.ToString().ToLowerInvariant() ?? "none";
        operation.Extensions = new Dictionary<string, IOpenApiExtension> { ["x-scope"] = new JsonNodeExtension(JsonValue.Create(scope)) };
    }

    private static IEnumerable<Answer> Refusals(IList<object> metadata)
    {
        bool open = metadata.OfType<RequiredScope>().LastOrDefault() is { Scope: null };
        if (!open)
        {
            yield return new Answer(401, "No key or token, or one that is not valid", "exception", "application/problem+json");
            yield return new Answer(403, "The key or token has not the scope", "exception", "application/problem+json");
        }

        yield return new Answer(429, "Too many requests; Retry-After says when to try again", "exception", "application/problem+json");
    }

    private static OpenApiMediaType Body(string? schema, OpenApiOperationTransformerContext context) => new()
    {
        Schema = schema is null ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } : new OpenApiSchemaReference(schema, context.Document),
    };

    private static OpenApiParameter PathParameter(string name) =>
        new() { Name = name, In = ParameterLocation.Path, Required = true, Description = $"Which {name}", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiParameter QueryParameter(RouteParameter parameter)
    {
        var schema = new OpenApiSchema
        {
            Type = parameter.Type switch { "integer" => JsonSchemaType.Integer, "number" => JsonSchemaType.Number, "boolean" => JsonSchemaType.Boolean, _ => JsonSchemaType.String },
            Minimum = parameter.Minimum?.ToString(CultureInfo.InvariantCulture),
            Maximum = parameter.Maximum?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is { } value ? JsonValue.Create(value) : null,
            Enum = parameter.Choices.Count > 0 ? [.. parameter.Choices.Select(choice => (JsonNode)JsonValue.Create(choice)!)] : null,
        };
        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = parameter.InHeader ? ParameterLocation.Header : ParameterLocation.Query,
            Description = parameter.Text,
            Style = parameter.IsList ? ParameterStyle.Form : null,
            Explode = false,
            Schema = parameter.IsList ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = schema } : schema,
        };
    }

    private static IEnumerable<string> PathNames(string path) =>
        path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}', '*').Split(':')[0]);

    // A route that says nothing is still listed, so that nothing that answers is hidden.
    private static RouteText Unsaid(string path, string method)
    {
        string[] words = [.. path.Split(['/', '{', '}', '*', '-', '.'], StringSplitOptions.RemoveEmptyEntries)];
        string name = string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        string tag = words.Length > 0 ? char.ToUpperInvariant(words[0][0]) + words[0][1..] : "Capabilities";
        return new RouteText(method.ToLowerInvariant() + name, tag, $"{method} {path}", [new Answer(200, "Done", "object")]);
    }
}
