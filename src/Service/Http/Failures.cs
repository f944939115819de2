using System.Data.Common;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Science.Rasters;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Http;

/// <summary>Turns every ending of a request that is not an answer into a problem; a fault of ours is logged with an id, and only the id leaves the house.</summary>
internal static partial class Failures
{
    public static void UseProblems(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("GdmOptEtq.Service");
        app.Use(async (http, next) =>
        {
            Problem? problem = null;
            try
            {
                await next(http);
                if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                    problem = Problem.OfStatus(http.Response.StatusCode);
            }
            catch (Exception error)
            {
                problem = Of(error, http, log);
            }

            if (problem is not null)
                await problem.ExecuteAsync(http);
        });
    }

    private static Problem? Of(Exception error, HttpContext http, ILogger log)
    {
        switch (error)
        {
            case ProblemException known:
                return known.Problem;
            case InputException input:
                return Problem.InvalidInput([new InputFault("", input.Message)]);
            case BadHttpRequestException bad:
                return Problem.OfStatus(bad.StatusCode, bad.StatusCode == 413 ? null : "The request is not whole or not well-formed HTTP: send it again.");
            case OperationCanceledException or IOException when http.RequestAborted.IsCancellationRequested:
                return null;
            case JobStoreException or DbException or BusException:
                LogUnavailable(log, http.Request.Method, http.Request.Path, error.Message);
                return Problem.Unavailable("The job store does not answer at the moment: try again in a few seconds.");
            default:
                string id = Guid.NewGuid().ToString("N")[..12];
                LogFault(log, id, http.Request.Method, http.Request.Path, error);
                return Problem.Internal(id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: {Reason}")]
    private static partial void LogUnavailable(ILogger log, string method, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Fault {Id} at {Method} {Path}")]
    private static partial void LogFault(ILogger log, string id, string method, string path, Exception error);
}
