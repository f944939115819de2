using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// Reduced copies inside a GeoTIFF, each half as wide and high as the one before (rounded up), until one fits into a block. A pixel is the mean of the known
/// ones of the two by two below it, or the most frequent of them; of equally frequent ones the first in reading order.
/// </summary>
/// <remarks>GDAL's own averaging goes through unsaved blocks of its cache: see <see cref="RasterWriter"/>.</remarks>
internal static unsafe class Overviews
{
    private const uint OpenUpdateRasterVerbose = 0x01 | 0x02 | 0x40;

    /// <summary>Adds them to the uncompressed file of one band at <paramref name="path"/>.</summary>
    /// <param name="blockSide">Side of their blocks, pixels.</param>
    /// <param name="categorical">The pixels are codes.</param>
    /// <param name="noData">Value that means "unknown"; NaN is unknown in any case.</param>
    /// <exception cref="GdalException">The disk is full.</exception>
    public static void Add<T>(string path, int width, int height, int blockSide, bool categorical, double? noData)
        where T : unmanaged
    {
        var factors = new List<int>();
        for (int factor = 2; (width - 1) / (factor / 2) + 1 > blockSide || (height - 1) / (factor / 2) + 1 > blockSide; factor *= 2)
            factors.Add(factor);
        if (factors.Count == 0)
            return;
        GdalErrors.Clear();
        using var dataset = NativeMethods.GDALOpenEx(path, OpenUpdateRasterVerbose, 0, 0, 0);
        if (dataset.IsInvalid)
            throw GdalErrors.Exception($"{path} cannot be opened");
        NativeMethods.CPLSetThreadLocalConfigOption("GDAL_TIFF_OVR_BLOCKSIZE", $"{blockSide}");
        int result;
        fixed (int* list = CollectionsMarshal.AsSpan(factors))
            result = NativeMethods.GDALBuildOverviews(dataset, "NONE", factors.Count, list, 0, null, 0, 0);
        NativeMethods.CPLSetThreadLocalConfigOption("GDAL_TIFF_OVR_BLOCKSIZE", null);
        nint band = NativeMethods.GDALGetRasterBand(dataset, 1), finer = band;
        for (int level = 0; result == 0 && level < factors.Count; level++)
        {
            nint coarser = NativeMethods.GDALGetOverview(band, level);
            result = Halve<T>(finer, width, height, coarser, blockSide, categorical, noData ?? double.NaN);
            (width, height, finer) = ((width + 1) / 2, (height + 1) / 2, coarser);
        }

        if (result != 0)
            throw GdalErrors.Exception($"{path} cannot be written");
        dataset.CloseChecked($"{path} cannot be closed");
    }

    private static int Halve<T>(nint finer, int width, int height, nint coarser, int blockSide, bool categorical, double noData)
        where T : unmanaged
    {
        int halfWidth = (width + 1) / 2, halfHeight = (height + 1) / 2;
        var source = new Raster<T>(width, 2 * blockSide);
        var block = new Raster<T>(blockSide, blockSide);
        var extra = new NativeMethods.RasterIoExtraArg { Version = 1 };
        for (int top = 0; top < halfHeight; top += blockSide)
        {
            int rows = Math.Min(2 * blockSide, height - 2 * top);
            int result;
            fixed (T* pixels = source.Pixels)
            {
                result = NativeMethods.GDALRasterIOEx(
                    finer, 0, 0, 2 * top, width, rows, pixels, width, rows, (int)PixelTypes.Of<T>(), sizeof(T), (long)sizeof(T) * width, &extra);
            }

            for (int left = 0; result == 0 && left < halfWidth; left += blockSide)
            {
                int columns = Math.Min(2 * blockSide, width - 2 * left);
                for (int y = 0; 2 * y < rows; y++)
                {
                    var upper = source.Row(2 * y).Slice(2 * left, columns);
                    var lower = 2 * y + 1 < rows ? source.Row(2 * y + 1).Slice(2 * left, columns) : upper;
                    HalveRow(upper, lower, block.Row(y), categorical, noData);
                }

                fixed (T* pixels = block.Pixels)
                    result = NativeMethods.GDALWriteBlock(coarser, left / blockSide, top / blockSide, pixels);
            }

            if (result != 0)
                return result;
        }

        return 0;
    }

    /// <summary>One row of a reduced copy from the two below it, which are the same one at the lower edge of an image of odd height.</summary>
    internal static void HalveRow<T>(ReadOnlySpan<T> upper, ReadOnlySpan<T> lower, Span<T> halved, bool categorical, double noData)
        where T : unmanaged
    {
        if (categorical)
            MostFrequent(upper, lower, halved);
        else if (typeof(T) == typeof(float))
            Mean(Cast<T, float>(upper), Cast<T, float>(lower), MemoryMarshal.Cast<T, float>(halved), noData);
        else if (typeof(T) == typeof(byte))
            Mean(Cast<T, byte>(upper), Cast<T, byte>(lower), MemoryMarshal.Cast<T, byte>(halved), noData);
        else if (typeof(T) == typeof(ushort))
            Mean(Cast<T, ushort>(upper), Cast<T, ushort>(lower), MemoryMarshal.Cast<T, ushort>(halved), noData);
        else
            throw new NotSupportedException($"No product has means of {typeof(T).Name}.");
    }

    private static ReadOnlySpan<TTo> Cast<TFrom, TTo>(ReadOnlySpan<TFrom> pixels)
        where TFrom : unmanaged
        where TTo : unmanaged => MemoryMarshal.Cast<TFrom, TTo>(pixels);

    private static void Mean<T>(ReadOnlySpan<T> upper, ReadOnlySpan<T> lower, Span<T> halved, double noData)
        where T : unmanaged, INumberBase<T>
    {
        bool isInteger = !PixelTypes.IsFloat(PixelTypes.Of<T>());
        for (int x = 0; 2 * x < upper.Length; x++)
        {
            int left = 2 * x, right = Math.Min(left + 1, upper.Length - 1);
            double sum = 0;
            int known = 0;
            Take(upper[left]);
            Take(upper[right]);
            Take(lower[left]);
            Take(lower[right]);
            double mean = known == 0 ? noData : sum / known;
            halved[x] = T.CreateSaturating(isInteger ? Math.Round(mean, MidpointRounding.AwayFromZero) : mean);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void Take(T pixel)
            {
                double value = double.CreateTruncating(pixel);
                if (double.IsNaN(value) || value == noData)
                    return;
                sum += value;
                known++;
            }
        }
    }

    private static void MostFrequent<T>(ReadOnlySpan<T> upper, ReadOnlySpan<T> lower, Span<T> halved)
        where T : unmanaged
    {
        var same = EqualityComparer<T>.Default;
        for (int x = 0; 2 * x < upper.Length; x++)
        {
            int left = 2 * x, right = Math.Min(left + 1, upper.Length - 1);
            T a = upper[left], b = upper[right], c = lower[left], d = lower[right];
            // With four votes, only a pair can beat the first.
            halved[x] = same.Equals(a, b) || same.Equals(a, c) || same.Equals(a, d) ? a : same.Equals(b, c) || same.Equals(b, d) ? b : same.Equals(c, d) ? c : a;
        }
    }
}
