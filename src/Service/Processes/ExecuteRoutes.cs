using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Catalogue;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Processes;

/// <summary>Execution: checks everything that can be checked, says all that is wrong at once, and stores the job.</summary>
internal static class ExecuteRoutes
{
    public static void MapExecution(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/processes/{processID}/execution", ExecuteAsync).RequireScope(Scope.Submit)
            .Describe("execute", "Processes", "Run a process, or only check what it would do",
                new Answer(200, "The result of a synchronous execution, or the plan where validate_only was asked for", "results"), new Answer(201, "The job was accepted; Location leads to its status", "statusInfo"),
                Answer.BadRequest, Answer.NotFound, new Answer(429, "Too many jobs or requests of yours", "exception", "application/problem+json"))
            .Takes(new RouteBody("application/json", "execute", "Inputs, and how the outputs are wanted"),
                new RouteParameter("Prefer", "string", "respond-async, or wait=SECONDS, as RFC 7240 has them", InHeader: true));
    }

    private static async Task<IResult> ExecuteAsync(
        HttpContext http, string processID, IJobStore store, InputSources sources, NodeSettings node, EchoRunner echo, JobQuota quota, RemoteAccess remote)
    {
        if (ProcessDescriptions.Find(processID) is not { } process)
            return Problem.NoSuchProcess(processID);
        var faults = new List<InputFault>();
        var body = await RequestBody.ReadObjectAsync(http);
        var request = ExecuteRequest.Read(body, [.. process.Outputs().Select(output => output.Key)], faults);
        foreach (var (name, address) in request.Subscriber?.Addresses() ?? [])
        {
            if (RemoteAccess.Refusal(address.OriginalString, remote.CallbackAllow, "callback-allow") is { } reason)
                faults.Add(new InputFault(name, reason));
        }

        return processID == ProcessDescriptions.Echo
            ? await EchoAsync(http, request, faults, store, echo, quota)
            : await DisplacementAsync(http, request, faults, store, sources, node, quota);
    }

    private static async Task<IResult> DisplacementAsync(
        HttpContext http, ExecuteRequest request, List<InputFault> faults, IJobStore store, InputSources sources, NodeSettings node, JobQuota quota)
    {
        var caller = http.Caller();
        var wanted = await DisplacementRequest.ReadAsync(request, sources, caller, faults, http.RequestAborted);
        if (faults.Count > 0)
            return Problem.InvalidInput(faults);
        var id = JobId.New(TimeProvider.System);
        bool complete = wanted.Products.All(product => product.Path is not null);
        var job = new JobRequest([.. wanted.Products.Select(product => product.Path ?? product.Address!.OriginalString)], wanted.Parameters, Path.Combine(node.ResultsFolder, id.Value));
        if (request.ValidateOnly)
            return await PlanAsync(job, complete, node, http.RequestAborted);
        using var turn = await quota.TakeAsync(caller, http.RequestAborted);
        string text = JobRequestText.With((JsonObject)JsonNode.Parse(job.ToJson())!, request.Body);
        var now = DateTimeOffset.UtcNow;
        var stored = new StoredJob(id, caller.Owner, wanted.Title, text, JobPhase.Accepted, complete ? "" : "fetching the products", 0, now, null, null, now, null, 0, 0, 0);
        if (complete)
            await store.AcceptAsync(stored, http.RequestAborted);
        else
            await store.EnterAsync(stored, http.RequestAborted);
        return await AcceptedAsync(http, store, id);
    }

    private static async Task<IResult> PlanAsync(JobRequest job, bool complete, NodeSettings node, CancellationToken cancellation)
    {
        if (!complete)
            return Problem.InvalidInput([new InputFault(ProcessDescriptions.Products, "A plan needs the products at hand, and some of these are links: submit the job, or upload them and plan again.")]);
        int threads = node.ThreadsPerUnit;
        var (stacks, refusals) = await Task.Run(() => JobPlanning.Plan(job, node.WorkFolder, node.DemRoot.Length > 0 ? node.DemRoot : null, threads), cancellation);
        return refusals.Count > 0
            ? Problem.InvalidInput([.. refusals.Select(refusal => new InputFault("", refusal))])
            : new JsonAnswer(JobPlanText.Of(job.Parameters, stacks, threads));
    }

    private static async Task<IResult> EchoAsync(HttpContext http, ExecuteRequest request, List<InputFault> faults, IJobStore store, EchoRunner echo, JobQuota quota)
    {
        int pause = EchoProcess.Check(request, faults);
        if (faults.Count > 0)
            return Problem.InvalidInput(faults);
        if (request.ValidateOnly)
            return new JsonAnswer(new JsonObject { ["estimate"] = new JsonObject { ["minutes"] = Math.Round(pause / 60.0, 2) } });
        var preference = Preference.Read(http);
        if (!preference.Async && !(preference.WaitSeconds < pause))
        {
            if (preference.WaitSeconds is { } wait)
                http.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={wait}");
            await Task.Delay(TimeSpan.FromSeconds(pause), http.RequestAborted);
            return ResultAnswer.Of(http, EchoProcess.Results(request), request.IsDocument ?? false);
        }

        using var turn = await quota.TakeAsync(http.Caller(), http.RequestAborted);
        var id = JobId.New(TimeProvider.System);
        var now = DateTimeOffset.UtcNow;
        string text = JobRequestText.With([], request.Body);
        await store.EnterAsync(new StoredJob(id, http.Caller().Owner, "", text, JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0) { Process = ProcessDescriptions.Echo }, http.RequestAborted);
        echo.Run(id, pause);
        return await AcceptedAsync(http, store, id);
    }

    private static async Task<IResult> AcceptedAsync(HttpContext http, IJobStore store, JobId id)
    {
        if (Preference.Read(http).Async)
            http.Response.Headers["Preference-Applied"] = "respond-async";
        http.Response.Headers.Location = http.Address($"/jobs/{id}");
        return new JsonAnswer(StatusInfo.Of(http, (await store.FindAsync(id, http.RequestAborted))!, []), StatusCodes.Status201Created);
    }

    /// <summary>The header Prefer (RFC 7240); what is not understood is ignored, as it says.</summary>
    private sealed record Preference(bool Async, double? WaitSeconds)
    {
        public static Preference Read(HttpContext http)
        {
            bool respondAsync = false;
            double? wait = null;
            foreach (string word in http.Request.Headers["Prefer"].ToString().Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                respondAsync |= word.Equals("respond-async", StringComparison.OrdinalIgnoreCase);
                if (word.StartsWith("wait=", StringComparison.OrdinalIgnoreCase) && long.TryParse(word.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
                    wait = seconds;
            }

            return new Preference(respondAsync, wait);
        }
    }
}
