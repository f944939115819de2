using System.CommandLine;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Run;

/// <summary><c>gdm run</c>: the main job in this process.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var products = new Argument<string[]>("product") { Description = "Sentinel-2 L1C products of one tile: .SAFE folders or zip archives.", Arity = ArgumentArity.ZeroOrMore };
        var output = SharedOptions.Out("Folder for the result; made if need be.");
        var planOnly = new Option<bool>("--plan") { Description = "Only say what would be done and what it would cost." };
        var work = new Option<string?>("--work") { Description = "Work folder, kept so that a run continues where it stopped [default: .gdm-work inside the result folder].", HelpName = "DIR" };
        var clean = new Option<bool>("--clean") { Description = "Remove the work folder after success." };
        var demRoot = new Option<string?>("--dem-root")
        {
            Description = "Folder or bucket (/vsis3/...) of the named elevation data sets [default: $GDM_DEM_ROOT].",
            HelpName = "DIR",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("GDM_DEM_ROOT"),
        };
        var json = SharedOptions.Json();
        var threads = SharedOptions.Threads();
        var command = new Command("run", "Measure ground displacement between 2 to 4 Sentinel-2 L1C images.")
        {
            products, output, planOnly, work, clean, demRoot, json, threads,
        };
        var parameters = ParameterOptions<JobParameters>.AddTo(command, withConfiguration: true);
        command.SetAction((parsed, cancellation) =>
        {
            string folder = Path.GetFullPath(parsed.GetValue(output)!);
            var places = new RunPlaces(folder, Path.GetFullPath(parsed.GetValue(work) ?? RunPlaces.DefaultWork(folder)), parsed.GetValue(demRoot));
            var request = new RunRequest(
                parameters.Read(parsed), parsed.GetValue(products) ?? [], places, parsed.GetValue(threads), parsed.GetValue(json), parsed.GetValue(clean));
            return Task.Run(() => parsed.GetValue(planOnly) ? ShowPlan(request) : Execute(request, cancellation), CancellationToken.None);
        });
        return command;
    }

    internal static int Execute(RunRequest request, CancellationToken cancellation)
    {
        var plan = Checked(request);
        JobResult result;
        using (var progress = ProgressDisplay.Create())
        {
            var journal = new StageJournal(TimeProvider.System, progress);
            try
            {
                result = LocalRunner.Run(plan, request.Places, request.Threads, journal, TimeProvider.System, cancellation);
            }
            catch (NoValidResultException nothing)
            {
                progress.Dispose();
                Console.Error.WriteLine($"gdm: {nothing.Message}");
                return ExitCode.NoValidResult;
            }
        }

        if (request.Clean && Directory.Exists(request.Places.Work))
            Directory.Delete(request.Places.Work, recursive: true);
        foreach (string warning in result.Journal.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        if (request.Json)
            Console.Out.WriteLine(ResultJson(result).ToJsonString(JsonText.Readable));
        else
            WriteResult(result);
        return ExitCode.Ok;
    }

    private static int ShowPlan(RunRequest request)
    {
        var plan = Checked(request);
        if (request.Json)
            Console.Out.WriteLine(PlanText.Json(plan, request).ToJsonString(JsonText.Readable));
        else
            PlanText.Write(plan, request, Console.Out);
        return ExitCode.Ok;
    }

    private static JobPlan Checked(RunRequest request)
    {
        var outcome = Planner.Plan(request.Parameters, request.Products, request.Places, request.Threads);
        return outcome.Plan ?? throw new InputException(string.Join(Environment.NewLine, outcome.Refusals));
    }

    private static void WriteResult(JobResult result)
    {
        foreach (string product in result.Products)
            Console.Out.WriteLine(Path.Combine(result.Out, product));
        foreach (var pair in result.Counts.Pairs)
            Console.Error.WriteLine($"{pair.Pair}: {100.0 * pair.Valid / pair.Pixels:0.0} % of the pixels kept");
        int reused = result.Journal.Stages.Sum(s => s.Reused);
        if (reused > 0)
            Console.Error.WriteLine($"{reused} finished {(reused == 1 ? "stage" : "stages")} found in the work folder and not repeated.");
    }

    private static JsonObject ResultJson(JobResult result) => new()
    {
        ["out"] = result.Out,
        ["products"] = new JsonArray(result.Products.Select(p => (JsonNode?)p).ToArray()),
        ["pixelsWithMean"] = result.Counts.WithMean,
        ["pixels"] = result.Counts.Pixels,
        ["warnings"] = new JsonArray(result.Journal.Warnings.Select(w => (JsonNode?)w).ToArray()),
    };
}

/// <summary>What the command line asked for.</summary>
internal sealed record RunRequest(JobParameters Parameters, IReadOnlyList<string> Products, RunPlaces Places, int Threads, bool Json, bool Clean);
