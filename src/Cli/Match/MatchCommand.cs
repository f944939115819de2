using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.TwoRasters;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Match;

/// <summary><c>gdm match REF SEC --out DIR</c>: the matcher alone, on two rasters of one grid.</summary>
internal static class MatchCommand
{
    public static Command Create()
    {
        var reference = new Argument<string>("REF") { Description = "Earlier image: any raster that GDAL reads, one band." };
        var secondary = new Argument<string>("SEC") { Description = "Later image, on the grid of REF." };
        var folder = SharedOptions.Out("Folder for dx.tif, dy.tif, score.tif, sigma_dx.tif, sigma_dy.tif and validity.tif.");
        var band = BandOption();
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var command = new Command("match", "Displacement between two rasters of one grid: East and South in pixels, with score, uncertainty and validity.")
        {
            reference, secondary, folder, band, threads, json,
        };
        var parameters = ParameterOptions<PairMatchParameters>.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(reference)!, parsed.GetValue(secondary)!, parsed.GetValue(folder)!, parsed.GetValue(band), parameters.Read(parsed),
            new Workers(parsed.GetValue(threads), cancellation), parsed.GetValue(json))));
        return command;
    }

    /// <summary>Band of both rasters, from 1.</summary>
    internal static Option<int?> BandOption() => new("--band") { Description = "Band of both rasters, from 1 [default: the only one].", HelpName = "N" };

    private static int Run(string reference, string secondary, string folder, int? band, PairMatchParameters parameters, Workers workers, bool json)
    {
        // Wrong radii are the user's mistake on the command line, before any file is opened.
        try
        {
            parameters.FlowParameters.RadiusList();
        }
        catch (InputException fault)
        {
            throw new UsageException(fault.Message);
        }

        using var pair = RasterPair.OpenOnOneGrid(reference, secondary, band);
        var method = parameters.Chosen();
        var summary = new FieldSummary(pair.Grid.Bounds.PixelCount);
        using var files = new FieldFolder(folder, pair.Grid);
        TiledMatch.Run(pair, method, parameters.Tiling, workers, (core, field, share) =>
        {
            files.Write(core, field, share);
            summary.Add(field);
        });
        files.Complete();
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(AsJson(summary, method, files), JsonText.Readable));
        else
            WriteText(summary, method, folder);
        if (summary.Valid > 0)
            return ExitCode.Ok;
        Console.Error.WriteLine($"gdm: No pixel of {reference} and {secondary} could be matched ({Reasons(summary)}); validity.tif in {folder} says why for each: check that both images show the same ground.");
        return ExitCode.NoValidResult;
    }

    private static void WriteText(FieldSummary summary, MatchMethod method, string folder)
    {
        string F(double value) => value.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);
        Console.Out.WriteLine($"method    {method.Name}");
        Console.Out.WriteLine($"valid     {100.0 * summary.Valid / summary.Pixels:0.00} % of {summary.Pixels} pixels{(summary.Valid < summary.Pixels ? $" (without value: {Reasons(summary)})" : "")}");
        if (summary.Valid > 0)
        {
            Console.Out.WriteLine($"dx        median {F(summary.MedianDx)} px, spread (NMAD) {summary.NmadDx:0.0000} px; East is positive");
            Console.Out.WriteLine($"dy        median {F(summary.MedianDy)} px, spread (NMAD) {summary.NmadDy:0.0000} px; South is positive");
            Console.Out.WriteLine($"score     median {summary.MedianScore:0.000}");
        }

        Console.Out.WriteLine($"files     {folder}");
    }

    private static string Reasons(FieldSummary summary) => string.Join(", ", summary.Reasons().Select(r => $"{r.Reason} {(r.Share < 1e-4 ? "under 0.01" : (100 * r.Share).ToString("0.##", CultureInfo.InvariantCulture))} %"));

    private static object AsJson(FieldSummary summary, MatchMethod method, FieldFolder files) => new
    {
        method = method.Name,
        pixels = summary.Pixels,
        validPixels = summary.Valid,
        medianDxPixels = Finite(summary.MedianDx),
        medianDyPixels = Finite(summary.MedianDy),
        nmadDxPixels = Finite(summary.NmadDx),
        nmadDyPixels = Finite(summary.NmadDy),
        medianScore = Finite(summary.MedianScore),
        reasons = summary.Reasons().ToDictionary(r => r.Reason.ToString(), r => r.Share),
        files = files.Paths,
    };

    // JSON knows no NaN.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
