using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

public sealed partial class SafeProduct
{
    private const string Jpeg2000Driver = "JP2OpenJPEG", GeoTiffDriver = "GTiff";

    /// <summary>
    /// Opens a band as an image of a stranger: its structure is looked over before a decoder sees it, it can be nothing but JPEG 2000 (or GeoTIFF), and it holds one
    /// raster of more than 8 bits.
    /// </summary>
    /// <param name="decodingThreads">Threads that decode; the pixels do not depend on it.</param>
    /// <exception cref="InputException">It is missing, damaged, or no band of Sentinel-2.</exception>
    public RasterFile OpenBand(SafeBand band, int decodingThreads = 1)
    {
        // Says what is wrong when there is no such file.
        _ = BandPath(band);
        string image = ImageOf(band)!;
        var file = OpenImage(image, decodingThreads);
        if (file.BandCount == 1 && file.BandType(1) == PixelType.UInt16)
            return file;
        string found = file.BandCount == 1 ? "values of 8 bits" : $"{file.BandCount} bands";
        file.Dispose();
        throw new InputException($"Band {band.Name} of {Name} holds {found}, where Level-1C has one raster of more than 8 bits: use the product as it was delivered ({image}).");
    }

    /// <summary>Opens any image file of the product, with the same precautions. Archives of reduced bands keep the names and hold GeoTIFF.</summary>
    internal RasterFile OpenImage(string image, int decodingThreads = 1)
    {
        bool isTiff = IsTiff(image);
        if (!isTiff)
        {
            using var stream = Files.OpenImage(image);
            Jpeg2000Structure.Check(stream, Files.Length(image), $"{image} of {Name}");
        }

        return RasterFile.Open(Files.GdalPath(image), decodingThreads, isTiff ? GeoTiffDriver : Jpeg2000Driver);
    }

    private bool IsTiff(string image)
    {
        Span<byte> start = stackalloc byte[4];
        using var stream = Files.OpenImage(image);
        int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        // Byte order, then 42 (or 43 for files beyond 4 GB).
        return read == 4 && (start is [0x49, 0x49, 42 or 43, 0] || start is [0x4D, 0x4D, 0, 42 or 43]);
    }
}
