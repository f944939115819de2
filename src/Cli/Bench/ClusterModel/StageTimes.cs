using System.Text.Json;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench.ClusterModel;

/// <summary>Measured seconds of units of work by stage, replayed in turn: the model invents no spread.</summary>
/// <param name="Source">Where and when they were measured.</param>
/// <param name="PrepareSeconds">One acquisition each.</param>
/// <param name="CorrelateSeconds">One tile each.</param>
/// <param name="AggregateSeconds">One pair each.</param>
/// <param name="SummariseSeconds">Filter and statistics of one stack each.</param>
/// <param name="WriteSeconds">One raster of a stack each.</param>
/// <param name="PublishSeconds">One result each.</param>
/// <param name="MosaicSecondsPerTile">One raster of the mosaic each, over the Sentinel-2 tiles that it covers; empty when they are of a job of one tile.</param>
internal sealed record StageTimes(
    string Source, double[] PrepareSeconds, double[] CorrelateSeconds, double[] AggregateSeconds, double[] SummariseSeconds, double[] WriteSeconds, double[] PublishSeconds,
    double[] MosaicSecondsPerTile)
{
    // Megapixels of a whole Sentinel-2 tile over those of the scene that was measured. Matching tiles are of nearly the same size in both, and previews of the same.
    private const double WholeTile = 10980.0 * 10980 / (3300 * 3300);

    /// <summary>Those of docs/operations.md.</summary>
    /// <remarks>At real-time priority, because the wall clock of a shared machine says more about its neighbours.</remarks>
    public static StageTimes Measured { get; } = new(
        "a pair of 3300 x 3300 px (band B04, four matching tiles, one thread on a core of its own, defaults without masks) and the mosaic of two such, 23 November 2026; all but tiles and publications times 11.07 for a whole Sentinel-2 tile",
        Whole(4.25, 3.78), [8.00, 6.32, 7.63, 7.76], Whole(5.53), Whole(23.32),
        Whole(2.18, 2.22, 2.94, 1.46, 2.24, 2.86, 1.72, 0.70, 1.93, 2.24, 4.13, 2.17, 2.27, 3.42, 1.13, 0.43, 0.52, 0.31), [13.84],
        Whole(1.81, 2.13, 2.13, 1.32, 2.12, 2.13, 1.07, 1.94));

    private static double[] Whole(params double[] seconds) => [.. seconds.Select(second => second * WholeTile)];

    private static readonly JsonSerializerOptions s_strict = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <exception cref="InputException">The file is not what 'gdm ops job times --json' prints.</exception>
    public static StageTimes Read(string file)
    {
        try
        {
            var times = JsonSerializer.Deserialize<StageTimes>(File.ReadAllText(file), s_strict)!;
            foreach (var stage in Enum.GetValues<UnitStage>())
            {
                if (times.Of(stage).Length == 0 || !times.Of(stage).Concat(times.MosaicSecondsPerTile).All(seconds => double.IsFinite(seconds) && seconds > 0))
                    throw new InputException($"{file} has no times above 0 for the stage {stage}: take them from a job that succeeded ('gdm ops job times JOB --json').");
            }

            return times;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{file} cannot be read as times of units ({cause.Message.Split('\n')[0].TrimEnd('.')}): give what 'gdm ops job times JOB --json' prints.", cause);
        }
    }

    public double[] Of(UnitStage stage) => stage switch
    {
        UnitStage.Prepare => PrepareSeconds,
        UnitStage.Correlate => CorrelateSeconds,
        UnitStage.Aggregate => AggregateSeconds,
        UnitStage.Summarise => SummariseSeconds,
        UnitStage.Write => WriteSeconds,
        _ => PublishSeconds,
    };

    /// <summary>Seconds of a unit of the job.</summary>
    public double Of(JobShape shape, int unit)
    {
        if (unit >= shape.FirstOfMosaic && unit != shape.Mosaic)
            return MosaicSecondsPerTile[unit % MosaicSecondsPerTile.Length] * shape.Stacks;
        double[] seconds = Of(shape.StageOf(unit));
        return seconds[unit % seconds.Length];
    }

    /// <summary>Seconds of all units of a stage together.</summary>
    public double Sum(JobShape shape, Func<UnitStage, bool> stages) =>
        Enumerable.Range(0, shape.Units).Where(unit => stages(shape.StageOf(unit))).Sum(unit => Of(shape, unit));
}
