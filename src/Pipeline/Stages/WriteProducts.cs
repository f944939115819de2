using System.Collections.Concurrent;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.ResultDocuments;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 10: everything that was computed to the files that users know. They appear under their names when all of them are complete.</summary>
public static class WriteProducts
{
    public const string Stage = "write-products";

    /// <returns>Names relative to the result folder, job.json last.</returns>
    public static IReadOnlyList<string> Run(JobPlan plan, StackOutput output, string resultFolder, StageContext work, DateTimeOffset started, TimeProvider clock)
    {
        using var staging = new ResultStaging(resultFolder);
        var products = new ProductSet(plan, output, staging.Folder, work);
        products.WriteRasters();
        products.WritePreviews();
        products.WriteStyles();
        var names = plan.Products;
        var counts = SummariseStack.ReadCounts(output.Stack, work.Store);
        AtomicFile.WriteAllText(Path.Combine(staging.Folder, ProductNames.StacItem), StacItem.Json(ResultSubject.Of(plan), products.Written, products.Footprint, names));
        AtomicFile.WriteAllText(Path.Combine(staging.Folder, ProductNames.ReadMe), ResultReadMe.Text(plan, products.Written, counts));
        JobRecord.Write(Path.Combine(staging.Folder, ProductNames.JobFile), plan, output, work, started, clock);
        string? missing = names.FirstOrDefault(n => !File.Exists(Path.Combine(staging.Folder, n)));
        if (missing is not null)
            throw new InvalidOperationException($"The product {missing} was announced and not written.");
        staging.Publish();
        return names;
    }

    /// <summary>One run of the stage.</summary>
    private sealed class ProductSet(JobPlan plan, StackOutput output, string folder, StageContext work)
    {
        // Few rows at once, since several products are written side by side; a multiple of the blocks of the file that they pass through.
        private const int RowsAtOnce = 128;

        private readonly ProductTable _table = new(plan);
        private readonly List<(ProductFile File, Func<ProductFile> Write)> _products = [];
        private readonly Dictionary<string, ReducedCopy> _copies = [];
        private readonly ConcurrentDictionary<string, ColourScale> _scales = new();

        /// <summary>In the order of the table.</summary>
        public IReadOnlyList<ProductFile> Written { get; private set; } = [];

        /// <summary>Where there is a mean displacement.</summary>
        public Footprint Footprint { get; } = new(plan.Grid);

        /// <summary>Every raster; as many side by side as there are threads, since none needs another.</summary>
        public void WriteRasters()
        {
            AddAnalysis();
            foreach (var pair in output.Pairs)
                AddPair(pair);
            AddMasks();
            var written = new ProductFile[_products.Count];
            work.Workers.Each(written.Length, i => work.Journal.Run(
                Stage, $"writing {_products[i].File.Name}", plan.Cost.SecondsOfProduct, present: false, () => written[i] = _products[i].Write()));
            Written = written;
        }

        private void AddAnalysis()
        {
            Previewed(_table.MeanMagnitude, SummariseStack.Magnitude, Footprint.Add);
            Previewed(_table.MeanEastWest, SummariseStack.MeanEastWest);
            Previewed(_table.MeanNorthSouth, SummariseStack.MeanNorthSouth);
            Previewed(_table.Quality, SummariseStack.Quality);
            Statistic<float>(_table.StandardError("EW"), SummariseStack.SigmaEastWest);
            Statistic<float>(_table.StandardError("NS"), SummariseStack.SigmaNorthSouth);
            Statistic<float>(_table.Coherence, SummariseStack.Coherence);
            Statistic<byte>(_table.ValidPairs, SummariseStack.ValidPairs);

            void Previewed(ProductFile file, string band, Action<int, Raster<float>>? look = null)
            {
                var copy = _copies[file.Name] = new ReducedCopy(plan.Grid);
                look += copy.Add;
                Statistic(file, band, look);
            }

            void Statistic<T>(ProductFile file, string band, Action<int, Raster<T>>? look = null)
                where T : unmanaged => Add(file, output.Stack, (entry, window) => entry.Read<T>(band, window), look);
        }

        private void AddPair(PairOutput pair)
        {
            var parameters = plan.Parameters;
            var model = CorrectPair.ReadModel(pair.Corrected, work.Store);
            foreach (var (component, band) in new[] { ("EW", CorrectPair.Dx), ("NS", CorrectPair.Dy) })
            {
                Add(_table.Corrected(pair.Pair, component), pair.Corrected, (entry, window) => entry.Read<float>(band, window));
                if (!parameters.Correction.ApplyCorrection)
                    continue;
                Add(_table.Filtered(pair.Pair, component), pair.Corrected, (entry, window) => FilterPair.ReadFiltered(pair, entry, band, window, work.Store));
                Add(_table.Removed(pair.Pair, component), pair.Corrected, (_, window) => Removed(model!, window, band));
            }

            Add(_table.Correlation(pair.Pair), pair.Field, (entry, window) => Quantised(entry.Read<float>("score", window)));
            Add(_table.Decorrelation(pair.Pair), pair.Field, (entry, window) => DecorrelationMask.Compute(entry.Read<float>("score", window), parameters.Decorrelation, work.Workers));
            Add(_table.ValidityFlags(pair.Pair), pair.Filtered, (_, window) => FilterPair.ReadValidity(pair, window, work.Store));
        }

        private void AddMasks()
        {
            foreach (var image in output.Images.Values.Where(i => i.MaskKey is not null))
            {
                var file = ProductTable.SpectralMask(image.Image);
                _products.Add((file, () =>
                {
                    var (grid, statistics) = MaskAcquisition.WriteProduct(image, Path.Combine(folder, file.Name), work);
                    return file with { Grid = grid, Statistics = statistics, DataType = ProductFile.DataTypeOf<byte>() };
                }));
            }

            if (output.Terrain is { } terrain)
                Add(_table.SlopeMask, terrain, (entry, window) => entry.Read<byte>(PrepareTerrain.SlopeMaskRaster, window));
            else
                Add(_table.SlopeMask, null, (_, window) => new Raster<byte>(window.Width, window.Height).Fill(KeepCode.Kept));
        }

        public void WritePreviews()
        {
            string[] inputs = [.. plan.Images.Select(i => $"{i.Acquisition.Id}")];
            (ProductFile Product, string Caption)[] previews =
            [
                (_table.MeanMagnitude, "metres"),
                (_table.MeanEastWest, "metres, East is positive"),
                (_table.MeanNorthSouth, "metres, South is positive"),
                (_table.Quality, $"per cent of pairs with a correlation above {plan.Parameters.Decorrelation.DecorrelationThreshold}"),
            ];
            var pictures = new OverlayPicture[previews.Length];
            Directory.CreateDirectory(Path.Combine(folder, ProductNames.Preview));
            work.Workers.Each(previews.Length, i =>
            {
                var (product, caption) = previews[i];
                work.Journal.Run(Stage, $"drawing {product.Title}", plan.Cost.SecondsOfProduct, present: false, () =>
                {
                    var files = Previews.Write(
                        Path.Combine(folder, ProductNames.PreviewOf(product.Name)), _copies[product.Name],
                        new PreviewOptions { Kind = product.Kind, Title = product.Title, Caption = caption, Inputs = inputs });
                    _scales[product.Name] = files.Scale;
                    pictures[i] = new OverlayPicture(product.Title, $"{product.Options.Description}. {string.Join("; ", inputs)}", files.Overlay, files.Legend);
                });
            });
            OverlayArchive.Write(
                Path.Combine(folder, ProductNames.Overlays(plan)), ProductNames.Identifier(plan), ResultSubject.Of(plan).Summary, plan.Grid,
                plan.Images[0].Acquisition.SensingTime, plan.Images[^1].Acquisition.SensingTime, pictures);
        }

        /// <summary>After the previews, whose colours the styles repeat.</summary>
        public void WriteStyles()
        {
            foreach (var file in Written)
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                string path = Path.Combine(folder, file.Name);
                QgisStyle.Write(path, file.Colours ?? _scales.GetValueOrDefault(file.Name) ?? ColourScale.OfFile(file.Kind, path), file.Options.Unit);
            }
        }

        /// <param name="source">Entry of the work store that is read; null: none.</param>
        /// <param name="look">Is shown the rows as they pass, from the first to the last.</param>
        private void Add<T>(ProductFile file, WorkKey? source, Func<WorkEntry, Window, Raster<T>> read, Action<int, Raster<T>>? look = null)
            where T : unmanaged => _products.Add((file, () =>
        {
            using var entry = source is { } key ? work.Store.Open(key) : null;
            using var writer = new GeoTiffWriter<T>(Path.Combine(folder, file.Name), plan.Grid, file.Options);
            foreach (var window in StageContext.Rows(plan.Grid, RowsAtOnce))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var rows = read(entry!, window);
                look?.Invoke(window.Y, rows);
                writer.WriteRows(window.Y, rows);
            }

            return file with { Grid = plan.Grid, Statistics = writer.Complete(), DataType = ProductFile.DataTypeOf<T>() };
        }));

        private Raster<float> Removed(CorrectionModel model, Window window, string band)
        {
            var (dx, dy) = model.Surface(window, work.Workers);
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
}
