using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// Decodes images only to see whether they can be: what <see cref="IsolatedDecoding"/> runs in a process of its own, which a harmful file may end.
/// </summary>
public static class DecodingTrial
{
    private const int RowsAtOnce = 1024;
    private const int SampleSide = 16;

    /// <summary>Decodes every image that a job may read of a product, or a single .jp2 file, to its last block.</summary>
    /// <param name="path">Product (.SAFE folder or zip) or .jp2 file.</param>
    /// <param name="quick">Only the upper left, the middle and the lower right of each image: seconds instead of minutes, and less certain.</param>
    /// <exception cref="InputException">The sentence says which image is unusable, and why.</exception>
    public static void Run(string path, bool quick = false)
    {
        if (path.EndsWith(".jp2", StringComparison.OrdinalIgnoreCase))
        {
            RunFile(path, quick);
            return;
        }

        var product = SafeProduct.Open(path);
        foreach (string tile in product.TilesInProduct)
            RunTile(product.TilesInProduct.Count == 1 ? product : SafeProduct.Open(path, tile), quick);
    }

    private static void RunTile(SafeProduct product, bool quick)
    {
        foreach (var band in product.Bands.Where(product.HasBand))
        {
            using var file = product.OpenBand(band);
            Read(file, quick);
            string?[] masks = [product.FindMask("MSK_DETFOO", band), product.FindMask("MSK_QUALIT", band)];
            foreach (string mask in masks.OfType<string>().Where(m => m.EndsWith(".jp2", StringComparison.OrdinalIgnoreCase)))
            {
                using var image = product.OpenImage(mask);
                Read(image, quick);
            }
        }
    }

    private static void RunFile(string path, bool quick)
    {
        var folder = new FolderContainer(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using (var stream = folder.OpenImage(Path.GetFileName(path)))
            Jpeg2000Structure.Check(stream, folder.Length(Path.GetFileName(path)), path);
        using var file = RasterFile.Open(path, decodingThreads: 1, "JP2OpenJPEG");
        Read(file, quick);
    }

    private static void Read(RasterFile file, bool quick)
    {
        if (quick)
        {
            int side = Math.Min(Math.Min(file.Width, file.Height), SampleSide);
            foreach (var (x, y) in new[] { (0, 0), ((file.Width - side) / 2, (file.Height - side) / 2), (file.Width - side, file.Height - side) })
            {
                for (int band = 1; band <= file.BandCount; band++)
                    file.Read<ushort>(band, new Window(x, y, side, side));
            }

            return;
        }

        for (int band = 1; band <= file.BandCount; band++)
        {
            for (int y = 0; y < file.Height; y += RowsAtOnce)
                file.Read<ushort>(band, new Window(0, y, file.Width, Math.Min(RowsAtOnce, file.Height - y)));
        }
    }
}
