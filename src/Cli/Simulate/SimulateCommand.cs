using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline.Simulation;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Simulate;

/// <summary><c>gdm simulate</c>: Level-1C products of an earthquake that is known exactly.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var folder = SharedOptions.Out("Folder for the products and the truth.");
        var fullTile = new Option<bool>("--full-tile") { Description = "A whole tile of 10980 x 10980 pixels." };
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var command = new Command("simulate", "Render Sentinel-2 L1C products of a simulated earthquake, with the true displacement beside them.")
        {
            folder, fullTile, threads, json,
        };
        var options = ParameterOptions<SimulationParameters>.AddTo(command, withConfiguration: true);
        command.SetAction((parsed, cancellation) =>
        {
            var parameters = options.Read(parsed);
            if (parsed.GetValue(fullTile))
                parameters = parameters with { Acquisitions = parameters.Acquisitions with { SizePixels = 10980 } };
            var scene = SceneSimulation.Write(
                parsed.GetValue(folder)!, parameters, new Workers(parsed.GetValue(threads), cancellation), step => Console.Error.WriteLine(step));
            if (parsed.GetValue(json))
                Console.Out.WriteLine(Document(scene).ToJsonString(JsonText.Readable));
            else
                Print(scene, parsed.GetValue(folder)!);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Print(SimulatedScene scene, string folder)
    {
        foreach (string path in scene.Products.Concat(scene.Files))
            Console.Out.WriteLine(path);
        Console.Out.WriteLine();
        Console.Out.WriteLine("Next:");
        Console.Out.WriteLine($"  ./gdm run {Path.Combine(folder, "*.SAFE")} --split-date {Day(scene.EventDate)} --dem {Path.Combine(folder, "dem.tif")} --out {Path.Combine(folder, "result")}");
        Console.Out.WriteLine($"  ./gdm info {scene.Products[0]}");
    }

    private static JsonObject Document(SimulatedScene scene) => new()
    {
        ["products"] = new JsonArray([.. scene.Products.Select(p => JsonValue.Create(p))]),
        ["files"] = new JsonArray([.. scene.Files.Select(p => JsonValue.Create(p))]),
        ["eventDate"] = Day(scene.EventDate),
    };

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
