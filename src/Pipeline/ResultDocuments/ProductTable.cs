using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.Products.Drawing;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.ResultDocuments;

/// <summary>What each raster of a job is: name, words, unit, sign, colours. Band descriptions, styles, STAC item and README all say what stands here.</summary>
internal sealed class ProductTable(JobPlan plan)
{
    private static readonly Rgba s_removed = new(190, 60, 50);

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

    private readonly int _pairs = plan.Pairs.Count;
    private readonly double _threshold = plan.Parameters.Decorrelation.DecorrelationThreshold;

    /// <summary>Everything over all pairs, in the order of <see cref="ProductNames.All"/>.</summary>
    public IReadOnlyList<ProductFile> Analysis => [MeanMagnitude, MeanEastWest, MeanNorthSouth, Quality, StandardError("EW"), StandardError("NS"), ValidPairs, Coherence];

    public ProductFile MeanMagnitude => Measured(
        ProductNames.MeanMagnitude(plan), "mean_displacement_magnitude", "Mean displacement magnitude", $"Magnitude of the mean displacement over {_pairs} pairs [m]", "m", PreviewKind.Magnitude);

    public ProductFile MeanEastWest => Measured(
        ProductNames.MeanDisplacement(plan, "EW"), "mean_displacement_ew", "Mean displacement East-West",
        $"Mean displacement East-West over {_pairs} pairs [m], East is positive", "m", PreviewKind.Displacement, "East");

    public ProductFile MeanNorthSouth => Measured(
        ProductNames.MeanDisplacement(plan, "NS"), "mean_displacement_ns", "Mean displacement North-South",
        $"Mean displacement North-South over {_pairs} pairs [m], South is positive", "m", PreviewKind.Displacement, "South");

    public ProductFile Quality => Measured(
        ProductNames.Quality(plan), "quality", "Quality", $"Share of the {_pairs} pairs with a correlation above {_threshold} [%]", "%", PreviewKind.Quality);

    public ProductFile Coherence => Measured(ProductNames.Coherence(plan), "vector_coherence", "Vector coherence", "Vector coherence [0 to 1]", "", PreviewKind.Quality) with
    {
        Colours = new ColourScale(ColourMap.Quality, 0, 1),
    };

    public ProductFile ValidPairs => new(
        ProductNames.ValidPairs(plan), "valid_pairs", "Number of valid pairs", new GeoTiffOptions { Description = "Number of valid pairs", Metadata = _facts })
    {
        Colours = new ColourScale(ColourMap.Quality, 0, Math.Max(1, _pairs)),
    };

    /// <param name="component">EW or NS.</param>
    public ProductFile StandardError(string component) => Measured(
        ProductNames.StandardError(plan, component), $"standard_error_{Lower(component)}", $"Standard error {Axis(component)}",
        $"Standard error of the mean displacement {Axis(component)} [m]", "m", PreviewKind.Magnitude);

    public ProductFile Corrected(ImagePair pair, string component)
    {
        string state = plan.Parameters.Correction.ApplyCorrection ? "corrected" : "as measured";
        return Measured(
            ProductNames.Corrected(pair, component), $"{Lower(component)}_corrected_{Dates(pair)}", $"Displacement {Axis(component)} of one pair, {state}",
            $"{What(pair, component)}, {state}", "pixel", PreviewKind.Displacement, Positive(component));
    }

    public ProductFile Filtered(ImagePair pair, string component) => Measured(
        ProductNames.Filtered(pair, component), $"{Lower(component)}_filtered_{Dates(pair)}", $"Displacement {Axis(component)} of one pair, corrected and filtered",
        $"{What(pair, component)}, corrected and filtered", "pixel", PreviewKind.Displacement, Positive(component));

    public ProductFile Removed(ImagePair pair, string component) => Measured(
        ProductNames.RemovedSurface(pair, component), $"{Lower(component)}_removed_{Dates(pair)}", $"What the corrections removed {Axis(component)}",
        $"Removed by the corrections from {What(pair, component)}", "pixel", PreviewKind.Displacement, Positive(component), smooth: true);

    public ProductFile Correlation(ImagePair pair) => new(
        ProductNames.Correlation(pair), $"correlation_{Dates(pair)}", "Correlation coefficient of one pair",
        new GeoTiffOptions { Description = "Correlation coefficient, 128 = 0 to 255 = 1; 0 = no value", NoData = 0, Metadata = _facts })
    {
        Colours = new ColourScale(ColourMap.Quality, 128, 255),
        Quantisation = (1 / 127.0, -128 / 127.0),
    };

    public ProductFile Decorrelation(ImagePair pair) => new(
        ProductNames.DecorrelationMask(pair), $"decorrelation_mask_{Dates(pair)}", "Decorrelation mask of one pair",
        new GeoTiffOptions { Description = $"255 = correlation of at least {_threshold} and not masked, 0 = decorrelated or masked", Categorical = true, Metadata = _facts })
    {
        Colours = KeepColours("decorrelated or masked"),
    };

    public ProductFile ValidityFlags(ImagePair pair) => new(
        ProductNames.ValidityFlags(pair), $"validity_{Dates(pair)}", "Why each pixel of one pair was kept or removed",
        new GeoTiffOptions { Description = "Why a pixel was removed: " + string.Join(", ", Enum.GetValues<Validity>().Select(v => $"{(ushort)v} {v}")), Categorical = true, Metadata = _facts })
    {
        Colours = new FlagColours([.. Enum.GetValues<Validity>().Order().Select((flag, i) => new CodeColour((ushort)flag, $"{flag}", i == 0 ? default : ColourMap.Quality.At((i - 1) / 14.0)))]),
    };

    public static ProductFile SpectralMask(PlannedImage image) => new(
        ProductNames.SpectralMask(image), $"spectral_mask_{image.Acquisition.DateStamp}", "Clouds, shadows, snow and water of one image",
        Stages.MaskScene.ProductOptions)
    {
        Colours = new CodeColours([.. MaskCode.Names.Select((name, code) => new CodeColour(code, name, MaskColour(code)))]),
    };

    public ProductFile SlopeMask => new(
        ProductNames.SlopeMask(plan), "slope_mask", "Slope mask",
        new GeoTiffOptions { Description = $"255 = kept, 0 = slope of {plan.Parameters.SlopeMask.SlopeMaskMinimum} to {plan.Parameters.SlopeMask.SlopeMaskMaximum} degrees", Categorical = true, Metadata = _facts })
    {
        Colours = KeepColours("too steep"),
    };

    private ProductFile Measured(string name, string key, string title, string description, string unit, PreviewKind kind, string? positive = null, bool smooth = false) =>
        new(name, key, title, new GeoTiffOptions { Description = description, Unit = unit, Metadata = _facts, Smooth = smooth }) { Kind = kind, Positive = positive };

    private static CodeColours KeepColours(string removed) => new([new CodeColour(KeepCode.Removed, removed, s_removed), new CodeColour(KeepCode.Kept, "kept", default)]);

    // Clear ground stays transparent, so that a mask can lie over a map.
    private static Rgba MaskColour(int code) => code switch
    {
        MaskCode.Clear => default,
        MaskCode.Null => Rgba.Grey(60),
        MaskCode.Cloud => Rgba.Grey(245),
        MaskCode.CloudShadow => new(110, 80, 130),
        MaskCode.Snow => new(120, 220, 235),
        _ => new(30, 90, 200),
    };

    private static string What(ImagePair pair, string component) =>
        $"Displacement {Axis(component)}, {pair.Reference.DateStamp} to {pair.Secondary.DateStamp} [pixel], {Positive(component)} is positive";

    private static string Axis(string component) => component == "EW" ? "East-West" : "North-South";

    private static string Positive(string component) => component == "EW" ? "East" : "South";

    private static string Lower(string component) => component.ToLowerInvariant();

    private static string Dates(ImagePair pair) => $"{pair.Reference.DateStamp}_{pair.Secondary.DateStamp}";
}
