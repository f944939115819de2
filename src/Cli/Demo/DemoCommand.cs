using System.CommandLine;
using System.Diagnostics;
using GdmOptEtq.Cli.Run;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Accuracy;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Simulation;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Demo;

/// <summary><c>gdm demo</c>: an earthquake that is known, measured, and compared with the truth.</summary>
internal static class DemoCommand
{
    // What issue and README promise of the demonstration.
    private const double MedianTarget = 1, FarTarget = 2, OffsetTarget = 0.5;

    public static Command Create()
    {
        var output = new Option<string>("--out", "-o") { Description = "Folder for scene and result; a scene that is there is used again.", HelpName = "DIR", DefaultValueFactory = _ => "gdm-demo" };
        var threads = SharedOptions.Threads();
        var command = new Command("demo", "Simulate an earthquake in four images, measure it, and compare the result with the truth.") { output, threads };
        command.SetAction((parsed, cancellation) =>
            Task.Run(() => Run(Path.GetFullPath(parsed.GetValue(output)!), parsed.GetValue(threads), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string folder, int threads, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        string scene = Path.Combine(folder, "scene"), result = Path.Combine(folder, "result");
        var simulation = new SimulationParameters();
        Simulate(scene, simulation, threads, cancellation);
        string[] products = [.. Directory.GetDirectories(scene, "*.SAFE").Order(StringComparer.Ordinal)];
        string dem = Path.Combine(scene, "dem.tif"), split = simulation.Acquisitions.EventDate.ToString("yyyy-MM-dd");
        var parameters = new JobParameters
        {
            Pairing = new PairingParameters { SplitDate = simulation.Acquisitions.EventDate },
            Terrain = new TerrainParameters { Dem = [dem] },
        };
        Console.Error.WriteLine($"gdm run {Path.Combine(scene, "*.SAFE")} --split-date {split} --dem {dem} --out {result}");
        var places = new RunPlaces(result, RunPlaces.DefaultWork(result), null);
        int code = RunCommand.Execute(new RunRequest(parameters, products, places, threads, Json: false, Clean: false), cancellation);
        if (code != ExitCode.Ok)
            return code;
        var plan = Planner.Plan(parameters, products, places, threads).Plan!;
        var accuracy = ResultAccuracy.Of(result, plan, scene, simulation.Earthquake.StrikeDegrees);
        return Write(accuracy, simulation, folder, plan, clock.Elapsed, Console.Out) ? ExitCode.Ok : ExitCode.Failure;
    }

    private static void Simulate(string scene, SimulationParameters simulation, int threads, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(scene, "scene.json")))
        {
            Console.Error.WriteLine($"The scene in {scene} is used again.");
            return;
        }

        // A scene without its description was interrupted: what is there is incomplete.
        if (Directory.Exists(scene))
            Directory.Delete(scene, recursive: true);
        SceneSimulation.Write(scene, simulation, new Workers(threads, cancellation), step => Console.Error.WriteLine($"simulating: {step}"));
    }

    private static bool Write(ResultAccuracy accuracy, SimulationParameters simulation, string folder, JobPlan plan, TimeSpan time, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"Mean displacement of {plan.Pairs.Count} pairs against the truth, metres");
        output.WriteLine("component      median   RMSE near the fault   RMSE far from it   RMSE all   pixels with a value   within one standard error");
        Row("East-West", accuracy.EastWest);
        Row("North-South", accuracy.NorthSouth);
        double slip = simulation.Earthquake.SlipMetres;
        output.WriteLine();
        output.WriteLine($"Offset across the fault (lines fitted 300 to 1500 m from it): measured {accuracy.Offset.Measured:0.00} m, in the true field {accuracy.Offset.True:0.00} m, slip {slip:0.00} m");
        bool good = Math.Abs(accuracy.EastWest.Median) <= MedianTarget && Math.Abs(accuracy.NorthSouth.Median) <= MedianTarget
            && accuracy.EastWest.RmseFar <= FarTarget && accuracy.NorthSouth.RmseFar <= FarTarget && Math.Abs(accuracy.Offset.Measured - slip) <= OffsetTarget;
        output.WriteLine(good
            ? $"As promised: medians within {MedianTarget} m, far RMSE within {FarTarget} m, offset within {OffsetTarget} m."
            : $"NOT as promised (medians within {MedianTarget} m, far RMSE within {FarTarget} m, offset within {OffsetTarget} m): please report this.");
        output.WriteLine();
        output.WriteLine($"{time.TotalSeconds:0} s in all. Scene and result stay in {folder}: look at result/Preview, or change a parameter and run again, for example");
        output.WriteLine($"  ./gdm run {Path.Combine(folder, "scene", "*.SAFE")} --split-date {simulation.Acquisitions.EventDate:yyyy-MM-dd} --dem {Path.Combine(folder, "scene", "dem.tif")} --out {Path.Combine(folder, "result")} --decorrelation-threshold 0.5");
        return good;

        void Row(string name, ComponentErrors e) =>
            output.WriteLine($"{name,-12} {e.Median,8:0.000} {e.RmseNear,21:0.000} {e.RmseFar,18:0.000} {e.RmseAll,10:0.000} {e.CoveragePercent,19:0.0} %{e.WithinOneSigmaPercent,26:0.0} %");
    }
}
