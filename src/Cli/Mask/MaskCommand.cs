using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Mask;

/// <summary><c>gdm mask</c>: cloud, shadow, snow and water of one product, without the rest of the chain.</summary>
internal static class MaskCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("product") { Description = "Sentinel-2 L1C product: .SAFE folder, its zip archive, or MTD_MSIL1C.xml.", HelpName = "PRODUCT" };
        var tile = new Option<string?>("--tile") { Description = "Tile to take from a product that holds several.", HelpName = "TILE" };
        var output = SharedOptions.Out("Folder for <tile>_<date>_spectral_mask.tif.");
        var dem = Files("--dem", "Terrain: one or several raster files in any projection, metres.");
        var occurrence = Files("--water-occurrence", "Global surface water occurrence: one or several raster files in any projection, per cent.");
        var timings = new Option<bool>("--timings") { Description = "Print the seconds of each step." };
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var command = new Command("mask", "Mask clouds, their shadows, snow and water of one product (Fmask 4).")
        {
            path, tile, output, dem, occurrence, timings, threads, json,
        };
        var parameters = ParameterOptions<SpectralMaskParameters>.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var product = SafeProduct.Open(parsed.GetRequiredValue(path), parsed.GetValue(tile));
            var stopwatch = Stopwatch.StartNew();
            var steps = new List<(string Step, double Start)>();
            var mask = MaskScene.Compute(
                product,
                MaskScene.FromFiles(parsed.GetValue(dem) ?? []),
                MaskScene.FromFiles(parsed.GetValue(occurrence) ?? []),
                parameters.Read(parsed),
                new Workers(parsed.GetValue(threads), cancellation),
                step => steps.Add((step, stopwatch.Elapsed.TotalSeconds)));
            steps.Add(("writing", stopwatch.Elapsed.TotalSeconds));
            string folder = parsed.GetRequiredValue(output);
            Directory.CreateDirectory(folder);
            string file = Path.Combine(folder, $"{product.Tile}_{product.ToAcquisition(SafeBand.B8A).DateStamp}_spectral_mask.tif");
            MaskScene.Write(file, mask);
            double total = stopwatch.Elapsed.TotalSeconds;

            var evidence = QualityMasks.Clouds(product);
            foreach (string note in mask.Result.Notes)
                Console.Error.WriteLine(note);
            if (parsed.GetValue(json))
                WriteJson(product, evidence, mask, file, parsed.GetValue(timings) ? Durations(steps, total) : null);
            else
                WriteText(evidence, mask, file, parsed.GetValue(timings) ? Durations(steps, total) : null);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Option<string[]> Files(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };

    private static List<(string Step, double Seconds)> Durations(List<(string Step, double Start)> steps, double total)
    {
        var durations = steps.Select((step, i) => (step.Step, (i + 1 < steps.Count ? steps[i + 1].Start : total) - step.Start)).ToList();
        durations.Add(("total", total));
        return durations;
    }

    private static void WriteText(CloudEvidence evidence, SceneMask mask, string file, List<(string Step, double Seconds)>? durations)
    {
        var output = Console.Out;
        output.WriteLine(file);
        foreach (var (name, code) in MaskCode.Names.Select((name, code) => (name, code)))
        {
            string percent = code == MaskCode.Null ? "" : string.Create(CultureInfo.InvariantCulture, $"{mask.Result.PercentOfValid((byte)code),8:0.00} % of valid");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {code} {name,-13}{mask.Result.PixelsByCode[code],12} pixels{percent}"));
        }

        output.WriteLine(evidence.DeclaredPercent is { } declared
            ? string.Create(CultureInfo.InvariantCulture, $"  cloud cover the product declares: {declared:0.00} % of the tile")
            : "  the product declares no cloud cover");
        output.WriteLine(evidence.CloudPercent is { } cloud
            ? string.Create(CultureInfo.InvariantCulture, $"  cloud cover in the product's own mask: {cloud:0.00} % of the tile ({evidence.OpaquePercent:0.00} opaque, {evidence.CirrusPercent:0.00} cirrus)")
            : "  the product has no cloud mask of its own");
        foreach (var (step, seconds) in durations ?? [])
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {seconds,8:0.00} s  {step}"));
    }

    private static void WriteJson(SafeProduct product, CloudEvidence evidence, SceneMask mask, string file, List<(string Step, double Seconds)>? durations)
    {
        var report = MaskScene.Report(mask.Result);
        report["product"] = product.Name;
        report["file"] = file;
        report["declaredCloudCoverPercent"] = evidence.DeclaredPercent;
        report["productMaskCloudPercent"] = evidence.CloudPercent;
        if (durations is not null)
            report["seconds"] = new JsonObject(durations.Select(d => KeyValuePair.Create(d.Step, (JsonNode?)Math.Round(d.Seconds, 3))));
        Console.Out.WriteLine(report.ToJsonString(JsonText.Readable));
    }
}
