using System.Net;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GdmOptEtq.Service.Access;

/// <summary>The one door: headers, who calls, how often, what the route asks for, whose job it names, and a line of audit.</summary>
internal sealed class AccessGate(ServiceSettings settings, ApiKeys keys, AuditLog audit, CallerRate rate)
{
    public const string KeyHeader = "X-API-Key";

    private static readonly Caller s_nobody = new("", new HashSet<Scope>());

    private readonly BearerTokens? _tokens = settings.AcceptsTokens ? new BearerTokens(settings) : null;

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        SetHeaders(http);
        if (HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.AccessControlRequestMethod.Count > 0)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var needed = http.GetEndpoint() is { } endpoint ? endpoint.Metadata.GetMetadata<RequiredScope>() ?? new RequiredScope(Scope.Read) : new RequiredScope(null);
        bool changes = !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method));
        string owner = "";
        int? refused = null;
        try
        {
            RefuseForeignPages(http, changes);
            var caller = await IdentifyAsync(http, needed.Scope is not null);
            owner = caller.Owner;
            http.Items[typeof(Caller)] = caller;
            rate.Take(http, caller);
            if (needed.Scope is { } scope && !caller.May(scope))
                throw new ProblemException(Problem.Forbidden($"This needs the scope '{scope.ToString().ToLowerInvariant()}', which your key or token does not have: ask the operator for one that has."));
            if (http.GetEndpoint()?.Metadata.GetMetadata<OwnedJobRoute>() is not null)
                await ScopeRules.FindOwnedJobAsync(http);
            await next(http);
        }
        catch (ProblemException problem)
        {
            refused = problem.Problem.Status;
            throw;
        }
        finally
        {
            if (changes || refused is 401 or 403)
                audit.Write(http, owner, refused ?? http.Response.StatusCode);
        }
    }

    private async Task<Caller> IdentifyAsync(HttpContext http, bool needed)
    {
        if (!settings.AuthIsOn)
            return Caller.Anybody;
        string given = http.Request.Headers[KeyHeader].ToString();
        string authorization = http.Request.Headers.Authorization.ToString();
        if (given.Length == 0 && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            given = authorization[7..].Trim();
        Caller? caller = null;
        if (settings.AcceptsKeys && ApiKeys.LooksLikeOne(given))
            caller = keys.Find(given);
        else if (_tokens is not null && given.Length > 0)
            caller = await _tokens.FindAsync(given);
        if (caller is null && needed)
        {
            // Guessing costs as much as asking.
            rate.Take(http, s_nobody);
            throw new ProblemException(Problem.Unauthorized(given.Length == 0
                ? $"This needs a key or token: send it in the header {KeyHeader} or as 'Authorization: Bearer ...', never in the address."
                : "The key or token is not valid (unknown, revoked, expired, or not for this service): ask the operator for another."));
        }

        return caller ?? s_nobody;
    }

    private void SetHeaders(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // The web page sets its own.
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        string origin = http.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && settings.CorsOrigins.Contains(origin))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.Vary = "Origin";
            headers["Cross-Origin-Resource-Policy"] = "cross-origin";
            headers.AccessControlAllowMethods = "GET, HEAD, POST, DELETE";
            headers.AccessControlAllowHeaders = $"Content-Type, Authorization, {KeyHeader}, Prefer, Range";
            headers.AccessControlExposeHeaders = "Location, Link, Preference-Applied, Retry-After, Content-Range, ETag";
        }
    }

    // A page of somebody else in the user's browser must not use a service that trusts everybody on this machine, by request or by a name that leads here.
    private void RefuseForeignPages(HttpContext http, bool changes)
    {
        string origin = http.Request.Headers.Origin.ToString();
        bool foreign = origin.Length > 0 && !settings.CorsOrigins.Contains(origin) && !origin.Equals(http.Address(""), StringComparison.OrdinalIgnoreCase)
            && !origin.Equals($"{http.Request.Scheme}://{http.Request.Host}", StringComparison.OrdinalIgnoreCase);
        if (changes && foreign)
            throw new ProblemException(Problem.Forbidden("Pages of other sites may not use this service: the operator can allow one with the setting cors-origins."));
        string host = http.Request.Host.Host;
        bool local = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
        if (!settings.AuthIsOn && !local && settings.PublicUrl.Length == 0)
            throw new ProblemException(Problem.Forbidden("Without access control the service answers to localhost only: use that name, or switch access control on."));
    }
}

internal static class AccessGateOrder
{
    public static void UseAccess(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<AccessGate>();
        app.Use(next => http => gate.PassAsync(http, next));
    }
}
