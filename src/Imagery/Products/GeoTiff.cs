using GdmOptEtq.Imagery.Gdal;
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
    private const string TemporaryCompression = "COG_TMP_COMPRESSION";

    /// <summary>Writes one band; the file appears whole or not at all.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="raster">float, byte, ushort or another number.</param>
    /// <param name="grid">Place; same size as the raster.</param>
    /// <exception cref="InputException">The disk is full or the place cannot be written.</exception>
    /// <returns>Statistics of the known pixels; they stand in the file too.</returns>
    public static RasterStatistics Write<T>(string path, Raster<T> raster, RasterGrid grid, GeoTiffOptions? options = null)
        where T : unmanaged
    {
        options ??= new GeoTiffOptions();
        using var source = new MemoryDataset(raster.Width, raster.Height).Add(raster).Place(grid);
        DatasetAttributes.SetBand(source.Handle, 1, BandOf<T>(options));
        DatasetAttributes.SetMetadata(source.Handle, options.Metadata);
        var tally = new StatisticsTally(options.NoData);
        tally.Add(raster);
        var statistics = tally.Finish();
        if (!options.Categorical)
            DatasetAttributes.SetBandMetadata(source.Handle, 1, statistics.BandMetadata);
        WriteCloudOptimised<T>(path, source.Handle, options);
        return statistics;
    }

    internal static BandAttributes BandOf<T>(GeoTiffOptions options)
        where T : unmanaged =>
        new(options.Description, options.Unit, options.NoData ?? (PixelTypes.IsFloat(PixelTypes.Of<T>()) ? double.NaN : null));

    internal static void WriteCloudOptimised<T>(string path, DatasetHandle source, GeoTiffOptions options)
        where T : unmanaged
    {
        // The last digits of measured values are noise: more effort gains a per cent of space for half as much time again. Integers: 5 per cent for three times the time.
        int level = options.Categorical || options.Smooth ? 6 : PixelTypes.IsFloat(PixelTypes.Of<T>()) ? 1 : 3;
        // The overviews pass through a file of their own, whose compression took a third of the whole time. Not NONE: GDAL 3.6 then leaves out a row of pixels
        // from the means at the seams of its buffer.
        NativeMethods.CPLSetThreadLocalConfigOption(TemporaryCompression, "PACKBITS");
        try
        {
            RasterCopy.Write(
                path, "COG", source,
                "COMPRESS=DEFLATE", "PREDICTOR=YES", $"LEVEL={level}", "BLOCKSIZE=512", "BIGTIFF=IF_SAFER",
                $"OVERVIEW_RESAMPLING={(options.Categorical ? "MODE" : "AVERAGE")}");
        }
        finally
        {
            NativeMethods.CPLSetThreadLocalConfigOption(TemporaryCompression, null);
        }
    }
}
