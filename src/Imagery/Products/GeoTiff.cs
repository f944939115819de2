using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>What a product file says about itself and how its reduced copies are made.</summary>
public sealed record GeoTiffOptions
{
    /// <summary>What is measured, with unit and sign: "Mean displacement to the East [m], East is positive".</summary>
    public string Description { get; init; } = "";

    /// <summary>Unit alone: m, pixel, percent; empty for codes.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Value that means "unknown". Null: NaN for float rasters, none for integers.</summary>
    public double? NoData { get; init; }

    /// <summary>Further facts about the product, NAME to value (inputs, dates, software version).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The values are codes or flags, so reduced copies take one of them instead of a mean.</summary>
    public bool Categorical { get; init; }

    /// <summary>The values come from a smooth model, not from a measurement: they compress well, and more effort pays.</summary>
    public bool Smooth { get; init; }
}

/// <summary>
/// Final products: GeoTIFF in the layout of a cloud-optimised file (tiles of 512, DEFLATE with the predictor of the type, overviews first).
/// The same pixels give the same bytes.
/// </summary>
public static class GeoTiff
{
    /// <summary>Writes one band; the file appears whole or not at all.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="raster">float, byte, ushort or another number.</param>
    /// <param name="grid">Place; same size as the raster.</param>
    /// <exception cref="InputException">The disk is full or the place cannot be written.</exception>
    /// <returns>Statistics of the known pixels; they stand in the file too.</returns>
    public static RasterStatistics Write<T>(string path, Raster<T> raster, RasterGrid grid, GeoTiffOptions? options = null)
        where T : unmanaged
    {
        using var writer = new GeoTiffWriter<T>(path, grid, options);
        writer.WriteRows(0, raster);
        return writer.Complete();
    }
}
