using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Cli.Bench.Corrections;

/// <summary><c>gdm bench corrections</c>: how much of the systematic error each chain of corrections leaves, and what it does to the earthquake.</summary>
internal static class CorrectionsCommand
{
    public static Command Create()
    {
        var seeds = new Option<int?>("--seeds") { Description = "Simulated pairs per case [default: 6, with --small 1].", HelpName = "N" };
        var noise = new Option<double>("--noise")
        {
            Description = "Noise of the matcher in each 100 m sample, px: 0.05 is one tenth of a pixel white noise left of 10 m pixels that share windows.",
            HelpName = "PX",
            DefaultValueFactory = _ => 0.05,
        };
        var small = new Option<bool>("--small") { Description = "Only the main chains, and one pair per case: a check rather than a measurement." };
        var (threads, json) = (SharedOptions.Threads(), SharedOptions.Json());
        var command = new Command("corrections", "Table of the corrections: four earthquakes and none, jitter in phase, shifted and absent, each chain, against the truth.")
        {
            seeds, noise, small, threads, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            bool isSmall = parsed.GetValue(small);
            var chains = isSmall ? CorrectionChain.All.Where(c => c.Name is "raw" or "boundary, plane, common-mode" or "default").ToArray() : CorrectionChain.All;
            var scores = CorrectionBench.Run(
                EarthquakeCase.All, [JitterPhase.InPhase, JitterPhase.Shifted, JitterPhase.None], chains, Math.Max(1, parsed.GetValue(seeds) ?? (isSmall ? 1 : 6)),
                parsed.GetValue(noise), new Workers(parsed.GetValue(threads), cancellation));
            if (parsed.GetValue(json))
                Console.Out.WriteLine(new JsonObject { ["corrections"] = JsonSerializer.SerializeToNode(scores.ToArray()) }.ToJsonString(JsonText.Readable));
            else
                Write(scores);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Write(IEnumerable<CorrectionScore> scores)
    {
        Console.Out.WriteLine("Systematic RMSE_xy in m; offset error across the fault in per cent (median and worst of the seeds); worst 1 km2 block in m; seconds per field.");
        Console.Out.WriteLine("| earthquake | jitter | chain | everywhere | near fault | offset | worst offset | worst block | s |");
        Console.Out.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var s in scores)
            Console.Out.WriteLine(
                $"| {s.Earthquake} | {s.Jitter} | {s.Chain} | {s.Everywhere:0.00} | {s.NearFault:0.00} | {s.OffsetPercent:+0.0;-0.0;0.0} | {s.WorstOffsetPercent:+0.0;-0.0;0.0} | {s.LargestBlock:0.00} | {s.Seconds:0.0} |");
    }
}
