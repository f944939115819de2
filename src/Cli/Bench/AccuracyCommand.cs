using System.CommandLine;
using System.Globalization;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Accuracy;
using GdmOptEtq.Pipeline.TwoRasters;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench;

/// <summary><c>gdm bench accuracy [SCENES...]</c>: errors of the matchers where the truth is known, and their spread where it is not.</summary>
internal static class AccuracyCommand
{
    private const int SimulatedSize = 600;

    public static Command Create()
    {
        var scenes = new Argument<string[]>("SCENES")
        {
            Description = "Folders with pre.tif, post.tif and truth.tif (there or one level up), with chips of known shift, or with exactly two rasters; without any, simulated scenes.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var folder = new Option<string?>("--out", "-o") { Description = "Folder for accuracy.json and the charts (PNG).", HelpName = "DIR" };
        var extent = new Option<string?>("--extent") { Description = "Ground to use of pairs without truth, in their coordinates [default: all they share].", HelpName = "W,S,E,N" };
        var band = Match.MatchCommand.BandOption();
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var command = new Command("accuracy", "Error tables of the matchers: both, or the one that --method names.") { scenes, folder, extent, band, threads, json };
        var options = ParameterOptions<PairMatchParameters>.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var parameters = options.Read(parsed);
            bool chosen = parsed.GetResult("--method") is System.CommandLine.Parsing.OptionResult { Implicit: false };
            string[] methods = chosen ? [parameters.Method] : [PairMatchParameters.Correlation, PairMatchParameters.OpticalFlow];
            var workers = new Workers(parsed.GetValue(threads), cancellation);
            var cases = (parsed.GetValue(scenes) ?? []).SelectMany(BenchCase.Find).ToArray();
            var runs = Array.ConvertAll(methods, m => new AccuracyRun(parameters with { Method = m }, parsed.GetValue(band), ParseExtent(parsed.GetValue(extent)), workers));
            return Task.FromResult(Run(cases, runs, parsed.GetValue(folder), parsed.GetValue(json), workers));
        });
        return command;
    }

    internal static (double West, double South, double East, double North)? ParseExtent(string? text)
    {
        if (text is null)
            return null;
        double[] numbers = [.. text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double n) ? n : double.NaN)];
        return numbers.Length == 4 && numbers.All(double.IsFinite) && numbers[0] < numbers[2] && numbers[1] < numbers[3]
            ? (numbers[0], numbers[1], numbers[2], numbers[3])
            : throw new UsageException($"The option --extent cannot be '{text}': give four numbers West,South,East,North.");
    }

    private static int Run(BenchCase[] cases, AccuracyRun[] runs, string? folder, bool json, Workers workers)
    {
        var (scenes, chips, pairs) = (new List<SceneRow>(), new List<ChipRow>(), new List<PairRow>());
        foreach (var run in runs)
            WarmUp(run.Method);
        foreach (var simulated in cases.Length == 0 ? SimulatedScene.Defaults : [])
        {
            Console.Error.WriteLine($"measuring {simulated.Name}");
            var (input, truth) = simulated.Render(SimulatedSize, workers);
            foreach (var run in runs)
                scenes.Add(run.Measure(simulated.Name, input, truth));
        }

        foreach (var item in cases)
        {
            Console.Error.WriteLine($"measuring {item.Name}");
            foreach (var run in runs)
            {
                if (item is TrueScene scene)
                    scenes.Add(run.Measure(scene));
                else if (item is KnownShift chip)
                    chips.Add(run.Measure(chip));
                else if (item is RealPair real)
                    pairs.Add(run.Measure(real));
            }

            if (item is RealPair yardstick)
                pairs.Add(runs[0].MeasureByPhase(yardstick));
        }

        string text = AccuracyReport.Json(scenes, chips, pairs);
        if (folder is not null)
        {
            ReportFolder.Write(folder, "accuracy.json", text);
            AccuracyCharts.Write(folder, scenes);
        }

        if (json)
            Console.Out.WriteLine(text);
        else
            AccuracyReport.WriteTables(Console.Out, scenes, chips, pairs);
        return ExitCode.Ok;
    }

    // The first call compiles the kernels: it must not be on anybody's bill.
    internal static void WarmUp(MatchMethod method)
    {
        var image = new Raster<float>(96, 96);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = i * 7919 % 1009;
        method.Match(MatchInput.AllValid(image, image), Workers.Single);
    }
}
