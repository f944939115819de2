using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GdmOptEtq.Service.Access;

/// <summary>What a caller may do; a higher one does not include a lower one, so a key lists all it has.</summary>
public enum Scope
{
    /// <summary>See processes, the catalogue and one's own jobs.</summary>
    Read,

    /// <summary>Upload, submit and dismiss jobs of one's own.</summary>
    Submit,

    /// <summary>Everything under /operations, and the jobs of everybody.</summary>
    Operate,
}

/// <summary>Who makes a request.</summary>
/// <param name="Owner">Name under which jobs are kept; empty where nobody signs in.</param>
/// <param name="Scopes">What the caller may do.</param>
public sealed record Caller(string Owner, IReadOnlySet<Scope> Scopes)
{
    /// <summary>Everybody, where access control is off.</summary>
    public static Caller Anybody { get; } = new("", new HashSet<Scope>(Enum.GetValues<Scope>()));

    public bool May(Scope scope) => Scopes.Contains(scope);

    /// <summary>Whether the job is the caller's own, or the caller operates the service.</summary>
    public bool Sees(StoredJob job) => job.Owner == Owner || May(Scope.Operate);
}

/// <summary>Metadata of an endpoint: the scope a caller needs, or null for one that is open to everybody.</summary>
public sealed record RequiredScope(Scope? Scope);

/// <summary>Metadata of an endpoint whose route names a job: only its owner (or an operator) gets further.</summary>
public sealed record OwnedJobRoute;

/// <summary>How routes say who may use them. A route that says nothing needs <see cref="Scope.Read"/>.</summary>
public static class ScopeRules
{
    /// <summary>Name of the route's parameter that names a job.</summary>
    public const string JobParameter = "jobID";

    public static T RequireScope<T>(this T route, Scope scope)
        where T : IEndpointConventionBuilder => route.WithMetadata(new RequiredScope(scope));

    /// <summary>For what has to be seen before signing in: landing page, API description, health.</summary>
    public static T AllowEverybody<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(new RequiredScope(null));

    /// <summary>
    /// The route has a parameter {jobID}: an unknown job and another owner's job both end in 404 no-such-job. The handler finds the job by
    /// <see cref="Job"/>.
    /// </summary>
    public static T RequireOwnedJob<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(new OwnedJobRoute());

    /// <summary>Who makes the request.</summary>
    public static Caller Caller(this HttpContext http) => http.Items[typeof(Caller)] as Caller
        ?? throw new InvalidOperationException("The access gate has not seen this request.");

    /// <summary>The job that the route names; only behind <see cref="RequireOwnedJob{T}"/>.</summary>
    public static StoredJob Job(this HttpContext http) => http.Items[typeof(StoredJob)] as StoredJob
        ?? throw new InvalidOperationException("The route names no job: add RequireOwnedJob to it.");

    /// <summary>Puts the job of the route into the request, or says there is none.</summary>
    internal static async Task FindOwnedJobAsync(HttpContext http)
    {
        string? id = http.GetRouteValue(JobParameter) as string;
        var job = JobId.IsWellFormed(id)
            ? await http.RequestServices.GetRequiredService<IJobStore>().FindAsync(new JobId(id!), http.RequestAborted)
            : null;
        if (job is null || !http.Caller().Sees(job))
            throw new ProblemException(Problem.NoSuchJob());
        http.Items[typeof(StoredJob)] = job;
    }
}
