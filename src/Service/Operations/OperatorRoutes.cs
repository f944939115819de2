using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Operations;

/// <summary>
/// What an operator does to a live cluster, as routes under /operations. <c>/operations/commands</c> publishes them all with help and schema; a command answers
/// JSON, or text to <c>Accept: text/plain</c>, and names the exit code for scripts in the header <see cref="ExitCodeHeader"/>.
/// </summary>
public static class OperatorRoutes
{
    public const string ExitCodeHeader = "Gdm-Exit-Code";

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/operations/commands", () => Answer(OperatorCommands.List)).RequireScope(Scope.Operate);
        routes.MapGet("/operations/completions", CompletionsAsync).RequireScope(Scope.Operate);
        foreach (var command in OperatorCommands.All.Where(command => command.Description.Path.Length > 0))
            routes.MapMethods(command.Description.Path, [command.Description.Method], (Delegate)((HttpContext http) => RunAsync(http, command))).RequireScope(Scope.Operate);
    }

    private static async Task RunAsync(HttpContext http, OperatorCommand command)
    {
        var known = command.Description.Arguments.Select(argument => argument.Name).Concat(command.Description.Options.Select(option => option.Name)).ToList();
        foreach (string name in http.Request.Query.Keys.Where(name => !known.Contains(name)))
            throw new ProblemException(Problem.BadRequest($"'{command.Description.Name}' knows no '{OperatorText.Clean(name)}'.{Pipeline.Parameters.Suggestion.For(name, known)}"));
        var answer = await command.RunAsync(new OperatorCall(http, command.Description));
        http.Response.Headers[ExitCodeHeader] = answer.ExitCode.ToString(CultureInfo.InvariantCulture);
        bool text = http.Request.Headers.Accept.ToString().StartsWith("text/plain", StringComparison.OrdinalIgnoreCase);
        await (text ? Results.Text(answer.Text) : Answer(answer.Value)).ExecuteAsync(http);
    }

    /// <summary>Names that complete an argument of the given kind.</summary>
    private static async Task<IResult> CompletionsAsync(string kind, IJobStore store, CancellationToken cancellation)
    {
        IReadOnlyList<string> names = kind switch
        {
            "job" => [.. (await store.ListAsync(new JobQuery { Limit = 200 }, cancellation)).Select(job => job.Id.Value)],
            "node" => [.. (await store.NodesAsync(cancellation)).Select(node => node.Heartbeat.Node)],
            "queue" => OperatorCall.QueueNames,
            _ => [],
        };
        return Answer(names);
    }

    private static JsonAnswer Answer(object value) => new(JsonSerializer.SerializeToNode(value, value.GetType(), OperatorJson.Options));
}
