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
        products.WriteAnalysis();
        foreach (var pair in output.Pairs)
            products.WritePair(pair);
        products.WriteMasks();
        products.WritePreviews();
        products.WriteStyles();
        var names = plan.Products;
        var counts = SummariseStack.ReadCounts(output.Stack, work.Store);
        AtomicFile.WriteAllText(Path.Combine(staging.Folder, ProductNames.StacItem), StacItem.Json(plan, products.Written, products.Footprint, names));
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
        private readonly ProductTable _table = new(plan);
        private readonly List<ProductFile> _written = [];
        private readonly Dictionary<string, ColourScale> _scales = [];

        /// <summary>In the order of writing.</summary>
        public IReadOnlyList<ProductFile> Written => _written;

        /// <summary>Where there is a mean displacement.</summary>
        public Footprint Footprint { get; } = new(plan.Grid);

        public void WriteAnalysis()
        {
            using var statistics = work.Store.Open(output.Stack);
            Write(_table.MeanMagnitude, window =>
            {
                var rows = statistics.Read<float>(SummariseStack.Magnitude, window);
                Footprint.Add(window.Y, rows);
                return rows;
            });
            Statistic(_table.MeanEastWest, SummariseStack.MeanEastWest);
            Statistic(_table.MeanNorthSouth, SummariseStack.MeanNorthSouth);
            Statistic(_table.Quality, SummariseStack.Quality);
            Statistic(_table.StandardError("EW"), SummariseStack.SigmaEastWest);
            Statistic(_table.StandardError("NS"), SummariseStack.SigmaNorthSouth);
            Statistic(_table.Coherence, SummariseStack.Coherence);
            Write(_table.ValidPairs, window => statistics.Read<byte>(SummariseStack.ValidPairs, window));

            void Statistic(ProductFile file, string band) => Write(file, window => statistics.Read<float>(band, window));
        }

        public void WritePair(PairOutput pair)
        {
            var parameters = plan.Parameters;
            using WorkEntry corrected = work.Store.Open(pair.Corrected), raw = work.Store.Open(pair.Field);
            var model = CorrectPair.ReadModel(pair.Corrected, work.Store);
            foreach (var (component, band) in new[] { ("EW", CorrectPair.Dx), ("NS", CorrectPair.Dy) })
            {
                Write(_table.Corrected(pair.Pair, component), window => corrected.Read<float>(band, window));
                if (!parameters.Correction.ApplyCorrection)
                    continue;
                Write(_table.Filtered(pair.Pair, component), window => Filtered(pair, window, band));
                Write(_table.Removed(pair.Pair, component), window => Removed(model!, window, band));
            }

            Write(_table.Correlation(pair.Pair), window => Quantised(raw.Read<float>("score", window)));
            Write(_table.Decorrelation(pair.Pair), window => DecorrelationMask.Compute(raw.Read<float>("score", window), parameters.Decorrelation, work.Workers));
            Write(_table.ValidityFlags(pair.Pair), window => FilterPair.ReadValidity(pair, window, work.Store));
        }

        public void WriteMasks()
        {
            foreach (var image in output.Images.Values.Where(i => i.MaskKey is not null))
            {
                var (grid, statistics) = MaskAcquisition.WriteProduct(image, Path.Combine(folder, ProductNames.SpectralMask(image.Image)), work);
                _written.Add(ProductTable.SpectralMask(image.Image) with { Grid = grid, Statistics = statistics, DataType = ProductFile.DataTypeOf<byte>() });
            }

            using var slope = output.Terrain is { } terrain ? work.Store.Open(terrain) : null;
            Write(_table.SlopeMask, window => slope?.Read<byte>(PrepareTerrain.SlopeMaskRaster, window) ?? new Raster<byte>(window.Width, window.Height).Fill(KeepCode.Kept));
        }

        public void WritePreviews()
        {
            string[] inputs = [.. plan.Images.Select(i => $"{i.Acquisition.Id}")];
            OverlayPicture[] pictures =
            [
                Preview(_table.MeanMagnitude, "metres"),
                Preview(_table.MeanEastWest, "metres, East is positive"),
                Preview(_table.MeanNorthSouth, "metres, South is positive"),
                Preview(_table.Quality, $"per cent of pairs with a correlation above {plan.Parameters.Decorrelation.DecorrelationThreshold}"),
            ];
            OverlayArchive.Write(
                Path.Combine(folder, ProductNames.Overlays(plan)), ProductNames.Identifier(plan), StacItem.Summary(plan), plan.Grid,
                plan.Images[0].Acquisition.SensingTime, plan.Images[^1].Acquisition.SensingTime, pictures);

            OverlayPicture Preview(ProductFile product, string caption)
            {
                PreviewFiles? files = null;
                work.Journal.Run(Stage, $"drawing {product.Title}", plan.Cost.SecondsOfProduct, present: false, () =>
                {
                    string picture = Path.Combine(folder, ProductNames.PreviewOf(product.Name));
                    Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
                    files = Previews.WriteFromFile(
                        Path.Combine(folder, product.Name), picture, new PreviewOptions { Kind = product.Kind, Title = product.Title, Caption = caption, Inputs = inputs });
                });
                _scales[product.Name] = files!.Scale;
                return new OverlayPicture(product.Title, $"{product.Options.Description}. {string.Join("; ", inputs)}", files.Overlay, files.Legend);
            }
        }

        /// <summary>After the previews, whose colours the styles repeat.</summary>
        public void WriteStyles()
        {
            foreach (var file in _written)
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                string path = Path.Combine(folder, file.Name);
                QgisStyle.Write(path, file.Colours ?? _scales.GetValueOrDefault(file.Name) ?? ColourScale.OfFile(file.Kind, path), file.Options.Unit);
            }
        }

        private void Write<T>(ProductFile file, Func<Window, Raster<T>> read)
            where T : unmanaged => work.Journal.Run(Stage, $"writing {file.Name}", plan.Cost.SecondsOfProduct, present: false, () =>
        {
            using var writer = new GeoTiffWriter<T>(Path.Combine(folder, file.Name), plan.Grid, file.Options);
            foreach (var block in StageContext.RowBlocks(plan.Grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                writer.WriteRows(block.Y, read(block));
            }

            _written.Add(file with { Grid = plan.Grid, Statistics = writer.Complete(), DataType = ProductFile.DataTypeOf<T>() });
        });

        private Raster<float> Filtered(PairOutput pair, Window window, string band)
        {
            var field = FilterPair.ReadFiltered(pair, window, work.Store);
            return band == CorrectPair.Dx ? field.Dx : field.Dy;
        }

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
