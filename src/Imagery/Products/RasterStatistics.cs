using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>Statistics of the known pixels of a product. All values are NaN when no pixel is known.</summary>
/// <param name="Count">Known pixels.</param>
/// <param name="Pixels">All pixels.</param>
/// <param name="StandardDeviation">About the mean, of the whole population.</param>
public sealed record RasterStatistics(double Minimum, double Maximum, double Mean, double StandardDeviation, long Count, long Pixels)
{
    /// <summary>Share of known pixels, 0 to 100.</summary>
    public double ValidPercent => Pixels == 0 ? 0 : 100.0 * Count / Pixels;

    /// <summary>The names by which GDAL and QGIS find them in a band; empty when no pixel is known.</summary>
    public IReadOnlyDictionary<string, string> BandMetadata
    {
        get
        {
            if (Count == 0)
                return new Dictionary<string, string>();
            return new Dictionary<string, string>
            {
                ["STATISTICS_MINIMUM"] = Text(Minimum),
                ["STATISTICS_MAXIMUM"] = Text(Maximum),
                ["STATISTICS_MEAN"] = Text(Mean),
                ["STATISTICS_STDDEV"] = Text(StandardDeviation),
                ["STATISTICS_VALID_PERCENT"] = ValidPercent.ToString("0.##", CultureInfo.InvariantCulture),
            };
        }
    }

    private static string Text(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}

/// <summary>Gathers statistics block by block; the same blocks in the same order give the same numbers.</summary>
/// <param name="noData">Value that means "unknown"; NaN is unknown in any case.</param>
public sealed class StatisticsTally(double? noData)
{
    private double _minimum = double.PositiveInfinity;
    private double _maximum = double.NegativeInfinity;
    private double _sum;
    private double _squares;
    private double _origin = double.NaN;
    private long _count;
    private long _pixels;

    public void Add<T>(Raster<T> block)
        where T : unmanaged
    {
        switch (block)
        {
            case Raster<float> numbers:
                AddNumbers<float>(numbers.Pixels);
                break;
            case Raster<byte> numbers:
                AddNumbers<byte>(numbers.Pixels);
                break;
            case Raster<ushort> numbers:
                AddNumbers<ushort>(numbers.Pixels);
                break;
            case Raster<Validity> flags:
                AddNumbers(MemoryMarshal.Cast<Validity, ushort>(flags.Pixels));
                break;
            case Raster<short> numbers:
                AddNumbers<short>(numbers.Pixels);
                break;
            case Raster<int> numbers:
                AddNumbers<int>(numbers.Pixels);
                break;
            case Raster<uint> numbers:
                AddNumbers<uint>(numbers.Pixels);
                break;
            case Raster<double> numbers:
                AddNumbers<double>(numbers.Pixels);
                break;
            default:
                throw new NotSupportedException($"Statistics of {typeof(T).Name} are not gathered.");
        }
    }

    public RasterStatistics Finish()
    {
        if (_count == 0)
            return new RasterStatistics(double.NaN, double.NaN, double.NaN, double.NaN, 0, _pixels);
        double shift = _sum / _count;
        double variance = Math.Max(0, _squares / _count - shift * shift);
        return new RasterStatistics(_minimum, _maximum, _origin + shift, Math.Sqrt(variance), _count, _pixels);
    }

    private void AddNumbers<T>(ReadOnlySpan<T> pixels)
        where T : unmanaged, INumberBase<T>
    {
        // In variables of the method, which the compiler keeps in registers.
        double hole = noData ?? double.NaN, minimum = _minimum, maximum = _maximum, sum = _sum, squares = _squares, origin = _origin;
        long count = _count;
        foreach (T pixel in pixels)
        {
            double value = double.CreateTruncating(pixel);
            if (!double.IsFinite(value) || value == hole)
                continue;
            // Sums about the first value, so that a large mean does not eat the variance.
            if (count == 0)
                origin = value;
            double distance = value - origin;
            sum += distance;
            squares += distance * distance;
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
            count++;
        }

        (_minimum, _maximum, _sum, _squares, _origin, _count) = (minimum, maximum, sum, squares, origin, count);
        _pixels += pixels.Length;
    }
}
