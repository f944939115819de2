using System.Text.Json;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Statistics;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 9: the filtered fields of all pairs to mean displacement, quality and standard error.</summary>
public static class SummariseStack
{
    public const string Stage = "summarise-stack";

    internal const string ValuesFile = "statistics.tif";

    internal const string PairsFile = "valid-pairs.tif";

    private const string CountsFile = "counts.json";

    public static StageKey KeyOf(IReadOnlyList<PairOutput> pairs, JobParameters parameters) => StageKey.Of(
        Stage, StackStatistics.MethodVersion, [.. pairs.SelectMany(p => new object?[] { p.Filtered, p.Pair.IsBackward }), StageKey.Text(parameters.Statistics),
        parameters.Decorrelation.DecorrelationThreshold]);

    public static StageKey Run(IReadOnlyList<PairOutput> pairs, JobPlan plan, StageContext work)
    {
        var key = KeyOf(pairs, plan.Parameters);
        work.Run(Stage, $"statistics over {pairs.Count} {(pairs.Count == 1 ? "pair" : "pairs")}", plan.Cost.SecondsOfStatistics, key, folder =>
        {
            var grid = plan.Grid;
            var roles = pairs.Select(p => new PairRole(plan.IndexOf(p.Pair.Reference), plan.IndexOf(p.Pair.Secondary), p.Pair.IsBackward)).ToArray();
            using var values = WorkRaster.Create(Path.Combine(folder, ValuesFile), grid, PixelType.Float32,
                Enum.GetNames<StackBand>().Select(name => new BandAttributes(name, null, double.NaN)).ToArray());
            using var counts = WorkRaster.Create(Path.Combine(folder, PairsFile), grid, PixelType.Byte, new BandAttributes("valid pairs"));
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
                Write(values, result, block);
                counts.Write(1, result.ValidPairs, block.X, block.Y);
                tally.Add(layers, core, result);
            }

            values.Complete();
            counts.Complete();
            AtomicFile.WriteAllText(Path.Combine(folder, CountsFile), JsonSerializer.Serialize(tally.Finish(pairs)));
        });
        return key;
    }

    public static StackCounts ReadCounts(StageKey key, StageStore store) =>
        JsonSerializer.Deserialize<StackCounts>(File.ReadAllText(store.FileOf(key, CountsFile)))!;

    private static void Write(RasterWriter writer, StackResult result, Window block)
    {
        var bands = new Dictionary<StackBand, Raster<float>>
        {
            [StackBand.MeanEastWest] = result.MeanEastWest,
            [StackBand.MeanNorthSouth] = result.MeanNorthSouth,
            [StackBand.Magnitude] = result.Magnitude,
            [StackBand.Quality] = result.Quality,
            [StackBand.SigmaEastWest] = result.SigmaEastWest,
            [StackBand.SigmaNorthSouth] = result.SigmaNorthSouth,
            [StackBand.Coherence] = result.Coherence,
        };
        foreach (var (band, raster) in bands)
            writer.Write((int)band, raster, block.X, block.Y);
    }
}

/// <summary>Bands of the statistics in the work store, numbered from 1.</summary>
internal enum StackBand
{
    MeanEastWest = 1,
    MeanNorthSouth,
    Magnitude,
    Quality,
    SigmaEastWest,
    SigmaNorthSouth,
    Coherence,
}
