using System.Runtime.CompilerServices;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// A GeoTIFF written window by window: nothing appears under its name before <see cref="Complete"/> has closed it without an error.
/// For final products use Products.GeoTiff, which also makes the layout of a cloud-optimised file.
/// </summary>
public sealed unsafe class RasterWriter : IDisposable
{
    private readonly AtomicFile _file;
    private readonly DatasetHandle _dataset;
    private readonly Lock _gate = new();

    /// <summary>Starts the file.</summary>
    /// <param name="path">Final name on disk.</param>
    /// <param name="grid">Size and place.</param>
    /// <param name="type">Type of all bands.</param>
    /// <param name="bands">One entry per band.</param>
    /// <param name="options">GDAL creation options of the GTiff driver, e.g. TILED=YES, COMPRESS=ZSTD.</param>
    /// <exception cref="InputException">The place cannot be written.</exception>
    public RasterWriter(string path, RasterGrid grid, PixelType type, IReadOnlyList<BandAttributes> bands, params string[] options)
    {
        GdalLibrary.EnsureLoaded();
        _file = new AtomicFile(path);
        Bounds = grid.Bounds;
        using var creation = new StringList(["BIGTIFF=IF_SAFER", .. options]);
        GdalErrors.Clear();
        _dataset = NativeMethods.GDALCreate(
            NativeMethods.GDALGetDriverByName("GTiff"), _file.TemporaryPath, grid.Width, grid.Height, bands.Count, (int)type, creation.Pointer);
        if (_dataset.IsInvalid)
        {
            var cause = GdalErrors.Exception($"{path} cannot be created");
            _file.Dispose();
            throw AtomicFile.CannotWrite(path, cause.GdalMessage, cause);
        }

        DatasetAttributes.SetGrid(_dataset, grid);
        for (int band = 0; band < bands.Count; band++)
            DatasetAttributes.SetBand(_dataset, band + 1, bands[band]);
    }

    public Window Bounds { get; }

    public string Path => _file.Path;

    public void SetMetadata(IReadOnlyDictionary<string, string> metadata) => DatasetAttributes.SetMetadata(_dataset, metadata);

    /// <param name="band">From 1.</param>
    public void SetBandMetadata(int band, IReadOnlyDictionary<string, string> metadata) => DatasetAttributes.SetBandMetadata(_dataset, band, metadata);

    /// <summary>Writes all pixels of <paramref name="raster"/> with the upper left one at (<paramref name="x"/>, <paramref name="y"/>).</summary>
    /// <param name="band">From 1.</param>
    public void Write<T>(int band, Raster<T> raster, int x, int y)
        where T : unmanaged => Write<T>(band, raster.Pixels, new Window(x, y, raster.Width, raster.Height));

    /// <summary>Writes the pixels, row after row, to <paramref name="window"/>.</summary>
    public void Write<T>(int band, ReadOnlySpan<T> pixels, Window window)
        where T : unmanaged
    {
        if (!Bounds.Contains(window) || pixels.Length != window.PixelCount)
            throw new ArgumentOutOfRangeException(nameof(window), $"{pixels.Length} pixels for window {window} do not fit into {Path} of {Bounds.Width} x {Bounds.Height}.");
        if (window.IsEmpty)
            return;
        var extra = new NativeMethods.RasterIoExtraArg { Version = 1 };
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_dataset.IsClosed, this);
            GdalErrors.Clear();
            nint handle = NativeMethods.GDALGetRasterBand(_dataset, band);
            fixed (T* buffer = pixels)
            {
                int result = handle == 0 ? 1 : NativeMethods.GDALRasterIOEx(
                    handle, 1, window.X, window.Y, window.Width, window.Height, buffer, window.Width, window.Height,
                    (int)PixelTypes.Of<T>(), sizeof(T), (long)Unsafe.SizeOf<T>() * window.Width, &extra);
                if (result != 0)
                    Fail(GdalErrors.Exception($"{Path} cannot be written at {window}"));
            }
        }
    }

    /// <summary>Closes the file, checks that everything reached the disk, and gives it its name.</summary>
    /// <exception cref="InputException">The disk is full or the place cannot be written; nothing is left behind.</exception>
    /// <param name="forced">See <see cref="AtomicFile.Commit"/>.</param>
    public void Complete(bool forced = true)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_dataset.IsClosed, this);
            try
            {
                _dataset.CloseChecked($"{Path} cannot be closed");
            }
            catch (GdalException cause)
            {
                Fail(cause);
            }

            _file.Commit(forced);
            _file.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _dataset.Dispose();
            _file.Dispose();
        }
    }

    private void Fail(GdalException cause)
    {
        _dataset.Dispose();
        _file.Dispose();
        throw AtomicFile.CannotWrite(Path, cause.GdalMessage, cause);
    }
}
