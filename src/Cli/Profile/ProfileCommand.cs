using System.CommandLine;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline.Profiles;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Profile;

/// <summary><c>gdm profile</c>: profiles across a fault, and the slip along it.</summary>
internal static class ProfileCommand
{
    public static Command Create()
    {
        var result = new Argument<string>("result") { Description = "Result folder of gdm run." };
        var trace = new Option<string>("--trace") { Description = "Fault trace: GeoJSON or KML line, in WGS 84 or in the reference system of the result.", HelpName = "FILE", Required = true };
        var output = new Option<string?>("--out", "-o") { Description = "Folder for tables and charts [default: Profiles inside the result].", HelpName = "DIR" };
        var (json, threads) = (SharedOptions.Json(), SharedOptions.Threads());
        var command = new Command("profile", "Measure the slip along a fault from profiles across it: CSV, GeoJSON and charts.") { result, trace, output, json, threads };
        var parameters = ParameterOptions<FaultProfileParameters>.AddTo(command);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(result)!;
            string target = parsed.GetValue(output) ?? Path.Combine(folder, "Profiles");
            using var displacement = MeanDisplacement.Open(folder);
            var profiles = displacement.Profiles(displacement.Trace(parsed.GetValue(trace)!), parameters.Read(parsed), new Workers(parsed.GetValue(threads)));
            if (profiles.All(p => p.Problem is not null))
                throw new InputException("No profile has enough valid pixels on both sides of the fault: check the trace, or make the profiles longer or wider.");
            Directory.CreateDirectory(target);
            ProfileFiles.Write(target, profiles, displacement.Grid);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(Summary(profiles, target).ToJsonString(JsonText.Readable));
            else
                WriteTable(profiles, target);
            return ExitCode.Ok;
        });
        return command;
    }

    private static JsonObject Summary(IReadOnlyList<FaultProfile> profiles, string target)
    {
        var good = profiles.Where(p => p.Problem is null).ToArray();
        var largest = good.MaxBy(p => Math.Abs(p.Parallel.Offset))!;
        return new JsonObject
        {
            ["profiles"] = profiles.Count, ["measured"] = good.Length, ["folder"] = target,
            ["largestParallelOffsetMetres"] = largest.Parallel.Offset, ["largestParallelOffsetSigmaMetres"] = largest.Parallel.Sigma,
            ["largestParallelOffsetAlongMetres"] = largest.AlongMetres,
            ["medianParallelOffsetMetres"] = OrderStatistics.Median(good.Select(p => (float)p.Parallel.Offset).ToArray()),
        };
    }

    private static void WriteTable(IReadOnlyList<FaultProfile> profiles, string target)
    {
        Console.Out.WriteLine("profile   along km   strike   parallel m   +-      normal m   +-      zone m");
        foreach (var p in profiles)
        {
            Console.Out.WriteLine(p.Problem is not null
                ? $"{p.Number,7} {p.AlongMetres / 1000,10:0.00} {p.StrikeDegrees,8:0.0}   {p.Problem}"
                : $"{p.Number,7} {p.AlongMetres / 1000,10:0.00} {p.StrikeDegrees,8:0.0} {p.Parallel.Offset,12:+0.00;-0.00;0.00} {p.Parallel.Sigma,6:0.00} {p.Normal.Offset,12:+0.00;-0.00;0.00} {p.Normal.Sigma,6:0.00} {p.ZoneWidthMetres,10:0}");
        }

        Console.Out.WriteLine("Parallel: positive is left-lateral. Normal: positive is opening. Right side of the trace minus left side.");
        Console.Out.WriteLine($"Tables and charts are in {target}.");
    }
}
