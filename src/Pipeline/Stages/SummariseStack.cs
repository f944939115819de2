using System.Text.Json;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Correction;
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

    private const int RowsBetweenSamples = 40, SampledRows = 4;

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
            var imageErrors = PooledErrors(pairs, roles, plan, work);
            var (planeEast, planeSouth) = PlaneVariances(pairs, work.Store);
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var window = new Window(0, block.Y - halo, grid.Width, block.Height + 2 * halo).Intersect(grid.Bounds);
                var layers = Layers(pairs, roles, window, work);
                var core = block.RelativeTo(window);
                var result = StackStatistics.Compute(
                    layers, core, grid.PixelSizeMetres, plan.Parameters.Decorrelation.DecorrelationThreshold, imageErrors, plan.Parameters.Statistics, work.Workers);
                planeEast.AddTo(result.SigmaEastWest, block, grid, grid.PixelSizeMetres, work.Workers);
                planeSouth.AddTo(result.SigmaNorthSouth, block, grid, grid.PixelSizeMetres, work.Workers);
                Write(writer, result, block);
                tally.Add(layers, core, result);
            }

            writer.SetText(Counts, JsonSerializer.Serialize(tally.Finish(pairs)));
        });
        return key;
    }

    /// <summary>From a few rows of each block, a tenth of the tile: enough for a median, and cheap beside the stage itself.</summary>
    private static ImageErrors PooledErrors(IReadOnlyList<PairOutput> pairs, PairRole[] roles, JobPlan plan, StageContext work)
    {
        var pool = new ImageErrorPool(roles);
        foreach (var rows in StageContext.Rows(plan.Grid, RowsBetweenSamples))
        {
            work.Workers.Cancellation.ThrowIfCancellationRequested();
            var sample = rows with { Height = Math.Min(rows.Height, SampledRows) };
            pool.Add(Layers(pairs, roles, sample, work), plan.Grid.PixelSizeMetres, plan.Parameters.Decorrelation.DecorrelationThreshold);
        }

        return pool.Finish();
    }

    /// <summary>Mean over the pairs, not that of their mean: the planes are mistaken for the same far field in all of them.</summary>
    private static (PlaneVariance East, PlaneVariance South) PlaneVariances(IReadOnlyList<PairOutput> pairs, WorkStore store)
    {
        var (east, south) = (default(PlaneVariance), default(PlaneVariance));
        foreach (var pair in pairs)
        {
            if (CorrectPair.ReadModel(pair.Corrected, store) is { } model)
                (east, south) = (east + model.PlaneVarianceDx, south + model.PlaneVarianceDy);
        }

        return (1.0 / pairs.Count * east, 1.0 / pairs.Count * south);
    }

    private static PairLayer[] Layers(IReadOnlyList<PairOutput> pairs, PairRole[] roles, Window window, StageContext work) =>
        [.. pairs.Select((pair, k) => new PairLayer(roles[k], FilterPair.ReadFiltered(pair, window, work.Store)))];

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
