using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>Brings rasters of any reference system onto a grid.</summary>
public static unsafe class Warp
{
    /// <summary>
    /// Resamples band 1 of the <paramref name="sources"/> (later ones lie on top) onto <paramref name="grid"/>.
    /// The pixel path is exact to 1/100 of a target pixel. Coarser targets average (GDAL widens the kernel).
    /// </summary>
    /// <returns>NaN where no source has a value.</returns>
    /// <exception cref="GdalException">A source cannot be read or has no reference system.</exception>
    public static Raster<float> ToGrid(IReadOnlyList<RasterFile> sources, RasterGrid grid, Resampling resampling = Resampling.Bilinear)
    {
        var target = new Raster<float>(grid.Width, grid.Height).Fill(float.NaN);
        if (sources.Count == 0)
            return target;
        using var memory = new MemoryDataset(grid.Width, grid.Height).Add(target).Place(grid);
        DatasetAttributes.SetBand(memory.Handle, 1, new BandAttributes(NoData: double.NaN));
        using var arguments = new StringList("-r", resampling.ToString().ToLowerInvariant().Replace("nearest", "near"), "-et", "0.01", "-wm", "64", "-dstnodata", "nan");
        nint options = NativeMethods.GDALWarpAppOptionsNew(arguments.Pointer, 0);
        bool held = false;
        try
        {
            memory.Handle.DangerousAddRef(ref held);
            nint* handles = stackalloc nint[1];
            // One by one, so that each source's own no-data value is honoured.
            foreach (var source in sources)
            {
                int usageError = 0;
                handles[0] = source.Dataset.DangerousGetHandle();
                GdalErrors.Clear();
                nint result = NativeMethods.GDALWarp(null, memory.Handle.DangerousGetHandle(), 1, handles, options, &usageError);
                if (result == 0 || usageError != 0)
                    throw GdalErrors.Exception($"{source.Path} cannot be warped to {grid}");
                GC.KeepAlive(source);
            }

            NativeMethods.GDALFlushCache(memory.Handle);
        }
        finally
        {
            NativeMethods.GDALWarpAppOptionsFree(options);
            if (held)
                memory.Handle.DangerousRelease();
        }

        return target;
    }
}
