using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Access;

/// <summary>The one door: who calls, what the route asks for, whose job it names.</summary>
internal static class AccessGate
{
    public static void UseAccess(this WebApplication app) => app.Use(async (http, next) =>
    {
        http.Items[typeof(Caller)] = Caller.Anybody;
        if (http.GetEndpoint() is { } endpoint)
        {
            var needed = endpoint.Metadata.GetMetadata<RequiredScope>() ?? new RequiredScope(Scope.Read);
            if (needed.Scope is { } scope && !http.Caller().May(scope))
                throw new ProblemException(Problem.Forbidden($"This needs the scope '{scope.ToString().ToLowerInvariant()}', which your key or token does not have: ask the operator for one that has."));
            if (endpoint.Metadata.GetMetadata<OwnedJobRoute>() is not null)
                await ScopeRules.FindOwnedJobAsync(http);
        }

        await next(http);
    });
}
