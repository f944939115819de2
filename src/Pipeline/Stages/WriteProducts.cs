using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.WorkStore;
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
            using var statistics = work.Store.Open(output.Stack);
            int count = output.Pairs.Count;
            Statistic(ProductNames.MeanMagnitude(plan), SummariseStack.Magnitude, $"Magnitude of the mean displacement over {count} pairs [m]", "m");
            Statistic(ProductNames.MeanDisplacement(plan, "EW"), SummariseStack.MeanEastWest, $"Mean displacement East-West over {count} pairs [m], East is positive", "m");
            Statistic(ProductNames.MeanDisplacement(plan, "NS"), SummariseStack.MeanNorthSouth, $"Mean displacement North-South over {count} pairs [m], South is positive", "m");
            Statistic(ProductNames.Quality(plan), SummariseStack.Quality, $"Share of the {count} pairs with a correlation above {plan.Parameters.Decorrelation.DecorrelationThreshold} [%]", "%");
            Statistic(ProductNames.StandardError(plan, "EW"), SummariseStack.SigmaEastWest, "Standard error of the mean displacement East-West [m]", "m");
            Statistic(ProductNames.StandardError(plan, "NS"), SummariseStack.SigmaNorthSouth, "Standard error of the mean displacement North-South [m]", "m");
            Statistic(ProductNames.Coherence(plan), SummariseStack.Coherence, "Vector coherence [0 to 1]", "");
            Write(ProductNames.ValidPairs(plan), new GeoTiffOptions { Description = "Number of valid pairs", Metadata = _facts }, window => statistics.Read<byte>(SummariseStack.ValidPairs, window));

            void Statistic(string name, string band, string description, string unit) => Write(
                name, new GeoTiffOptions { Description = description, Unit = unit, Metadata = _facts }, window => statistics.Read<float>(band, window));
        }

        public void WritePair(PairOutput pair)
        {
            var parameters = plan.Parameters;
            using WorkEntry corrected = work.Store.Open(pair.Corrected), raw = work.Store.Open(pair.Field);
            var model = CorrectPair.ReadModel(pair.Corrected, work.Store);
            string dates = $"{pair.Pair.Reference.DateStamp} to {pair.Pair.Secondary.DateStamp}";
            foreach (var (component, band, positive) in new[] { ("EW", CorrectPair.Dx, "East"), ("NS", CorrectPair.Dy, "South") })
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
                window => Quantised(raw.Read<float>("score", window)));
            Write(ProductNames.DecorrelationMask(pair.Pair),
                new GeoTiffOptions { Description = $"255 = correlation of at least {parameters.Decorrelation.DecorrelationThreshold} and not masked, 0 = decorrelated or masked", Categorical = true, Metadata = _facts },
                window => DecorrelationMask.Compute(raw.Read<float>("score", window), parameters.Decorrelation, work.Workers));
            Write(ProductNames.ValidityFlags(pair.Pair),
                new GeoTiffOptions { Description = "Why a pixel was removed: " + string.Join(", ", Enum.GetValues<Validity>().Select(v => $"{(ushort)v} {v}")), Categorical = true, Metadata = _facts },
                window => FilterPair.ReadValidity(pair, window, work.Store));

            GeoTiffOptions Pixels(string description) => new() { Description = description, Unit = "pixel", Metadata = _facts };
        }

        public void WriteMasks()
        {
            foreach (var image in output.Images.Values.Where(i => i.MaskKey is not null))
                MaskAcquisition.WriteProduct(image, Path.Combine(folder, ProductNames.SpectralMask(image.Image)), work);
            using var slope = output.Terrain is { } terrain ? work.Store.Open(terrain) : null;
            Write(ProductNames.SlopeMask(plan),
                new GeoTiffOptions { Description = $"255 = kept, 0 = slope of {plan.Parameters.SlopeMask.SlopeMaskMinimum} to {plan.Parameters.SlopeMask.SlopeMaskMaximum} degrees", Categorical = true, Metadata = _facts },
                window => slope?.Read<byte>(PrepareTerrain.SlopeMaskRaster, window) ?? new Raster<byte>(window.Width, window.Height).Fill(KeepCode.Kept));
        }

        public void WritePreviews()
        {
            string[] inputs = [.. plan.Images.Select(i => $"{i.Acquisition.Id}")];
            Preview(ProductNames.MeanMagnitude(plan), PreviewKind.Magnitude, "Mean displacement magnitude", "metres");
            Preview(ProductNames.MeanDisplacement(plan, "EW"), PreviewKind.Displacement, "Mean displacement East-West", "metres, East is positive");
            Preview(ProductNames.MeanDisplacement(plan, "NS"), PreviewKind.Displacement, "Mean displacement North-South", "metres, South is positive");
            Preview(ProductNames.Quality(plan), PreviewKind.Quality, "Quality", $"per cent of pairs with a correlation above {plan.Parameters.Decorrelation.DecorrelationThreshold}");

            void Preview(string product, PreviewKind kind, string title, string caption) =>
                work.Journal.Run(Stage, $"drawing {title}", plan.Cost.SecondsOfProduct, present: false, () =>
                {
                    string picture = Path.Combine(folder, ProductNames.PreviewOf(product));
                    Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
                    Previews.WriteFromFile(Path.Combine(folder, product), picture, new PreviewOptions { Kind = kind, Title = title, Caption = caption, Inputs = inputs });
                });
        }

        private void Write<T>(string name, GeoTiffOptions options, Func<Window, Raster<T>> read)
            where T : unmanaged => work.Journal.Run(Stage, $"writing {name}", plan.Cost.SecondsOfProduct, present: false, () =>
        {
            using var writer = new GeoTiffWriter<T>(Path.Combine(folder, name), plan.Grid, options);
            foreach (var block in StageContext.RowBlocks(plan.Grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                writer.WriteRows(block.Y, read(block));
            }

            writer.Complete();
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
