using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline.TwoRasters;
using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Cli.Bench;

/// <summary>One setting, timed: medians of its runs.</summary>
/// <param name="Varies">What differs from the defaults.</param>
/// <param name="Ratio">CPU time over that of the method's defaults.</param>
internal sealed record SpeedRow(string Method, string Varies, double CpuSecondsPerMegapixel, double WallSecondsPerMegapixel, double PeakMebibytes, double Ratio);

/// <summary><c>gdm bench speed</c>: CPU seconds per megapixel by method, range, window, threads and tile size.</summary>
internal static class SpeedCommand
{
    public static Command Create()
    {
        var size = new Option<int>("--size") { Description = "Side of the simulated pair in pixels, 600 to 8192 [default: 1000].", HelpName = "PX", DefaultValueFactory = _ => 1000 };
        size.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int side) && side is >= 600 and <= 8192))
                result.AddError($"The option --size cannot be '{text}': give a whole number from 600 to 8192.");
        });
        var repeats = new Option<int>("--repeats") { Description = "Runs of each setting, 1 to 25; the table shows their medians [default: 3].", HelpName = "N", DefaultValueFactory = _ => 3 };
        repeats.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int count) && count is >= 1 and <= 25))
                result.AddError($"The option --repeats cannot be '{text}': give a whole number from 1 to 25.");
        });
        var folder = new Option<string?>("--out", "-o") { Description = "Folder for speed.json and the charts (PNG).", HelpName = "DIR" };
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var command = new Command("speed", "CPU seconds per megapixel by method, range, window, number of threads and tile size.") { size, repeats, folder, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            var rows = Measure(parsed.GetValue(size), parsed.GetValue(repeats), parsed.GetValue(threads), cancellation);
            string text = JsonSerializer.Serialize(rows, JsonText.Readable);
            if (parsed.GetValue(folder) is { } path)
            {
                ReportFolder.Write(path, "speed.json", text);
                foreach (var method in rows.GroupBy(r => r.Method))
                {
                    new Chart($"Cost per megapixel: {method.Key}", "s").Bars(
                        method.Select(r => r.Varies).ToArray(),
                        [("CPU seconds", method.Select(r => r.CpuSecondsPerMegapixel).ToArray()), ("wall seconds", method.Select(r => r.WallSecondsPerMegapixel).ToArray())])
                        .Save(Path.Combine(path, $"speed-{method.Key}.png"));
                }
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(text);
            else
                WriteTable(rows);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static List<SpeedRow> Measure(int size, int repeats, int threads, CancellationToken cancellation)
    {
        var input = Pair(size);
        var rows = new List<SpeedRow>();
        foreach (string method in new[] { PairMatchParameters.Correlation, PairMatchParameters.OpticalFlow })
        {
            var defaults = new PairMatchParameters { Method = method };
            // The runtime compiles the kernels, and again once they have run for a while: that must not be on the bill of the first setting.
            Console.Error.WriteLine($"warming up {method}");
            Run(input, defaults, new Workers(1, cancellation));
            foreach (var (varies, parameters, count) in Settings(defaults, threads))
            {
                cancellation.ThrowIfCancellationRequested();
                Console.Error.WriteLine($"timing {method}, {varies}");
                var costs = new Cost[repeats];
                for (int i = 0; i < repeats; i++)
                    costs[i] = Cost.Of(() => Run(input, parameters, new Workers(count, cancellation))).Cost;
                double Middle(Func<Cost, double> figure) => OrderStatistics.Median(Array.ConvertAll(costs, c => (float)figure(c)));
                double megapixels = size * (double)size / 1e6, cpu = Middle(c => c.CpuSeconds) / megapixels;
                double first = rows.Find(r => r.Method == method)?.CpuSecondsPerMegapixel ?? cpu;
                rows.Add(new SpeedRow(method, varies, cpu, Middle(c => c.WallSeconds) / megapixels, Middle(c => c.PeakMebibytes), cpu / first));
            }
        }

        return rows;
    }

    private static IEnumerable<(string Varies, PairMatchParameters Parameters, int Threads)> Settings(PairMatchParameters defaults, int threads)
    {
        yield return ("defaults, 1 thread", defaults, 1);
        for (int count = 2; count <= threads; count *= 2)
            yield return ($"{count} threads", defaults, count);
        foreach (int tile in new[] { 256, 512 })
            yield return ($"tile size {tile}", defaults with { Tiling = new TilingParameters { TileSize = tile } }, 1);
        if (defaults.Method == PairMatchParameters.Correlation)
        {
            foreach (int range in new[] { 5, 10, 20 })
                yield return ($"range {range}", defaults with { CorrelationParameters = defaults.CorrelationParameters with { SpatialMatchingRange = range } }, 1);
            foreach (int window in new[] { 1, 7 })
                yield return ($"window {window}", defaults with { CorrelationParameters = defaults.CorrelationParameters with { WindowSize = window } }, 1);
            yield break;
        }

        foreach (int levels in new[] { 1, 5 })
            yield return ($"levels {levels}", defaults with { FlowParameters = defaults.FlowParameters with { FlowLevels = levels } }, 1);
        foreach (string radii in new[] { "16", "64,32,16" })
            yield return ($"radii {radii}", defaults with { FlowParameters = defaults.FlowParameters with { FlowRadii = radii } }, 1);
        yield return ("intensities instead of ranks", defaults with { FlowParameters = defaults.FlowParameters with { FlowRankRadius = 0 } }, 1);
        yield return ("contrast adaptation", defaults with { FlowParameters = defaults.FlowParameters with { FlowContrastAdaptation = true } }, 1);
    }

    private static int Run(MatchInput input, PairMatchParameters parameters, Workers workers)
    {
        var method = parameters.Chosen();
        var plan = TilePlan.Create(input.Width, input.Height, method.HaloPixels, parameters.Tiling);
        foreach (var tile in plan.Tiles)
        {
            var part = new MatchInput(
                input.Reference.Crop(tile.Padded), input.Secondary.Crop(tile.Padded), input.ReferenceValidity.Crop(tile.Padded), input.SecondaryValidity.Crop(tile.Padded));
            Mosaic.CoreOf(method.Match(part, workers), tile.Padded, tile.Core);
        }

        return plan.Tiles.Count;
    }

    // Fractal noise that moved by a third of a pixel: what it shows does not matter for the time, only that it has texture at every scale.
    private static MatchInput Pair(int size)
    {
        var random = new Random(20261122);
        var texture = new Raster<float>(size + 1, size + 1);
        for (int cell = 1; cell <= 64; cell *= 4)
        {
            int side = size / cell + 3;
            var nodes = new Raster<float>(side, side);
            for (int i = 0; i < nodes.Pixels.Length; i++)
                nodes.Pixels[i] = (float)(random.NextDouble() - 0.5) * cell * 20;
            var spline = SplineImage.Of(nodes, Workers.Single);
            for (int y = 0; y <= size; y++)
            {
                for (int x = 0; x <= size; x++)
                    texture[x, y] += spline.Sample((float)x / cell + 0.5f, (float)y / cell + 0.5f);
            }
        }

        var moved = SplineImage.Of(texture, Workers.Single);
        var (reference, secondary) = (new Raster<float>(size, size), new Raster<float>(size, size));
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                reference[x, y] = 1000 + texture[x, y] + (float)random.NextDouble() * 10;
                secondary[x, y] = 1000 + moved.Sample(x - 0.3f, y + 0.2f) + (float)random.NextDouble() * 10;
            }
        }

        return MatchInput.AllValid(reference, secondary);
    }

    private static void WriteTable(List<SpeedRow> rows)
    {
        string F(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
        Console.Out.WriteLine("Cost per megapixel, medians (ratio: CPU time over the method's defaults)");
        var table = new TextTable("method", "setting", "CPU s", "wall s", "peak MiB", "ratio");
        foreach (var row in rows)
            table.Add(row.Method, row.Varies, F(row.CpuSecondsPerMegapixel), F(row.WallSecondsPerMegapixel), row.PeakMebibytes.ToString("0", CultureInfo.InvariantCulture), F(row.Ratio));
        table.Write(Console.Out);
    }
}
