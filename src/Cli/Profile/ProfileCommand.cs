using System.CommandLine;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Vectors;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Geometry;
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
            var profiles = Measure(folder, parsed.GetValue(trace)!, parameters.Read(parsed), new Workers(parsed.GetValue(threads)), out var grid);
            if (profiles.All(p => p.Problem is not null))
                throw new InputException("No profile has enough valid pixels on both sides of the fault: check the trace, or make the profiles longer or wider.");
            Directory.CreateDirectory(target);
            ProfileFiles.Write(target, profiles, grid);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(Summary(profiles, target).ToJsonString(JsonText.Readable));
            else
                WriteTable(profiles, target);
            return ExitCode.Ok;
        });
        return command;
    }

    private static List<FaultProfile> Measure(string folder, string tracePath, FaultProfileParameters parameters, Workers workers, out RasterGrid grid)
    {
        using var east = RasterFile.Open(MeanDisplacement(folder, "EW"));
        using var south = RasterFile.Open(MeanDisplacement(folder, "NS"));
        grid = east.Grid;
        if (south.Width != east.Width || south.Height != east.Height)
            throw new InputException($"The mean displacements EW and NS in {folder} differ in size: they are not of one job.");
        var lines = VectorFile.ReadLines(tracePath, grid.EpsgCode);
        var full = grid;
        double reach = 1000 * (parameters.HalfLength + parameters.Width);
        var points = lines.SelectMany(l => l).ToArray();
        int left = (int)Math.Floor(full.Column(points.Min(p => p.Easting) - reach)), top = (int)Math.Floor(full.Row(points.Max(p => p.Northing) + reach));
        int right = (int)Math.Ceiling(full.Column(points.Max(p => p.Easting) + reach)), bottom = (int)Math.Ceiling(full.Row(points.Min(p => p.Northing) - reach));
        var window = new Window(left, top, right - left, bottom - top).Intersect(full.Bounds);
        if (window.IsEmpty)
            throw new InputException("The fault trace lies outside the result: choose a trace on this tile, or check its coordinate order (longitude first).");
        var (eastWest, northSouth, part) = (east.Read<float>(1, window), south.Read<float>(1, window), full.Crop(window));
        var profiles = new List<FaultProfile>();
        double along = 0;
        foreach (var line in lines)
        {
            int before = profiles.Count;
            double start = along;
            profiles.AddRange(FaultProfiles.Measure(eastWest, northSouth, part, line, parameters, workers)
                .Select(p => p with { Number = p.Number + before, AlongMetres = p.AlongMetres + start }));
            for (int i = 1; i < line.Count; i++)
                along += double.Hypot(line[i].Easting - line[i - 1].Easting, line[i].Northing - line[i - 1].Northing);
        }

        return profiles;
    }

    private static string MeanDisplacement(string folder, string component)
    {
        string analysis = Path.Combine(folder, ProductNames.Analysis);
        string[] found = Directory.Exists(analysis) ? Directory.GetFiles(analysis, $"*_Mean_displacement_{component}_*.tif") : [];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new InputException($"{folder} holds no {ProductNames.Analysis}/*_Mean_displacement_{component}_*.tif: give the result folder of a finished gdm run."),
            _ => throw new InputException($"{folder} holds the mean displacements {component} of {found.Length} jobs: keep one per folder."),
        };
    }

    private static JsonObject Summary(List<FaultProfile> profiles, string target)
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

    private static void WriteTable(List<FaultProfile> profiles, string target)
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
