using System.Runtime.InteropServices;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>How pixels are combined when fewer are asked for than the window holds; the numbers are GDAL's GDALRIOResampleAlg.</summary>
public enum Resampling
{
    Nearest = 0,
    Bilinear = 1,
    Cubic = 2,
    Average = 5,
    Mode = 6,
}

/// <summary>
/// A raster file open for reading: any path of GDAL's virtual file system (/vsizip/, /vsis3/, /vsicurl/ too) in one of the registered formats
/// (GeoTIFF, JPEG 2000, PNG, VRT, SRTM .hgt). Reads may come from several threads; they take turns.
/// </summary>
public sealed unsafe class RasterFile : IDisposable
{
    /// <summary>A file that claims more pixels than this is refused: nine Sentinel-2 tiles at 10 m fit.</summary>
    public const long MaximumPixels = 1L << 30;

    // A block must be decoded whole, so a file of one giant block would cost this much for a single pixel.
    private const long MaximumBlockBytes = 1L << 30;

    private const uint OpenReadOnlyRasterVerbose = 0x02 | 0x40;

    private static readonly string[] s_drivers = ["GTiff", "JP2OpenJPEG", "PNG", "SRTMHGT"];

    private readonly DatasetHandle _dataset;
    private readonly Lock _gate = new();
    private readonly Lazy<int> _epsgCode;

    private RasterFile(string path, DatasetHandle dataset)
    {
        Path = path;
        _dataset = dataset;
        Width = NativeMethods.GDALGetRasterXSize(dataset);
        Height = NativeMethods.GDALGetRasterYSize(dataset);
        BandCount = NativeMethods.GDALGetRasterCount(dataset);
        var transform = stackalloc double[6];
        HasGeoTransform = NativeMethods.GDALGetGeoTransform(dataset, transform) == 0;
        GeoTransform = HasGeoTransform
            ? new GeoTransform(transform[0], transform[1], transform[2], transform[3], transform[4], transform[5])
            : new GeoTransform(0, 1, 0, 0, 0, -1);
        ProjectionWkt = Marshal.PtrToStringUTF8(NativeMethods.GDALGetProjectionRef(dataset)) ?? "";
        _epsgCode = new Lazy<int>(() => ProjectionWkt.Length == 0 ? 0 : CoordinateTransform.EpsgOf(ProjectionWkt));
    }

    public string Path { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Number of bands; they count from 1.</summary>
    public int BandCount { get; }

    public Window Bounds => new(0, 0, Width, Height);

    /// <summary>Whether the file says where it lies.</summary>
    public bool HasGeoTransform { get; }

    /// <summary>From pixels to the ground; the identity with rows to the South when the file states none.</summary>
    public GeoTransform GeoTransform { get; }

    /// <summary>Reference system as well-known text; empty when the file states none.</summary>
    public string ProjectionWkt { get; }

    /// <summary>EPSG number of the reference system; 0 when there is none or it has no number.</summary>
    public int EpsgCode => _epsgCode.Value;

    /// <summary>Short name of GDAL's driver, e.g. GTiff, JP2OpenJPEG.</summary>
    public string Driver => InTurn(() => Marshal.PtrToStringUTF8(NativeMethods.GDALGetDriverShortName(NativeMethods.GDALGetDatasetDriver(_dataset))) ?? "");

    /// <summary>Threads that decode JPEG 2000 blocks of one read; the pixels do not depend on it.</summary>
    public int DecodingThreads { get; init; } = 1;

    /// <summary>The North-up grid with square pixels; EPSG 0, origin 0 and pixel 1 when the file states no place.</summary>
    /// <exception cref="InputException">The file is rotated, South-up, or has pixels that are not square.</exception>
    public RasterGrid Grid
    {
        get
        {
            var t = GeoTransform;
            if (t.RowRotation != 0 || t.ColumnRotation != 0 || t.PixelWidth <= 0 || t.PixelHeight >= 0
                || Math.Abs(t.PixelWidth + t.PixelHeight) > 1e-6 * t.PixelWidth)
            {
                throw new InputException(
                    $"{Path} is not on a North-up grid with square pixels (geotransform {t}): warp it first, for example with gdalwarp -tr 10 10.");
            }

            return new RasterGrid(EpsgCode, t.OriginX, t.OriginY, t.PixelWidth, Width, Height);
        }
    }

    /// <summary>The value of the first band that means "unknown"; null when the file states none.</summary>
    public double? NoData => BandNoData(1);

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <exception cref="InputException">It does not exist, is no raster, is damaged, or claims an absurd size.</exception>
    public static RasterFile Open(string path, int decodingThreads = 1) => Open(path, MaximumPixels, decodingThreads);

    /// <summary>As <see cref="Open(string, int)"/>, for a file that may be of one format only.</summary>
    internal static RasterFile Open(string path, int decodingThreads, string driver) => Open(path, MaximumPixels, decodingThreads, driver);

    /// <summary>As <see cref="Open(string, int)"/> for rasters of which only a part will be read, such as a mosaic of a continent.</summary>
    internal static RasterFile Open(string path, long maximumPixels, int decodingThreads = 1, params string[] drivers)
    {
        var file = new RasterFile(path, OpenDataset(path, drivers)) { DecodingThreads = decodingThreads };
        try
        {
            file.RefuseAbsurdSize(maximumPixels);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static DatasetHandle OpenDataset(string path, string[] drivers)
    {
        GdalLibrary.EnsureLoaded();
        GdalErrors.Clear();
        // A VRT names other files to read; under the name of another format it would be somebody's trick.
        bool named = path.EndsWith(".vrt", StringComparison.OrdinalIgnoreCase);
        using var allowed = new StringList(drivers.Length > 0 ? drivers : named ? [.. s_drivers, "VRT"] : s_drivers);
        var dataset = NativeMethods.GDALOpenEx(path, OpenReadOnlyRasterVerbose, allowed.Pointer, 0, 0);
        if (!dataset.IsInvalid)
            return dataset;
        var cause = GdalErrors.Exception($"{path} cannot be opened");
        throw VsiFile.Exists(path)
            ? new InputException(
                $"{path} cannot be opened as a raster (GDAL says \"{cause.GdalMessage}\"): fetch it again if it is damaged, or give a GeoTIFF or JPEG 2000 file.", cause)
            : new InputException($"{path} does not exist or cannot be read (GDAL says \"{cause.GdalMessage}\"): check the path.", cause);
    }

    public PixelType BandType(int band) => InTurn(() => (PixelType)NativeMethods.GDALGetRasterDataType(Band(band)));

    /// <summary>Size of the blocks that are stored and decoded whole.</summary>
    public (int Width, int Height) BlockSize(int band) => InTurn(() =>
    {
        int width, height;
        NativeMethods.GDALGetBlockSize(Band(band), &width, &height);
        return (width, height);
    });

    public double? BandNoData(int band) => InTurn(() =>
    {
        int present;
        double value = NativeMethods.GDALGetRasterNoDataValue(Band(band), &present);
        return present != 0 ? value : (double?)null;
    });

    public string BandDescription(int band) => InTurn(() => Marshal.PtrToStringUTF8(NativeMethods.GDALGetDescription(Band(band))) ?? "");

    public string BandUnit(int band) => InTurn(() => Marshal.PtrToStringUTF8(NativeMethods.GDALGetRasterUnitType(Band(band))) ?? "");

    public int OverviewCount(int band) => InTurn(() => NativeMethods.GDALGetOverviewCount(Band(band)));

    /// <summary>Metadata of one band, NAME to value.</summary>
    public IReadOnlyDictionary<string, string> BandMetadata(int band, string? domain = null) =>
        InTurn(() => Pairs(NativeMethods.GDALGetMetadata(Band(band), domain)));

    /// <summary>Metadata of the file, NAME to value.</summary>
    public IReadOnlyDictionary<string, string> Metadata(string? domain = null) => InTurn(() => Pairs(NativeMethods.GDALGetMetadata(_dataset, domain)));

    /// <summary>The whole band; values are converted to <typeparamref name="T"/> and clamped to its range.</summary>
    public Raster<T> Read<T>(int band)
        where T : unmanaged => Read<T>(band, Bounds);

    /// <summary>The pixels under <paramref name="window"/>, which must lie inside the file.</summary>
    /// <param name="band">From 1.</param>
    /// <exception cref="InputException">The file is damaged there.</exception>
    public Raster<T> Read<T>(int band, Window window)
        where T : unmanaged => Read<T>(band, window, window.Width, window.Height, Resampling.Nearest);

    /// <summary>The pixels under <paramref name="window"/> as <paramref name="width"/> x <paramref name="height"/> pixels, from overviews where there are some.</summary>
    public Raster<T> Read<T>(int band, Window window, int width, int height, Resampling resampling)
        where T : unmanaged
    {
        if ((long)width * height > Array.MaxLength)
            throw new InputException($"{width} x {height} pixels of {Path} do not fit into one array: read a smaller window.");
        var raster = new Raster<T>(width, height);
        Read(band, window, raster, resampling);
        return raster;
    }

    /// <summary>Reads into memory that is there already; <paramref name="target"/> sets the number of pixels.</summary>
    public void Read<T>(int band, Window window, Raster<T> target, Resampling resampling = Resampling.Nearest)
        where T : unmanaged
    {
        nint bandHandle = Band(band);
        if (!Bounds.Contains(window) || window.IsEmpty)
            throw new ArgumentOutOfRangeException(nameof(window), $"Window {window} is not inside {Path} of {Width} x {Height} pixels.");
        var extra = new NativeMethods.RasterIoExtraArg { Version = 1, ResampleAlgorithm = (int)resampling };
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_dataset.IsClosed, this);
            GdalErrors.Clear();
            if (DecodingThreads > 1)
                NativeMethods.CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", DecodingThreads.ToString());
            int result;
            fixed (T* pixels = target.Pixels)
            {
                result = NativeMethods.GDALRasterIOEx(
                    bandHandle, 0, window.X, window.Y, window.Width, window.Height, pixels, target.Width, target.Height,
                    (int)PixelTypes.Of<T>(), sizeof(T), (long)sizeof(T) * target.Width, &extra);
            }

            if (DecodingThreads > 1)
                NativeMethods.CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", null);
            if (result == 0)
                return;
            var cause = GdalErrors.Exception($"{Path} cannot be read at {window}");
            throw new InputException(
                $"{Path} cannot be read at {window} (GDAL says \"{cause.GdalMessage}\"): the file is damaged or truncated; fetch it again.", cause);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _dataset.Dispose();
    }

    internal DatasetHandle Dataset => _dataset;

    private static Dictionary<string, string> Pairs(nint list)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string item in StringList.Read(list))
        {
            int equals = item.IndexOf('=');
            if (equals > 0)
                pairs[item[..equals]] = item[(equals + 1)..];
        }

        return pairs;
    }

    // What sounds like a question may read the file: GDAL looks for overviews, for example, when it is first asked for their number.
    private T InTurn<T>(Func<T> ask)
    {
        lock (_gate)
            return ask();
    }

    private nint Band(int band)
    {
        ObjectDisposedException.ThrowIf(_dataset.IsClosed, this);
        if (band < 1 || band > BandCount)
            throw new ArgumentOutOfRangeException(nameof(band), $"{Path} has no band {band}: it has bands 1 to {BandCount}.");
        return NativeMethods.GDALGetRasterBand(_dataset, band);
    }

    private void RefuseAbsurdSize(long maximumPixels)
    {
        if (BandCount < 1)
            throw new InputException($"{Path} holds no raster band: give a GeoTIFF or JPEG 2000 image.");
        if ((long)Width * Height > maximumPixels)
        {
            throw new InputException(
                $"{Path} claims {Width} x {Height} pixels, more than the {maximumPixels} that are read: it is damaged, or must be cut into parts first.");
        }

        var (blockWidth, blockHeight) = BlockSize(1);
        if ((long)blockWidth * blockHeight * PixelTypes.SizeOf(BandType(1)) > MaximumBlockBytes)
        {
            throw new InputException(
                $"{Path} claims blocks of {blockWidth} x {blockHeight} pixels, too large to decode: it is damaged, or must be rewritten with smaller tiles.");
        }
    }
}
