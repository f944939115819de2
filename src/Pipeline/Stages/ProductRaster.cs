using System.Text.Json;
using System.Text.Json.Serialization;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.ResultDocuments;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// One raster of a result, made by itself, since none needs another: its file waits in the work store until the result is published, and beside it what
/// previews and documents need to know of its pixels. Published, the file is gone from the work store, so it never takes its room twice.
/// </summary>
internal sealed class ProductRaster
{
    // Another process that publishes the same result may take a file between the look and the move.
    private const int Attempts = 5;

    private const string StatisticsText = "statistics", Means = "means", Extents = "extents";

    private static readonly JsonSerializerOptions s_exact = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly ProductFile _file;
    private readonly RasterGrid _grid;
    private readonly WorkKey _key;
    private readonly WorkKey _traces;
    private readonly Func<string, Action<int, Raster<float>>, RasterStatistics> _write;

    /// <param name="stage">Name of the stage that makes it.</param>
    /// <param name="version">Version of that stage.</param>
    /// <param name="file">What it is; with its grid and the type of its pixels.</param>
    /// <param name="sources">Keys and parameters that its pixels follow from.</param>
    /// <param name="write">Writes the file under a path; shows the rows of float pixels to the given action as they pass, from the first to the last.</param>
    public ProductRaster(string stage, string version, ProductFile file, IEnumerable<object?> sources, Func<string, Action<int, Raster<float>>, RasterStatistics> write)
    {
        _file = file;
        _grid = file.Grid!;
        var options = file.Options;
        object?[] parts =
        [
            file.Name, file.DataType, _grid.EpsgCode, _grid.OriginX, _grid.OriginY, _grid.PixelSizeMetres, _grid.Width, _grid.Height, options.Description, options.Unit, options.NoData, options.Categorical, options.Smooth,
            .. options.Metadata.OrderBy(fact => fact.Key, StringComparer.Ordinal).Select(fact => $"{fact.Key}={fact.Value}"), .. sources,
        ];
        _key = StageKeys.Of(stage, version, parts);
        _traces = StageKeys.Of($"{stage}-traces", version, parts);
        _write = write;
    }

    /// <summary>Whether a preview is drawn of it.</summary>
    public bool IsPreviewed { get; init; }

    /// <summary>Whether its known pixels are those of the whole result.</summary>
    public bool IsOutline { get; init; }

    public ProductFile File => _file;

    /// <summary>Makes the file unless it waits already.</summary>
    /// <param name="estimatedSeconds">Weight in the progress.</param>
    public void Make(StageContext work, double estimatedSeconds) =>
        work.Journal.Run(_key.Stage, $"writing {_file.Name}", estimatedSeconds, IsMade(work.Store), () => Write(work.Store));

    /// <summary>Moves the file to its place, made anew if it does not wait, and tells what is known of it.</summary>
    /// <exception cref="InputException">The disk is full.</exception>
    public PublishedRaster Publish(string path, StageContext work)
    {
        for (int attempt = 1; ; attempt++)
        {
            work.Workers.Cancellation.ThrowIfCancellationRequested();
            if (!IsMade(work.Store))
                Write(work.Store);
            if (work.Store.TryMove(_key, path))
                return Read(work.Store);
            if (attempt == Attempts)
                throw new InputException($"{path} cannot be published, because another process takes its file away again and again: wait until that is done, then start again.");
        }
    }

    private bool IsMade(WorkStore store) => store.Contains(_key) && store.Contains(_traces);

    private void Write(WorkStore store)
    {
        var copy = IsPreviewed ? new ReducedCopy(_grid) : null;
        var footprint = IsOutline ? new Footprint(_grid) : null;
        RasterStatistics? statistics = null;
        store.Publish(_key, path => statistics = _write(path, (firstRow, rows) =>
        {
            copy?.Add(firstRow, rows);
            footprint?.Add(firstRow, rows);
        }));
        var layouts = new List<RasterLayout>();
        if (copy is not null)
            layouts.Add(RasterLayout.Of<float>(Means, copy.Grid.Width, copy.Grid.Height));
        if (footprint is not null)
            layouts.Add(RasterLayout.Of<int>(Extents, Footprint.ExtentsWidth, _grid.Height));
        using var writer = store.Create(_traces, layouts);
        writer.SetText(StatisticsText, JsonSerializer.Serialize(statistics, s_exact));
        if (copy is not null)
            writer.Write(Means, copy.Means, 0, 0);
        if (footprint is not null)
            writer.Write(Extents, footprint.Extents, 0, 0);
        writer.Publish();
    }

    private PublishedRaster Read(WorkStore store)
    {
        using var traces = store.Open(_traces);
        return new PublishedRaster(
            _file with { Statistics = JsonSerializer.Deserialize<RasterStatistics>(traces.Texts[StatisticsText], s_exact) },
            IsPreviewed ? new ReducedCopy(_grid, traces.Read<float>(Means)) : null,
            IsOutline ? new Footprint(_grid, traces.Read<int>(Extents)) : null);
    }
}

/// <summary>One raster of a result under its name.</summary>
/// <param name="File">With its statistics.</param>
/// <param name="Copy">What its preview is drawn from, if it has one.</param>
/// <param name="Footprint">Where it has values, if that stands for the whole result.</param>
internal sealed record PublishedRaster(ProductFile File, ReducedCopy? Copy, Footprint? Footprint);
