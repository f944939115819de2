using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products.Drawing;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>A small picture of a product in natural colours, from its 10 m bands; no data is transparent.</summary>
public static class QuickLook
{
    /// <summary>Longest side, pixels: that of the preview that products carry.</summary>
    public const int Side = 343;

    // Land reflects up to about 0.25 in the visible bands; brighter (cloud, snow) is white.
    private const double White = 0.28;

    /// <summary>Writes a PNG. JPEG 2000 is read at the resolution level that fits, so a whole tile takes about a second.</summary>
    /// <param name="productPath">Folder or archive.</param>
    /// <param name="pngPath">Appears whole or not at all.</param>
    /// <exception cref="InputException">The product has not the bands, or they are damaged.</exception>
    public static void Write(string productPath, string pngPath)
    {
        var product = SafeProduct.Open(productPath);
        SafeBand[] bands = [.. new[] { "B04", "B03", "B02" }.Select(SafeBand.Parse).Where(product.HasBand)];
        if (bands.Length == 0)
            bands = [.. product.Bands.Where(product.HasBand).Take(1)];
        if (bands.Length == 0)
            throw new InputException($"{product.Name} has none of its bands: download it again, completely.");
        var levels = new Raster<ushort>[bands.Length];
        for (int i = 0; i < bands.Length; i++)
        {
            using var file = product.OpenBand(bands[i]);
            double scale = Math.Min(1, (double)Side / Math.Max(file.Width, file.Height));
            levels[i] = file.Read<ushort>(1, file.Bounds, Math.Max(1, (int)(file.Width * scale)), Math.Max(1, (int)(file.Height * scale)), Resampling.Average);
        }

        var canvas = new Canvas(levels[0].Width, levels[0].Height);
        for (int y = 0; y < canvas.Height; y++)
        {
            for (int x = 0; x < canvas.Width; x++)
            {
                if (levels[0][x, y] == product.NoDataValue)
                    continue;
                byte Level(int band) => (byte)Math.Clamp(255 * Math.Sqrt(Math.Max(0, product.Reflectance(bands[band], levels[band][x, y]) / White)), 0, 255);
                canvas.Set(x, y, bands.Length == 3 ? new Rgba(Level(0), Level(1), Level(2), 255) : new Rgba(Level(0), Level(0), Level(0), 255));
            }
        }

        canvas.SavePng(pngPath);
    }
}
