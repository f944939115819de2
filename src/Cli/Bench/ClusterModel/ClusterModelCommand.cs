using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench.ClusterModel;

/// <summary><c>gdm bench cluster-model</c>: how far a cluster scales, by replaying measured times through the coordinator's own code in simulated time.</summary>
internal static class ClusterModelCommand
{
    private const double KneeEfficiency = 0.9;

    // Of a stack with corrections and without masks: those over all pairs, and nine of each pair; one slope mask comes with them.
    private const int AnalysisProducts = 8, ProductsOfPair = 9;

    private static readonly int[] Counts = [1, 10, 20, 50, 100, 150, 200, 300, 500, 700, 1000];

    public static Command Create()
    {
        var times = new Option<string?>("--times") { Description = "Measured times of units, as 'gdm ops job times JOB --json' prints them [those of docs/operations.md].", HelpName = "FILE" };
        var tiles = SharedOptions.Number("--event-tiles", "Sentinel-2 tiles of the event", 16, 1, 200);
        var images = SharedOptions.Number("--images", "Images of each tile, half of them before the earthquake", 4, 2, 20);
        var matchTiles = SharedOptions.Number("--tiles-per-pair", "Matching tiles of one pair; 49 is a whole Sentinel-2 tile", 49, 1, 10000);
        var aggregators = SharedOptions.Number("--aggregators", "Aggregators; 0 takes one per pair", 0, 0, 1000);
        var latency = SharedOptions.Number("--message-milliseconds", "Time of a message on its way, confirmed", 5, 0, 10000);
        var json = SharedOptions.Json();
        var command = new Command("cluster-model", "How far a cluster scales: measured unit times through the real coordinator, with 1 to 1000 simulated workers.") { times, tiles, images, matchTiles, aggregators, latency, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var shape = Event(parsed.GetValue(tiles), parsed.GetValue(images), parsed.GetValue(matchTiles));
            var measured = parsed.GetValue(times) is { } file ? StageTimes.Read(file) : StageTimes.Measured;
            if (shape.Mosaic >= 0 && measured.MosaicSecondsPerTile.Length == 0)
                throw new InputException($"{parsed.GetValue(times)} has no times of a mosaic: take them from a job of several Sentinel-2 tiles, or give --event-tiles 1.");
            string folder = Path.Combine(Path.GetTempPath(), $"gdm-model-{Guid.NewGuid():N}");
            var cost = await CoordinatorCost.MeasureAsync(folder, cancellation);
            int pairs = shape.Pairs.Count, aggregating = parsed.GetValue(aggregators) is > 0 and var given ? given : pairs;
            var rows = new List<ModelRow>();
            foreach (int count in Counts)
            {
                cancellation.ThrowIfCancellationRequested();
                rows.Add(new ClusterSimulation(shape, measured, count, aggregating, cost.WholeMicroseconds / 1e6, parsed.GetValue(latency) / 1e3).Run());
            }

            var report = new ModelReport(
                measured.Source, shape.Acquisitions, pairs, shape.Tiles, shape.Stacks, shape.Products.Sum() + shape.MosaicProducts, cost, rows, Knee(rows, row => row.Efficiency), Knee(rows, row => row.MatchingEfficiency),
                cost.ResultsPerSecond * measured.CorrelateSeconds.Average(), CriticalSeconds(shape, measured));
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(report, JsonText.ReadableRecords));
            else
                Write(report);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>One job of several Sentinel-2 tiles: every image before the earthquake pairs with every one after it.</summary>
    internal static JobShape Event(int tiles, int images, int matchTiles)
    {
        var pairs = new List<PairShape>();
        int before = images / 2;
        for (int stack = 0; stack < tiles; stack++)
        {
            for (int reference = 0; reference < before; reference++)
            {
                for (int secondary = before; secondary < images; secondary++)
                    pairs.Add(new PairShape(stack * images + reference, stack * images + secondary, matchTiles, stack));
            }
        }

        int pairsOfStack = before * (images - before);
        return new JobShape(tiles * images, pairs, tiles)
        {
            Products = [.. Enumerable.Repeat(AnalysisProducts + ProductsOfPair * pairsOfStack + 1, tiles)],
            MosaicProducts = tiles > 1 ? AnalysisProducts : 0,
        };
    }

    /// <summary>What no number of workers shortens: one image, one tile, one pair, one stack, one product, its publication, and the same of the mosaic of several.</summary>
    internal static double CriticalSeconds(JobShape shape, StageTimes times) =>
        times.PrepareSeconds.Max() + times.CorrelateSeconds.Max() + times.AggregateSeconds.Max() + times.SummariseSeconds.Max() + times.WriteSeconds.Max() + times.PublishSeconds.Max()
        + (shape.Mosaic >= 0 ? shape.Stacks * times.MosaicSecondsPerTile.Max() + times.PublishSeconds.Max() : 0);

    /// <summary>The most workers that are still used to nine tenths; 0 when not even one is.</summary>
    private static int Knee(IReadOnlyList<ModelRow> rows, Func<ModelRow, double> efficiency) => rows.TakeWhile(row => efficiency(row) >= KneeEfficiency).Select(row => row.Workers).LastOrDefault();

    private static void Write(ModelReport report)
    {
        string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        Console.Out.WriteLine($"Times: {report.Source}");
        Console.Out.WriteLine($"Job: {report.Acquisitions} acquisitions, {report.Pairs} pairs, {report.Tiles} matching tiles, {report.Stacks} stacks, {report.Products} products.");
        Console.Out.WriteLine(
            $"Coordinator, measured here: {F(report.Coordinator.DecisionMicroseconds, "0")} us of processor per result for deciding, {F(report.Coordinator.WholeMicroseconds, "0")} us with messages and job store (SQLite): "
            + $"{F(report.Coordinator.ResultsPerSecond, "0")} results per second on one core.");
        var table = new TextTable("workers", "makespan s", "efficiency", "while matching", "after it s", "messages/s", "coordinator");
        foreach (var row in report.Rows)
            table.Add(row.Workers.ToString(CultureInfo.InvariantCulture), F(row.MakespanSeconds, "0"), F(row.Efficiency, "0.0%"), F(row.MatchingEfficiency, "0.0%"), F(row.SecondsAfterMatching, "0"), F(row.MessagesPerSecond, "0.0"), F(row.CoordinatorLoad, "0.00%"));
        table.Write(Console.Out);
        Console.Out.WriteLine(
            $"90 % efficiency up to {report.Knee} workers, while matching up to {report.MatchingKnee}; {F(report.CriticalSeconds, "0")} s of the makespan are a chain that no worker shortens. "
            + $"The coordinator would be busy all the time with about {F(report.SaturatingWorkers, "0")} workers.");
    }
}

/// <summary>What the command prints.</summary>
/// <param name="Knee">Most workers at which the whole job keeps 90 % efficiency.</param>
/// <param name="MatchingKnee">The same for the time from the first tile to the last.</param>
/// <param name="SaturatingWorkers">Workers whose results would keep the coordinator busy all the time.</param>
/// <param name="CriticalSeconds">Longest chain of units that wait for each other.</param>
internal sealed record ModelReport(
    string Source, int Acquisitions, int Pairs, int Tiles, int Stacks, int Products, CoordinatorCost Coordinator, IReadOnlyList<ModelRow> Rows, int Knee, int MatchingKnee, double SaturatingWorkers, double CriticalSeconds);
