using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>Writes files of the formats that GDAL can only make in one go: JPEG 2000, PNG, cloud-optimised GeoTIFF.</summary>
public static class RasterCopy
{
    /// <summary>
    /// JPEG 2000, by default lossless (reversible 5/3 wavelet) in blocks of 1024 x 1024 as Sentinel-2's are. 10980 x 10980 UInt16 takes about 20 CPU-seconds.
    /// </summary>
    /// <param name="path">Final name.</param>
    /// <param name="raster">Pixels: byte or ushort.</param>
    /// <param name="grid">Place; written as GML inside the file.</param>
    /// <param name="qualityPercent">100 is lossless; less keeps about this share of the lossless size.</param>
    /// <param name="blockSize">Side of the code blocks' tile.</param>
    public static void WriteJpeg2000<T>(string path, Raster<T> raster, RasterGrid grid, double qualityPercent = 100, int blockSize = 1024)
        where T : unmanaged
    {
        string reversible = qualityPercent >= 100 ? "YES" : "NO";
        using var source = new MemoryDataset(raster.Width, raster.Height).Add(raster).Place(grid);
        Write(path, "JP2OpenJPEG", source.Handle, $"REVERSIBLE={reversible}", $"QUALITY={qualityPercent}", $"BLOCKXSIZE={blockSize}", $"BLOCKYSIZE={blockSize}");
    }

    /// <summary>PNG of 1 (grey), 3 (RGB) or 4 (RGBA) bands of bytes.</summary>
    public static void WritePng(string path, params IReadOnlyList<Raster<byte>> bands)
    {
        using var source = new MemoryDataset(bands[0].Width, bands[0].Height);
        // GDAL's colour interpretations: 1 grey; 3, 4, 5, 6 red, green, blue, alpha.
        int first = bands.Count == 1 ? 1 : 3;
        for (int i = 0; i < bands.Count; i++)
        {
            source.Add(bands[i]);
            _ = NativeMethods.GDALSetRasterColorInterpretation(NativeMethods.GDALGetRasterBand(source.Handle, i + 1), first + i);
        }

        Write(path, "PNG", source.Handle, "ZLEVEL=6");
    }

    /// <summary>Copies a dataset to a new file by <paramref name="driver"/>; the file appears whole or not at all.</summary>
    /// <exception cref="InputException">The disk is full or the place cannot be written.</exception>
    internal static void Write(string path, string driver, DatasetHandle source, params string[] options)
    {
        using var file = new AtomicFile(path);
        using var creation = new StringList(options);
        try
        {
            GdalErrors.Clear();
            using var copy = NativeMethods.GDALCreateCopy(
                NativeMethods.GDALGetDriverByName(driver), file.TemporaryPath, source, 0, creation.Pointer, 0, 0);
            if (copy.IsInvalid)
                throw GdalErrors.Exception($"{path} cannot be written");
            copy.CloseChecked($"{path} cannot be closed");
        }
        catch (GdalException cause)
        {
            throw AtomicFile.CannotWrite(path, cause.GdalMessage, cause);
        }

        file.Commit();
    }
}
