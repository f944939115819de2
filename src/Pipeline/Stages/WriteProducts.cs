using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 10: everything that was computed to the files that users know. They appear under their names when all of them are complete.</summary>
public static class WriteProducts
{
    public const string Stage = "write-products";

    private const string Sign = "East and South are positive";

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
        var names = plan.Products;
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
        private readonly IReadOnlyDictionary<string, string> _facts = new Dictionary<string, string>
        {
            ["SOFTWARE"] = $"GDM-OPT-ETQ {JobRecord.SoftwareVersion}",
            ["INPUTS"] = string.Join(' ', plan.Images.Select(i => i.Product.Name)),
            ["BAND"] = plan.Parameters.Images.Band,
            ["CORRECTIONS"] = plan.Parameters.Correction switch
            {
                { ApplyCorrection: false } => "none",
                { JitterCorrection: false } => "detector steps, plane",
                _ => "detector steps, plane, jitter",
            },
        };

        public void WriteAnalysis()
        {
            using var statistics = RasterFile.Open(work.Store.FileOf(output.Stack, SummariseStack.ValuesFile));
            using var pairs = RasterFile.Open(work.Store.FileOf(output.Stack, SummariseStack.PairsFile));
            int count = output.Pairs.Count;
            Statistic(ProductNames.MeanMagnitude(plan), StackBand.Magnitude, $"Magnitude of the mean displacement over {count} pairs [m]", "m");
            Statistic(ProductNames.MeanDisplacement(plan, "EW"), StackBand.MeanEastWest, $"Mean displacement East-West over {count} pairs [m], East is positive", "m");
            Statistic(ProductNames.MeanDisplacement(plan, "NS"), StackBand.MeanNorthSouth, $"Mean displacement North-South over {count} pairs [m], South is positive", "m");
            Statistic(ProductNames.Quality(plan), StackBand.Quality, $"Share of the {count} pairs with a correlation above {plan.Parameters.Decorrelation.DecorrelationThreshold} [%]", "%");
            Statistic(ProductNames.StandardError(plan, "EW"), StackBand.SigmaEastWest, "Standard error of the mean displacement East-West [m]", "m");
            Statistic(ProductNames.StandardError(plan, "NS"), StackBand.SigmaNorthSouth, "Standard error of the mean displacement North-South [m]", "m");
            Statistic(ProductNames.Coherence(plan), StackBand.Coherence, "Vector coherence [0 to 1]", "");
            Write(ProductNames.ValidPairs(plan), new GeoTiffOptions { Description = "Number of valid pairs", Metadata = _facts }, window => pairs.Read<byte>(1, window));

            void Statistic(string name, StackBand band, string description, string unit) => Write(
                name, new GeoTiffOptions { Description = description, Unit = unit, Metadata = _facts }, window => statistics.Read<float>((int)band, window));
        }

        public void WritePair(PairOutput pair)
        {
            var parameters = plan.Parameters;
            using var corrected = RasterFile.Open(work.Store.FileOf(pair.Corrected, CorrectPair.FieldFile));
            using var raw = new FieldReader(work.Store.FolderOf(pair.Field));
            var model = CorrectPair.ReadModel(pair.Corrected, work.Store);
            string dates = $"{pair.Pair.Reference.DateStamp} to {pair.Pair.Secondary.DateStamp}";
            foreach (var (component, band, positive) in new[] { ("EW", 1, "East"), ("NS", 2, "South") })
            {
                string what = $"Displacement {(component == "EW" ? "East-West" : "North-South")}, {dates} [pixel], {positive} is positive";
                Write(ProductNames.Corrected(pair.Pair, component), Pixels(parameters.Correction.ApplyCorrection ? $"{what}, corrected" : $"{what}, as measured"),
                    window => corrected.Read<float>(band, window));
                if (!parameters.Correction.ApplyCorrection)
                    continue;
                Write(ProductNames.Filtered(pair.Pair, component), Pixels($"{what}, corrected and filtered"), window => Filtered(pair, window, band));
                Write(ProductNames.RemovedSurface(pair.Pair, component), Pixels($"Removed by the corrections from {what}"),
                    window => Removed(model!, window, band));
            }

            Write(ProductNames.Correlation(pair.Pair),
                new GeoTiffOptions { Description = "Correlation coefficient, 128 = 0 to 255 = 1; 0 = no value", NoData = 0, Metadata = _facts },
                window => Quantised(raw.Score(window)));
            Write(ProductNames.DecorrelationMask(pair.Pair),
                new GeoTiffOptions { Description = $"255 = correlation of at least {parameters.Decorrelation.DecorrelationThreshold} and not masked, 0 = decorrelated or masked", Categorical = true, Metadata = _facts },
                window => DecorrelationMask.Compute(raw.Score(window), parameters.Decorrelation, work.Workers));
            Write(ProductNames.ValidityFlags(pair.Pair),
                new GeoTiffOptions { Description = "Why a pixel was removed: " + string.Join(", ", Enum.GetValues<Validity>().Select(v => $"{(ushort)v} {v}")), Categorical = true, Metadata = _facts },
                window => FilterPair.ReadValidity(pair, window, work.Store));

            GeoTiffOptions Pixels(string description) => new() { Description = description, Unit = "pixel", Metadata = _facts };
        }

        public void WriteMasks()
        {
            foreach (var image in output.Images.Values.Where(i => i.MaskKey is not null))
                MaskAcquisition.WriteProduct(image, Path.Combine(folder, ProductNames.SpectralMask(image.Image)), work);
            using var slope = PrepareTerrain.OpenSlopeMask(work.Store, output.Terrain);
            Write(ProductNames.SlopeMask(plan),
                new GeoTiffOptions { Description = $"255 = kept, 0 = slope of {plan.Parameters.SlopeMask.SlopeMaskMinimum} to {plan.Parameters.SlopeMask.SlopeMaskMaximum} degrees", Categorical = true, Metadata = _facts },
                window => slope?.Read<byte>(1, window) ?? new Raster<byte>(window.Width, window.Height).Fill(KeepCode.Kept));
        }

        public void WritePreviews()
        {
            foreach (string name in ProductNames.Previewed(plan))
                File.WriteAllText(Path.Combine(folder, ProductNames.PreviewOf(name)), "");
        }

        private void Write<T>(string name, GeoTiffOptions options, Func<Window, Raster<T>> read)
            where T : unmanaged => work.Journal.Run(Stage, $"writing {name}", plan.Cost.SecondsOfProduct, present: false, () =>
        {
            var type = typeof(T) == typeof(float) ? PixelType.Float32 : typeof(T) == typeof(byte) ? PixelType.Byte : PixelType.UInt16;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            Directory.CreateDirectory(Path.Combine(folder, "Preview"));
            using var writer = new RasterWriter(Path.Combine(folder, name), plan.Grid, type, [new BandAttributes(options.Description, options.Unit, double.NaN)], "TILED=YES", "COMPRESS=DEFLATE");
            foreach (var block in StageContext.RowBlocks(plan.Grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                writer.Write(1, read(block), block.X, block.Y);
            }

            writer.Complete();
        });

        private Raster<float> Filtered(PairOutput pair, Window window, int band)
        {
            var field = FilterPair.ReadFiltered(pair, window, work.Store);
            return band == 1 ? field.Dx : field.Dy;
        }

        private Raster<float> Removed(CorrectionModel model, Window window, int band)
        {
            var (dx, dy) = model.Surface(window, work.Workers);
            return band == 1 ? dx : dy;
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
