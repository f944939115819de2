using System.IO.Compression;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Pipeline.Profiles;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Page;

/// <summary>Profiles across a fault on the result of a job: what <c>gdm profile</c> measures, as an answer, or as its files in one archive.</summary>
public static class ProfileRoutes
{
    private static readonly SemaphoreSlim s_turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    public static void MapProfiles(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/jobs/{jobID}/profiles", MeasureAsync).RequireScope(Scope.Read).RequireOwnedJob()
            .Describe(
                "measureProfiles", "Jobs", "Profiles across a fault on the result of a job, each with its offset; as its files in one archive where application/zip is accepted",
                new Answer(200, "The profiles", "object"), Answer.BadRequest, Answer.NotFound)
            .Takes(new RouteBody("application/json", "object", "A line across the fault or a trace along it, and the parameters of gdm profile"));

    private static async Task<IResult> MeasureAsync(HttpContext http, CancellationToken cancellation)
    {
        var job = http.Job();
        if (job.Phase is not (JobPhase.Succeeded or JobPhase.SucceededWithGaps))
            return Problem.ResultNotReady(StatusInfo.State(job.Phase));
        string folder = JobRequestText.ResultFolder(job) is { } known && Directory.Exists(known)
            ? known
            : throw new ProblemException(Problem.NotFound("The job has no files here: run it again to measure on it.", "no-files"));
        var request = await ProfileRequest.ReadAsync(http);
        bool asArchive = http.Request.Headers.Accept.ToString().Contains("application/zip", StringComparison.OrdinalIgnoreCase);
        await s_turns.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => Measure(request, folder, asArchive, new Workers(1, cancellation)), cancellation);
        }
        finally
        {
            s_turns.Release();
        }
    }

    private static IResult Measure(ProfileRequest request, string folder, bool asArchive, Workers workers)
    {
        using var displacement = MeanDisplacement.Open(folder);
        var (trace, profiles, parameters) = request.Measure(displacement, workers);
        if (profiles.All(profile => profile.Problem is not null))
            throw new InputException("No profile has enough valid pixels on both sides of the fault: check the trace, or make the profiles longer or wider.");
        if (asArchive)
            return Results.File(Archive(profiles, displacement), "application/zip", "profiles.zip");
        return new JsonAnswer(new JsonObject
        {
            ["epsg"] = displacement.Grid.EpsgCode,
            ["halfLengthKilometres"] = parameters.HalfLength,
            ["widthKilometres"] = parameters.Width,
            ["trace"] = new JsonArray([.. trace.Select(line => (JsonNode)new JsonArray([.. line.Select(point => (JsonNode)new JsonArray(Metres(point.Easting), Metres(point.Northing)))]))]),
            ["profiles"] = new JsonArray([.. profiles.Select(profile => (JsonNode)Json(profile))]),
        });
    }

    private static JsonObject Json(FaultProfile profile)
    {
        bool measured = profile.Problem is null;
        return new JsonObject
        {
            ["number"] = profile.Number,
            ["alongMetres"] = Metres(profile.AlongMetres),
            ["easting"] = Metres(profile.Easting),
            ["northing"] = Metres(profile.Northing),
            ["strikeDegrees"] = Math.Round(profile.StrikeDegrees, 2),
            ["parallelOffsetMetres"] = Measured(profile.Parallel.Offset),
            ["parallelSigmaMetres"] = Measured(profile.Parallel.Sigma),
            ["normalOffsetMetres"] = Measured(profile.Normal.Offset),
            ["normalSigmaMetres"] = Measured(profile.Normal.Sigma),
            ["zoneWidthMetres"] = Measured(profile.ZoneWidthMetres),
            ["depthMetres"] = Measured(profile.DepthMetres),
            ["faultAcrossMetres"] = Measured(profile.FaultAcrossMetres),
            ["problem"] = profile.Problem,
            ["samples"] = new JsonArray([.. profile.Samples.Select(sample => (JsonNode)new JsonObject
            {
                ["acrossMetres"] = Metres(sample.AcrossMetres),
                ["parallelMetres"] = Finite(sample.Parallel),
                ["normalMetres"] = Finite(sample.Normal),
                ["pixels"] = sample.Pixels,
                ["parallelFitMetres"] = Measured(profile.FittedParallel(sample.AcrossMetres)),
                ["normalFitMetres"] = Measured(profile.FittedNormal(sample.AcrossMetres)),
            })]),
        };

        JsonNode? Measured(double value) => measured ? Finite(value) : null;
    }

    private static byte[] Archive(IReadOnlyList<FaultProfile> profiles, MeanDisplacement displacement)
    {
        var folder = Directory.CreateTempSubdirectory("gdm-profiles-");
        try
        {
            ProfileFiles.Write(folder.FullName, profiles, displacement.Grid);
            using var bytes = new MemoryStream();
            ZipFile.CreateFromDirectory(folder.FullName, bytes);
            return bytes.ToArray();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, 4)) : null;

    private static double Metres(double value) => Math.Round(value, 2);
}
