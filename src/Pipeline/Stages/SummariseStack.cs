using System.Text.Json;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Statistics;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 9: the filtered fields of all pairs to mean displacement, quality and standard error.</summary>
public static class SummariseStack
{
    public const string Stage = "summarise-stack";

    /// <summary>Names of the rasters in the work store.</summary>
    internal const string MeanEastWest = "meanEastWest", MeanNorthSouth = "meanNorthSouth", Magnitude = "magnitude", Quality = "quality",
        SigmaEastWest = "sigmaEastWest", SigmaNorthSouth = "sigmaNorthSouth", Coherence = "coherence", ValidPairs = "validPairs";

    private const string Counts = "counts";

    public static WorkKey KeyOf(IReadOnlyList<PairOutput> pairs, JobParameters parameters) => StageKeys.Of(
        Stage, StackStatistics.MethodVersion, [.. pairs.SelectMany(p => new object?[] { p.Filtered, p.Pair.IsBackward }), StageKeys.Text(parameters.Statistics),
        parameters.Decorrelation.DecorrelationThreshold]);

    public static WorkKey Run(IReadOnlyList<PairOutput> pairs, JobPlan plan, StageContext work)
    {
        var key = KeyOf(pairs, plan.Parameters);
        var grid = plan.Grid;
        RasterLayout[] rasters =
        [
            .. new[] { MeanEastWest, MeanNorthSouth, Magnitude, Quality, SigmaEastWest, SigmaNorthSouth, Coherence }
                .Select(name => RasterLayout.Of<float>(name, grid.Width, grid.Height)),
            RasterLayout.Of<byte>(ValidPairs, grid.Width, grid.Height),
        ];
        work.Run(Stage, $"statistics over {pairs.Count} {(pairs.Count == 1 ? "pair" : "pairs")}", plan.Cost.SecondsOfStatistics, key, rasters, writer =>
        {
            var roles = pairs.Select(p => new PairRole(plan.IndexOf(p.Pair.Reference), plan.IndexOf(p.Pair.Secondary), p.Pair.IsBackward)).ToArray();
            var tally = new StackTally(pairs.Count);
            int halo = StackStatistics.Halo(plan.Parameters.Statistics);
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var window = new Window(0, block.Y - halo, grid.Width, block.Height + 2 * halo).Intersect(grid.Bounds);
                var layers = pairs.Select((pair, k) => new PairLayer(roles[k], FilterPair.ReadFiltered(pair, window, work.Store))).ToArray();
                var core = block.RelativeTo(window);
                var result = StackStatistics.Compute(
                    layers, core, grid.PixelSizeMetres, plan.Parameters.Decorrelation.DecorrelationThreshold, plan.Parameters.Statistics, work.Workers);
                Write(writer, result, block);
                tally.Add(layers, core, result);
            }

            writer.SetText(Counts, JsonSerializer.Serialize(tally.Finish(pairs)));
        });
        return key;
    }

    public static StackCounts ReadCounts(WorkKey key, WorkStore store)
    {
        using var entry = store.Open(key);
        return JsonSerializer.Deserialize<StackCounts>(entry.Texts[Counts])!;
    }

    private static void Write(WorkEntryWriter writer, StackResult result, Window block)
    {
        writer.Write(MeanEastWest, result.MeanEastWest, block.X, block.Y);
        writer.Write(MeanNorthSouth, result.MeanNorthSouth, block.X, block.Y);
        writer.Write(Magnitude, result.Magnitude, block.X, block.Y);
        writer.Write(Quality, result.Quality, block.X, block.Y);
        writer.Write(SigmaEastWest, result.SigmaEastWest, block.X, block.Y);
        writer.Write(SigmaNorthSouth, result.SigmaNorthSouth, block.X, block.Y);
        writer.Write(Coherence, result.Coherence, block.X, block.Y);
        writer.Write(ValidPairs, result.ValidPairs, block.X, block.Y);
    }
}
