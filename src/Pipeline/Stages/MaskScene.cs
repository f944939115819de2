using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>The spectral mask of one product, where it lies, and how it came about.</summary>
public sealed record SceneMask(SpectralMaskResult Result, RasterGrid Grid);

/// <summary>Reads one product and makes its spectral mask; what <c>gdm mask</c> and the job share.</summary>
public static class MaskScene
{
    /// <summary>Bands without which clouds cannot be found, as far as the product lacks them.</summary>
    public static IReadOnlyList<string> MissingBands(SafeProduct product) => SpectralBandReader.MissingBands(product);

    /// <summary>Bands that are read, in a fixed order: the pixels on which the mask depends.</summary>
    public static IReadOnlyList<SafeBand> UsedBands(SafeProduct product) => SpectralBandReader.UsedBands(product);

    /// <summary>The grid that the mask of a product is on: that of the file of B8A.</summary>
    public static RasterGrid GridOf(SafeProduct product) => SpectralBandReader.GridOf(product);

    /// <param name="readElevation">Terrain on the grid it is given (metres, NaN where unknown), or null for none.</param>
    /// <param name="readWaterOccurrence">Per cent of time under water on the grid it is given, or null for none.</param>
    /// <param name="parameters">Only what the mask itself depends on is used; its switches apply later.</param>
    /// <param name="progress">Told in words, and by step, what begins.</param>
    /// <exception cref="InputException">A band is missing, damaged, or of another size than the others.</exception>
    public static SceneMask Compute(
        SafeProduct product,
        Func<RasterGrid, Raster<float>?>? readElevation,
        Func<RasterGrid, Raster<float>?>? readWaterOccurrence,
        SpectralMaskParameters parameters,
        Workers workers,
        Action<string>? progress = null)
    {
        var missing = MissingBands(product);
        if (missing.Count > 0)
        {
            throw new InputException(
                $"{product.Name} lacks the bands {string.Join(", ", missing)}, so that no cloud mask is possible: download the product again, with all its bands.");
        }

        progress?.Invoke("reading bands");
        var (bands, grid) = SpectralBandReader.Read(product, workers);
        progress?.Invoke("reading terrain and water occurrence");
        var elevation = readElevation?.Invoke(grid);
        var water = readWaterOccurrence?.Invoke(grid);
        var result = SpectralMask.Compute(bands, Angles(product), elevation, water, parameters, workers, step => progress?.Invoke(Words(step)));
        if (grid.PixelSizeMetres != 20)
        {
            result = result with
            {
                Notes = [.. result.Notes, FormattableString.Invariant($"The bands have pixels of {grid.PixelSizeMetres:0.#} m instead of 20 m: the product was altered, and the mask is coarse.")],
            };
        }

        return new SceneMask(result, grid);
    }

    /// <summary>One file of raster data in any projection, or several that lie side by side, brought onto the grid of a mask.</summary>
    public static Func<RasterGrid, Raster<float>?>? FromFiles(IReadOnlyList<string> files) => files.Count == 0 ? null : grid =>
    {
        var sources = new List<RasterFile>();
        try
        {
            foreach (string file in files)
                sources.Add(RasterFile.Open(file));
            return Warp.ToGrid(sources, grid);
        }
        finally
        {
            foreach (var source in sources)
                source.Dispose();
        }
    };

    /// <summary>What the product file says about itself.</summary>
    public static GeoTiffOptions ProductOptions { get; } = new()
    {
        Description = "Spectral mask: " + string.Join(", ", MaskCode.Names.Select((name, code) => $"{code} = {name}")),
        NoData = MaskCode.Null,
        Categorical = true,
        Metadata = new Dictionary<string, string> { ["METHOD"] = SpectralMask.MethodVersion },
    };

    /// <summary>Writes the codes as a product file.</summary>
    public static RasterStatistics Write(string path, SceneMask mask) => Write(path, mask.Result.Codes, mask.Grid);

    /// <summary>Writes the codes as a product file.</summary>
    public static RasterStatistics Write(string path, Raster<byte> codes, RasterGrid grid) => GeoTiff.Write(path, codes, grid, ProductOptions);

    /// <summary>Counts, thresholds and the ways taken, for job.json.</summary>
    public static JsonObject Report(SpectralMaskResult result)
    {
        var findings = result.Findings;
        return new JsonObject
        {
            ["pixelsByCode"] = new JsonObject(MaskCode.Names.Select((name, code) => KeyValuePair.Create(name, (JsonNode?)result.PixelsByCode[code]))),
            ["percentOfValid"] = new JsonObject(MaskCode.Names.Select((name, code) => (name, code)).Where(entry => entry.code != MaskCode.Null)
                .Select(entry => KeyValuePair.Create(entry.name, (JsonNode?)Math.Round(result.PercentOfValid((byte)entry.code), 2)))),
            ["landThresholdPercent"] = Number(findings.LandThreshold),
            ["waterThresholdPercent"] = Number(findings.WaterThreshold),
            ["waterOccurrenceThresholdPercent"] = Number(findings.WaterOccurrenceThreshold),
            ["clearPixels"] = findings.ClearPixels,
            ["cloudObjects"] = findings.CloudObjects,
            ["matchedShadows"] = findings.MatchedShadows,
            ["notes"] = new JsonArray(result.Notes.Select(note => (JsonNode?)note).ToArray()),
        };
    }

    /// <summary>
    /// Sun at its tile mean; view as vectors of B8A, whose shadows are matched, else of B08 or B04, which early products give when they leave B8A out,
    /// else the mean direction.
    /// </summary>
    internal static SceneAngles Angles(SafeProduct product)
    {
        var sun = product.MeanSunAngle;
        ViewField? view = null;
        foreach (var band in (SafeBand[])[SafeBand.B8A, SafeBand.B08, SafeBand.B04])
        {
            view ??= ViewField.FromDetectors(product.ViewAngles(band).OrderBy(entry => entry.Key).Select(entry => entry.Value));
            if (view is null && product.MeanViewAngle(band) is { } mean && double.IsFinite(mean.ZenithDegrees) && double.IsFinite(mean.AzimuthDegrees))
                view = ViewField.Constant(mean.ZenithDegrees, mean.AzimuthDegrees);
        }

        return new SceneAngles(sun.ZenithDegrees, sun.AzimuthDegrees, view);
    }

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, 4)) : null;

    private static string Words(SpectralMaskStep step) => step switch
    {
        SpectralMaskStep.NullPixels => "null pixels",
        SpectralMaskStep.PotentialClouds => "potential clouds",
        SpectralMaskStep.Cirrus => "cirrus",
        SpectralMaskStep.Water => "water",
        SpectralMaskStep.AbsoluteSnow => "snow",
        SpectralMaskStep.CloudProbability => "cloud probability",
        SpectralMaskStep.CloudDisplacement => "cloud displacement index",
        SpectralMaskStep.BrightSurfaces => "bright surfaces",
        SpectralMaskStep.PotentialShadows => "potential shadows",
        SpectralMaskStep.ShadowMatching => "shadow matching",
        SpectralMaskStep.Stacking => "dilation and stacking",
        _ => step.ToString(),
    };
}
