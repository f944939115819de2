using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.ResultDocuments;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Every raster of one stack's result, in the order in which documents list them: what it is, and how it is made of what lies in the work store.</summary>
internal sealed class StackRasters
{
    // Few rows at once, since several products are written side by side; a multiple of the blocks of the file that they pass through.
    private const int RowsAtOnce = 128;

    private const string Version = "1";

    private readonly JobPlan _plan;
    private readonly StackOutput _output;
    private readonly StageContext _work;
    private readonly ProductTable _table;
    private readonly List<ProductRaster> _rasters = [];

    private StackRasters(JobPlan plan, StackOutput output, StageContext work)
    {
        _plan = plan;
        _output = output;
        _work = work;
        _table = new ProductTable(plan);
        AddAnalysis();
        foreach (var pair in output.Pairs)
            AddPair(pair);
        AddMasks();
    }

    public static IReadOnlyList<ProductRaster> Of(JobPlan plan, StackOutput output, StageContext work) => new StackRasters(plan, output, work)._rasters;

    private void AddAnalysis()
    {
        Statistic<float>(_table.MeanMagnitude, SummariseStack.Magnitude, isPreviewed: true, isOutline: true);
        Statistic<float>(_table.MeanEastWest, SummariseStack.MeanEastWest, isPreviewed: true);
        Statistic<float>(_table.MeanNorthSouth, SummariseStack.MeanNorthSouth, isPreviewed: true);
        Statistic<float>(_table.Quality, SummariseStack.Quality, isPreviewed: true);
        Statistic<float>(_table.StandardError("EW"), SummariseStack.SigmaEastWest);
        Statistic<float>(_table.StandardError("NS"), SummariseStack.SigmaNorthSouth);
        Statistic<float>(_table.Coherence, SummariseStack.Coherence);
        Statistic<byte>(_table.ValidPairs, SummariseStack.ValidPairs);

        void Statistic<T>(ProductFile file, string band, bool isPreviewed = false, bool isOutline = false)
            where T : unmanaged => Add(file, _output.Stack, [], (entry, window) => entry.Read<T>(band, window), isPreviewed, isOutline);
    }

    private void AddPair(PairOutput pair)
    {
        var parameters = _plan.Parameters;
        foreach (var (component, band) in new[] { ("EW", CorrectPair.Dx), ("NS", CorrectPair.Dy) })
        {
            Add(_table.Corrected(pair.Pair, component), pair.Corrected, [], (entry, window) => entry.Read<float>(band, window));
            if (!parameters.Correction.ApplyCorrection)
                continue;
            Add(_table.Filtered(pair.Pair, component), pair.Corrected, [pair.Filtered], (entry, window) => FilterPair.ReadFiltered(pair, entry, band, window, _work.Store));
            var model = new Lazy<CorrectionModel>(() => CorrectPair.ReadModel(pair.Corrected, _work.Store)!);
            Add(_table.Removed(pair.Pair, component), pair.Corrected, [], (_, window) => Removed(model.Value, window, band));
        }

        Add(_table.Correlation(pair.Pair), pair.Field, [], (entry, window) => Quantised(entry.Read<float>("score", window)));
        Add(_table.Decorrelation(pair.Pair), pair.Field, [StageKeys.Text(parameters.Decorrelation)], (entry, window) =>
            DecorrelationMask.Compute(entry.Read<float>("score", window), parameters.Decorrelation, _work.Workers));
        Add(_table.ValidityFlags(pair.Pair), pair.Filtered, [], (_, window) => FilterPair.ReadValidity(pair, window, _work.Store));
    }

    private void AddMasks()
    {
        foreach (var image in _output.Images.Values.Where(i => i.MaskKey is not null))
        {
            var file = ProductTable.SpectralMask(image.Image) with { Grid = MaskScene.GridOf(image.Image.Product), DataType = ProductFile.DataTypeOf<byte>() };
            _rasters.Add(new ProductRaster(WriteProducts.Stage, Version, file, [image.MaskKey], (path, _) => MaskAcquisition.WriteProduct(image, path, _work)));
        }

        if (_output.Terrain is { } terrain)
            Add(_table.SlopeMask, terrain, [], (entry, window) => entry.Read<byte>(PrepareTerrain.SlopeMaskRaster, window));
        else
            Add(_table.SlopeMask, null, [], (_, window) => new Raster<byte>(window.Width, window.Height).Fill(KeepCode.Kept));
    }

    /// <param name="source">Entry of the work store that is read; null: none.</param>
    /// <param name="more">What else the pixels follow from.</param>
    private void Add<T>(ProductFile file, WorkKey? source, object?[] more, Func<WorkEntry, Window, Raster<T>> read, bool isPreviewed = false, bool isOutline = false)
        where T : unmanaged => _rasters.Add(new ProductRaster(
            WriteProducts.Stage, Version, file with { Grid = _plan.Grid, DataType = ProductFile.DataTypeOf<T>() }, [source, .. more], (path, look) =>
            {
                using var entry = source is { } key ? _work.Store.Open(key) : null;
                using var writer = new GeoTiffWriter<T>(path, _plan.Grid, file.Options);
                foreach (var window in StageContext.Rows(_plan.Grid, RowsAtOnce))
                {
                    _work.Workers.Cancellation.ThrowIfCancellationRequested();
                    var rows = read(entry!, window);
                    if (rows is Raster<float> values)
                        look(window.Y, values);
                    writer.WriteRows(window.Y, rows);
                }

                return writer.Complete();
            })
        {
            IsPreviewed = isPreviewed,
            IsOutline = isOutline,
        });

    private Raster<float> Removed(CorrectionModel model, Window window, string band)
    {
        var (dx, dy) = model.Surface(window, _work.Workers);
        return band == CorrectPair.Dx ? dx : dy;
    }

    private static Raster<byte> Quantised(Raster<float> score)
    {
        var codes = new Raster<byte>(score.Width, score.Height);
        for (int i = 0; i < codes.Pixels.Length; i++)
            codes.Pixels[i] = float.IsNaN(score.Pixels[i]) ? (byte)0 : (byte)Math.Round(128 + 127 * Math.Clamp(score.Pixels[i], 0f, 1f));
        return codes;
    }
}
