using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Pixels of a band and what is wrong with them.</summary>
/// <param name="DigitalNumbers">As stored, before the radiometric offset.</param>
/// <param name="Validity">NoData and Saturated, from the special values of the product.</param>
public sealed record BandPixels(Raster<ushort> DigitalNumbers, Raster<Validity> Validity);

/// <summary>Reflectance of a band and what is wrong with its pixels.</summary>
/// <param name="Values">Top of atmosphere, 1 = all light; NaN where there is no data. May be slightly negative.</param>
/// <param name="Validity">NoData and Saturated.</param>
public sealed record BandReflectance(Raster<float> Values, Raster<Validity> Validity);

/// <summary>Reads pixels of one product by window; each band file is opened once, on first use.</summary>
/// <param name="product">Which product.</param>
/// <param name="decodingThreads">Threads that decode JPEG 2000 blocks; the pixels do not depend on it.</param>
public sealed class SafeReader(SafeProduct product, int decodingThreads = 1) : IDisposable
{
    private readonly Dictionary<SafeBand, RasterFile> _bands = [];
    private readonly Lock _gate = new();

    public SafeProduct Product => product;

    /// <summary>The grid that the file of a band states; differs from <see cref="SafeProduct.Grid(SafeBand)"/> only in products that somebody altered.</summary>
    /// <exception cref="InputException">The file is missing, empty or damaged.</exception>
    public RasterGrid Grid(SafeBand band) => Open(band).Grid;

    /// <summary>Digital numbers under <paramref name="window"/> of the file's own grid.</summary>
    /// <exception cref="InputException">The file is missing, empty, truncated, or smaller than the window.</exception>
    public BandPixels ReadBand(SafeBand band, Window window)
    {
        var file = Open(band);
        if (!file.Bounds.Contains(window) || window.IsEmpty)
        {
            throw new InputException(
                $"Band {band.Name} of {product.Name} has {file.Width} x {file.Height} pixels, so that {window} does not lie inside it: give a product at full resolution.");
        }

        var pixels = file.Read<ushort>(1, window);
        ushort noData = product.NoDataValue, saturated = product.SaturatedValue;
        var validity = new Raster<Validity>(window.Width, window.Height);
        for (int i = 0; i < pixels.Pixels.Length; i++)
        {
            ushort value = pixels.Pixels[i];
            validity.Pixels[i] = value == noData ? Validity.NoData : value == saturated ? Validity.Saturated : Validity.Valid;
        }

        return new BandPixels(pixels, validity);
    }

    /// <summary>Top of atmosphere reflectance, (DN + offset) / quantification value; saturated pixels keep the value of their DN and their flag.</summary>
    public BandReflectance ReadReflectance(SafeBand band, Window window)
    {
        var (pixels, validity) = ReadBand(band, window);
        var values = new Raster<float>(window.Width, window.Height);
        double offset = product.RadiometricOffset(band), scale = 1 / product.QuantificationValue;
        for (int i = 0; i < pixels.Pixels.Length; i++)
            values.Pixels[i] = validity.Pixels[i] == Validity.NoData ? float.NaN : (float)((pixels.Pixels[i] + offset) * scale);
        return new BandReflectance(values, validity);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var file in _bands.Values)
                file.Dispose();
            _bands.Clear();
        }
    }

    private RasterFile Open(SafeBand band)
    {
        lock (_gate)
        {
            if (!_bands.TryGetValue(band, out var file))
                _bands[band] = file = product.OpenBand(band, decodingThreads);
            return file;
        }
    }
}
