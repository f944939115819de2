using System.Globalization;
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
            case Raster<float> floats:
                Add<float>(floats.Pixels, value => value);
                break;
            case Raster<byte> bytes:
                Add<byte>(bytes.Pixels, value => value);
                break;
            case Raster<ushort> shorts:
                Add<ushort>(shorts.Pixels, value => value);
                break;
            case Raster<Validity> flags:
                Add<Validity>(flags.Pixels, value => (ushort)value);
                break;
            case Raster<short> numbers:
                Add<short>(numbers.Pixels, value => value);
                break;
            case Raster<int> numbers:
                Add<int>(numbers.Pixels, value => value);
                break;
            case Raster<uint> numbers:
                Add<uint>(numbers.Pixels, value => value);
                break;
            case Raster<double> numbers:
                Add<double>(numbers.Pixels, value => value);
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

    private void Add<T>(ReadOnlySpan<T> pixels, Func<T, double> number)
    {
        _pixels += pixels.Length;
        double hole = noData ?? double.NaN;
        foreach (T pixel in pixels)
        {
            double value = number(pixel);
            if (!double.IsFinite(value) || value == hole)
                continue;
            // Sums about the first value, so that a large mean does not eat the variance.
            if (_count == 0)
                _origin = value;
            double distance = value - _origin;
            _sum += distance;
            _squares += distance * distance;
            _minimum = Math.Min(_minimum, value);
            _maximum = Math.Max(_maximum, value);
            _count++;
        }
    }
}
