using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>What every stage is given besides its input: where outputs go, how many threads there are, and who notes what happens.</summary>
public sealed class StageContext(WorkStore store, Workers workers, StageJournal journal)
{
    /// <summary>Rows that are read, computed and written at once; a multiple of every decimation used and of the blocks of the files.</summary>
    public const int RowsAtOnce = 640;

    public WorkStore Store { get; } = store;

    public Workers Workers { get; } = workers;

    public StageJournal Journal { get; } = journal;

    /// <summary>The same with other threads, for a part of a stage that runs beside others.</summary>
    public StageContext With(Workers others) => new(Store, others, Journal);

    /// <summary>The image cut into full-width blocks of rows.</summary>
    public static IEnumerable<Window> RowBlocks(RasterGrid grid) => Rows(grid, RowsAtOnce);

    public static IEnumerable<Window> Rows(RasterGrid grid, int rows)
    {
        for (int y = 0; y < grid.Height; y += rows)
            yield return new Window(0, y, grid.Width, Math.Min(rows, grid.Height - y));
    }

    /// <summary>Runs a stage: skipped if its output is there, else its output appears in the work store when <paramref name="write"/> has filled it.</summary>
    /// <param name="stage">Name of the stage, kebab-case.</param>
    /// <param name="words">What is being done, for people.</param>
    /// <param name="estimatedSeconds">Weight in the progress.</param>
    /// <param name="key">Key of the output.</param>
    /// <param name="rasters">Rasters of the output.</param>
    /// <param name="write">Fills them.</param>
    public void Run(string stage, string words, double estimatedSeconds, WorkKey key, IReadOnlyList<RasterLayout> rasters, Action<WorkEntryWriter> write)
    {
        Workers.Cancellation.ThrowIfCancellationRequested();
        Journal.Run(stage, words, estimatedSeconds, Store.Contains(key), () =>
        {
            using var writer = Store.Create(key, rasters);
            write(writer);
            writer.Publish();
        });
    }
}
