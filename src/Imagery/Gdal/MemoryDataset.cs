using System.Runtime.InteropServices;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>Managed rasters seen by GDAL where they are, without a copy; they stay pinned until this is disposed.</summary>
internal sealed unsafe class MemoryDataset : IDisposable
{
    private readonly List<GCHandle> _pins = [];

    public MemoryDataset(int width, int height)
    {
        GdalLibrary.EnsureLoaded();
        Width = width;
        Height = height;
        GdalErrors.Clear();
        Handle = NativeMethods.GDALCreate(NativeMethods.GDALGetDriverByName("MEM"), "", width, height, 0, (int)PixelType.Byte, 0);
        if (Handle.IsInvalid)
            throw GdalErrors.Exception($"A raster of {width} x {height} cannot be made in memory");
    }

    public int Width { get; }

    public int Height { get; }

    public DatasetHandle Handle { get; }

    public MemoryDataset Add<T>(Raster<T> raster)
        where T : unmanaged
    {
        if (raster.Width != Width || raster.Height != Height)
            throw new ArgumentException($"A band of {raster.Width} x {raster.Height} does not fit a raster of {Width} x {Height}.", nameof(raster));
        var pin = GCHandle.Alloc(raster.Pixels, GCHandleType.Pinned);
        _pins.Add(pin);
        using var options = new StringList($"DATAPOINTER={pin.AddrOfPinnedObject()}");
        GdalErrors.Clear();
        if (NativeMethods.GDALAddBand(Handle, (int)PixelTypes.Of<T>(), options.Pointer) != 0)
            throw GdalErrors.Exception("A band cannot be added in memory");
        return this;
    }

    public MemoryDataset Place(RasterGrid grid)
    {
        DatasetAttributes.SetGrid(Handle, grid);
        return this;
    }

    public void Dispose()
    {
        Handle.Dispose();
        foreach (var pin in _pins)
            pin.Free();
        _pins.Clear();
    }
}

/// <summary>What a dataset says about itself, set before it is filled or copied.</summary>
internal static unsafe class DatasetAttributes
{
    public static void SetGrid(DatasetHandle dataset, RasterGrid grid)
    {
        // A grid without a place (EPSG 0, origin 0, pixel 1) stays without one.
        if (grid.EpsgCode == 0 && grid is { OriginX: 0, OriginY: 0, PixelSizeMetres: 1 })
            return;
        double* transform = stackalloc double[6] { grid.OriginX, grid.PixelSizeMetres, 0, grid.OriginY, 0, -grid.PixelSizeMetres };
        Check(NativeMethods.GDALSetGeoTransform(dataset, transform), "The place of the raster cannot be set");
        if (grid.EpsgCode != 0)
            Check(NativeMethods.GDALSetProjection(dataset, CoordinateTransform.WktOf(grid.EpsgCode)), "The reference system cannot be set");
    }

    public static void SetBand(DatasetHandle dataset, int band, BandAttributes attributes)
    {
        nint handle = NativeMethods.GDALGetRasterBand(dataset, band);
        if (attributes.NoData is { } noData)
            Check(NativeMethods.GDALSetRasterNoDataValue(handle, noData), "The no-data value cannot be set");
        if (attributes.Description is { Length: > 0 } description)
            NativeMethods.GDALSetDescription(handle, description);
        if (attributes.Unit is { Length: > 0 } unit)
            Check(NativeMethods.GDALSetRasterUnitType(handle, unit), "The unit cannot be set");
    }

    /// <summary>Sets metadata in the order of the names, so that the bytes of a file do not depend on a dictionary.</summary>
    public static void SetMetadata(DatasetHandle dataset, IReadOnlyDictionary<string, string>? metadata)
    {
        foreach (var (name, value) in (metadata ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Check(NativeMethods.GDALSetMetadataItem(dataset, name, value, null), $"The metadata item {name} cannot be set");
    }

    /// <summary>As <see cref="SetMetadata"/>, for one band.</summary>
    public static void SetBandMetadata(DatasetHandle dataset, int band, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (name, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Check(NativeMethods.GDALSetMetadataItem(NativeMethods.GDALGetRasterBand(dataset, band), name, value, null), $"The metadata item {name} cannot be set");
    }

    private static void Check(int result, string complaint)
    {
        if (result != 0)
            throw GdalErrors.Exception(complaint);
    }
}

/// <summary>What one band of a written file says about itself.</summary>
/// <param name="Description">What is measured, with unit and sign, e.g. "Displacement to the East [m], East is positive".</param>
/// <param name="Unit">Unit alone, e.g. m; empty for none.</param>
/// <param name="NoData">Value that means "unknown"; NaN for float; null for none.</param>
public sealed record BandAttributes(string? Description = null, string? Unit = null, double? NoData = null);
