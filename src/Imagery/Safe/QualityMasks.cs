using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Classes of the product's own cloud mask; a pixel may have several.</summary>
[Flags]
public enum QualityClass : byte
{
    None = 0,
    OpaqueCloud = 1,
    Cirrus = 2,
    SnowOrIce = 4,
}

/// <summary>What the producer says about clouds, in per cent of the pixels that a detector saw (of all pixels where that is not known).</summary>
/// <param name="DeclaredPercent">CLOUDY_PIXEL_PERCENTAGE of the metadata; null when they do not say.</param>
/// <param name="OpaquePercent">Opaque clouds of the mask file.</param>
/// <param name="CirrusPercent">Cirrus of the mask file.</param>
/// <param name="SnowPercent">Snow or ice; null before processing baseline 04.00, whose masks do not have it.</param>
/// <param name="MaskFile">The mask inside the product; null, and no percentages, when it is not there.</param>
public sealed record CloudEvidence(double? DeclaredPercent, double? OpaquePercent, double? CirrusPercent, double? SnowPercent, string? MaskFile)
{
    /// <summary>Opaque clouds and cirrus together.</summary>
    public double? CloudPercent => OpaquePercent + CirrusPercent;
}

/// <summary>What the producer says about the pixels of a band, in per cent of all pixels of the tile.</summary>
public sealed record BandQuality(double LostPercent, double DegradedPercent, double DefectivePercent, double NoDataPercent, double SaturatedPercent);

/// <summary>
/// The quality masks that come with a product: evidence beside our own mask, never used to decide. GML polygons before processing baseline 04.00,
/// JPEG 2000 rasters from then on; the file's extension says which.
/// </summary>
public static class QualityMasks
{
    private const int CloudMaskMetres = 60;
    private const int RowsPerRead = 1024;

    /// <summary>Cloud cover as declared and as counted in the product's mask.</summary>
    public static CloudEvidence Clouds(SafeProduct product)
    {
        if (ReadClasses(product) is not { } mask)
            return new CloudEvidence(product.DeclaredCloudCoverPercent, null, null, null, null);
        var seen = Seen(product, mask.Classes);
        var counts = new long[8];
        for (int i = 0; i < mask.Classes.Pixels.Length; i++)
            counts[mask.Classes.Pixels[i] & 7] += seen is null || seen.Pixels[i] != 0 ? 1 : 0;
        long total = counts.Sum();
        double Percent(QualityClass wanted) => total == 0 ? 0 : 100.0 * counts.Where((_, classes) => (classes & (int)wanted) != 0).Sum() / total;
        return new CloudEvidence(
            product.DeclaredCloudCoverPercent, Percent(QualityClass.OpaqueCloud), Percent(QualityClass.Cirrus),
            mask.HasSnow ? Percent(QualityClass.SnowOrIce) : null, mask.File);
    }

    /// <summary>The product's cloud mask, <see cref="QualityClass"/> per pixel of the 60 m grid; null when the product has none.</summary>
    public static Raster<byte>? CloudMask(SafeProduct product) => ReadClasses(product)?.Classes;

    /// <summary>The product's quality mask of one band; null when the product has none.</summary>
    public static BandQuality? Band(SafeProduct product, SafeBand band)
    {
        if (product.FindMask("MSK_QUALIT", band) is { } raster)
            return FromRaster(product, raster);
        string?[] vectors = [product.FindMask("MSK_TECQUA", band), product.FindMask("MSK_DEFECT", band), product.FindMask("MSK_NODATA", band), product.FindMask("MSK_SATURA", band)];
        if (vectors.All(v => v is null))
            return null;
        // Areas on the 20 m grid (60 m for the 60 m bands) are exact enough for per cent.
        var grid = product.Grid(Math.Max(20, band.ResolutionMetres));
        return new BandQuality(
            PercentInside(product, vectors[0], grid, "LOST"), PercentInside(product, vectors[0], grid, "DEG"), PercentInside(product, vectors[1], grid, ""),
            PercentInside(product, vectors[2], grid, ""), PercentInside(product, vectors[3], grid, ""));
    }

    private static (Raster<byte> Classes, bool HasSnow, string File)? ReadClasses(SafeProduct product)
    {
        if (product.FindMask("MSK_CLASSI", null) is { } raster)
        {
            using var file = product.OpenImage(raster);
            var classes = new Raster<byte>(file.Width, file.Height);
            for (int band = 1; band <= Math.Min(3, file.BandCount); band++)
            {
                var flags = file.Read<byte>(band);
                for (int i = 0; i < flags.Pixels.Length; i++)
                    classes.Pixels[i] |= flags.Pixels[i] != 0 ? (byte)(1 << (band - 1)) : (byte)0;
            }

            return (classes, file.BandCount >= 3, raster);
        }

        if (product.FindMask("MSK_CLOUDS", null) is not { } vector)
            return null;
        var grid = product.Grid(CloudMaskMetres);
        var marked = new Raster<byte>(grid.Width, grid.Height);
        foreach (var feature in product.ReadGml(vector))
        {
            var bits = feature.MaskType == "CIRRUS" ? QualityClass.Cirrus : QualityClass.OpaqueCloud;
            foreach (var polygon in feature.Polygons)
                PolygonRaster.Mark(marked, grid, polygon.Rings, (byte)bits);
        }

        return (marked, false, vector);
    }

    /// <summary>Where the detectors of B01, the first band of the mask's grid, saw something; null when the product does not say.</summary>
    private static Raster<byte>? Seen(SafeProduct product, Raster<byte> classes)
    {
        if (product.DetectorFootprint(SafeBand.All[0]) is not { } footprint)
            return null;
        var seen = footprint.Detectors;
        if (footprint.Polygons is { } polygons)
        {
            var grid = product.Grid(CloudMaskMetres);
            seen = new Raster<byte>(grid.Width, grid.Height);
            foreach (var polygon in polygons)
                PolygonRaster.Fill(seen, grid, [polygon.Ring], 1);
        }

        return seen is not null && seen.Width == classes.Width && seen.Height == classes.Height ? seen : null;
    }

    private static double PercentInside(SafeProduct product, string? file, RasterGrid grid, string maskType)
    {
        if (file is null)
            return 0;
        var polygons = product.ReadGml(file).Where(f => f.MaskType.Contains(maskType, StringComparison.OrdinalIgnoreCase)).SelectMany(f => f.Polygons).ToList();
        if (polygons.Count == 0)
            return 0;
        var marked = new Raster<byte>(grid.Width, grid.Height);
        foreach (var polygon in polygons)
            PolygonRaster.Mark(marked, grid, polygon.Rings, 1);
        return 100.0 * marked.Pixels.AsSpan().Count((byte)1) / marked.Pixels.Length;
    }

    /// <summary>Bands of MSK_QUALIT: 1 lost and 2 degraded ancillary packets, 3 lost and 4 degraded image packets, 5 defective, 6 no data, 7 crosstalk, 8 saturated.</summary>
    private static BandQuality FromRaster(SafeProduct product, string image)
    {
        using var file = product.OpenImage(image);
        double Percent(params int[] bands)
        {
            long count = 0;
            for (int y = 0; y < file.Height; y += RowsPerRead)
            {
                var window = new Window(0, y, file.Width, Math.Min(RowsPerRead, file.Height - y));
                var any = new Raster<byte>(window.Width, window.Height);
                foreach (int band in bands.Where(b => b <= file.BandCount))
                {
                    var flags = file.Read<byte>(band, window);
                    for (int i = 0; i < any.Pixels.Length; i++)
                        any.Pixels[i] |= flags.Pixels[i];
                }

                count += any.Pixels.Length - any.Pixels.AsSpan().Count((byte)0);
            }

            return 100.0 * count / ((double)file.Width * file.Height);
        }

        return new BandQuality(Percent(1, 3), Percent(2, 4), Percent(5), Percent(6), Percent(8));
    }
}
