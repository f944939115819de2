using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>
/// A final product written in blocks, for rasters that shall not be in memory whole. The blocks go to an uncompressed file beside the product
/// (so the disk must hold both for a moment); <see cref="Complete"/> makes the cloud-optimised file of it. The same blocks give the same bytes.
/// </summary>
public sealed class GeoTiffWriter<T> : IDisposable
    where T : unmanaged
{
    private const int BlockSide = 512;

    private readonly string _path;
    private readonly GeoTiffOptions _options;
    private readonly AtomicFile _stagingName;
    private readonly RasterWriter _staging;
    private readonly StatisticsTally _tally;

    /// <summary>Starts the product.</summary>
    /// <exception cref="InputException">The place cannot be written.</exception>
    public GeoTiffWriter(string path, RasterGrid grid, GeoTiffOptions? options = null)
    {
        _path = path;
        _options = options ?? new GeoTiffOptions();
        _tally = new StatisticsTally(_options.NoData);
        _stagingName = new AtomicFile(path);
        try
        {
            var band = new BandAttributes(_options.Description, _options.Unit, _options.NoData ?? (PixelTypes.IsFloat(PixelTypes.Of<T>()) ? double.NaN : null));
            _staging = new RasterWriter(_stagingName.TemporaryPath, grid, PixelTypes.Of<T>(), band, "BLOCKYSIZE=16");
            _staging.SetMetadata(_options.Metadata);
        }
        catch
        {
            _stagingName.Dispose();
            throw;
        }
    }

    /// <summary>Writes whole rows, <paramref name="rows"/> of them as wide as the product, from row <paramref name="firstRow"/> on.</summary>
    public void WriteRows(int firstRow, Raster<T> rows) => Write(rows, 0, firstRow);

    /// <summary>Writes a block with its upper left pixel at (<paramref name="x"/>, <paramref name="y"/>).</summary>
    public void Write(Raster<T> block, int x, int y)
    {
        _staging.Write(block, x, y);
        _tally.Add(block);
    }

    /// <summary>Makes the product appear under its name.</summary>
    /// <returns>Statistics of the known pixels of all blocks; they stand in the file too, unless the values are codes.</returns>
    /// <exception cref="InputException">The disk is full; nothing is left behind.</exception>
    public RasterStatistics Complete()
    {
        var statistics = _tally.Finish();
        if (!_options.Categorical)
            _staging.SetBandMetadata(statistics.BandMetadata);
        _staging.Complete(forced: false);
        WriteCloudOptimised();
        return statistics;
    }

    public void Dispose()
    {
        _staging.Dispose();
        _stagingName.Dispose();
    }

    private void WriteCloudOptimised()
    {
        string staged = _stagingName.TemporaryPath;
        try
        {
            Overviews.Add<T>(staged, _staging.Bounds.Width, _staging.Bounds.Height, BlockSide, _options.Categorical, _options.NoData);
        }
        catch (GdalException cause)
        {
            throw AtomicFile.CannotWrite(_path, cause.GdalMessage, cause);
        }

        // The last digits of measured values are noise: more effort gains a per cent of space for half as much time again. Integers: 5 per cent for three times the time.
        int level = _options.Categorical || _options.Smooth ? 6 : PixelTypes.IsFloat(PixelTypes.Of<T>()) ? 1 : 3;
        using var source = RasterFile.Open(staged, long.MaxValue);
        RasterCopy.Write(_path, "COG", source.Dataset, "COMPRESS=DEFLATE", "PREDICTOR=YES", $"LEVEL={level}", $"BLOCKSIZE={BlockSide}", "BIGTIFF=IF_SAFER");
    }
}
