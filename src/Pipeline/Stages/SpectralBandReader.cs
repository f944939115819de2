using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// Reads the bands of the spectral mask as reflectance on the 20 m grid: 10 m bands as the mean of 2 x 2 pixels, 60 m bands repeated 3 x 3.
/// What is null or saturated is told from the digital numbers, before the radiometric offset and before any mean. One band in pieces of rows at a time,
/// so that besides the result only a few tens of megabytes are held.
/// </summary>
internal sealed class SpectralBandReader
{
    // Two rows of JPEG 2000 blocks of a 10 m band: each block is decoded once.
    private const int FineRowsAtOnce = 1024;

    private static readonly string[] RequiredBands = ["B02", "B03", "B04", "B8A", "B11", "B12"];

    private readonly SafeProduct product;
    private readonly Workers workers;
    private readonly Raster<PixelFlags> flags;

    private SpectralBandReader(SafeProduct product, RasterGrid grid, Workers workers)
    {
        this.product = product;
        this.workers = workers;
        Grid = grid;
        flags = new Raster<PixelFlags>(grid.Width, grid.Height);
    }

    private RasterGrid Grid { get; }

    /// <summary>Bands without which there is no spectral mask, as far as the product lacks them.</summary>
    public static IReadOnlyList<string> MissingBands(SafeProduct product) =>
        RequiredBands.Where(name => !product.HasBand(SafeBand.Parse(name))).ToArray();

    /// <summary>Every band the chain can use that the product has, in a fixed order.</summary>
    public static IReadOnlyList<SafeBand> UsedBands(SafeProduct product) =>
        RequiredBands.Concat(["B10", "B07", "B08"]).Select(SafeBand.Parse).Where(product.HasBand).ToArray();

    /// <summary>The grid of the file of B8A: the one that the metadata state, unless somebody altered the product.</summary>
    public static RasterGrid GridOf(SafeProduct product)
    {
        using var file = product.OpenBand(SafeBand.B8A);
        var stated = product.Grid(20);
        return file.Width == stated.Width && file.Height == stated.Height ? stated : file.Grid;
    }

    /// <summary>All bands of a product, and the grid they are on: that of the file of B8A.</summary>
    /// <exception cref="InputException">A band is missing or damaged, or has a size that does not fit the others.</exception>
    public static (SpectralBands Bands, RasterGrid Grid) Read(SafeProduct product, Workers workers)
    {
        var grid = GridOf(product);
        var reader = new SpectralBandReader(product, grid, workers);
        var bands = new SpectralBands(
            grid.PixelSizeMetres,
            reader.Required("B02", PixelFlags.SaturatedBlue), reader.Required("B03", PixelFlags.SaturatedGreen), reader.Required("B04", PixelFlags.SaturatedRed),
            reader.Required("B8A"), reader.Required("B11"), reader.Required("B12"), reader.flags)
        {
            Cirrus = reader.Optional("B10", PixelFlags.NoCirrus),
            RedEdge3 = product.HasBand(SafeBand.B08) ? reader.Optional("B07", PixelFlags.NoDisplacement) : null,
            Nir = product.HasBand(SafeBand.Parse("B07")) ? reader.Optional("B08", PixelFlags.NoDisplacement) : null,
        };
        return (bands, grid);
    }

    private Raster<float> Required(string name, PixelFlags saturated = PixelFlags.None) => Band(SafeBand.Parse(name), PixelFlags.Null, saturated);

    private Raster<float>? Optional(string name, PixelFlags missing)
    {
        var band = SafeBand.Parse(name);
        return product.HasBand(band) ? Band(band, missing, PixelFlags.None) : null;
    }

    private Raster<float> Band(SafeBand band, PixelFlags missing, PixelFlags saturated)
    {
        workers.Cancellation.ThrowIfCancellationRequested();
        var values = new Raster<float>(Grid.Width, Grid.Height);
        using var file = product.OpenBand(band, workers.Threads);
        if (file.Width == 2 * Grid.Width && file.Height == 2 * Grid.Height)
            AverageFour(file, band, values, missing, saturated);
        else if (file.Width <= Grid.Width && file.Height <= Grid.Height)
            Repeat(file, band, values, missing, saturated);
        else
            throw new InputException(
                $"Band {band.Name} of {product.Name} has {file.Width} x {file.Height} pixels beside {Grid.Width} x {Grid.Height} of band B8A: the bands do not belong together; download the product again, at full resolution.");
        return values;
    }

    private void AverageFour(RasterFile file, SafeBand band, Raster<float> values, PixelFlags missing, PixelFlags saturated)
    {
        int offset = (int)Math.Round(product.RadiometricOffset(band));
        double scale = 0.25 / product.QuantificationValue;
        ushort noData = product.NoDataValue, full = product.SaturatedValue;
        for (int y0 = 0; y0 < file.Height; y0 += FineRowsAtOnce)
        {
            workers.Cancellation.ThrowIfCancellationRequested();
            var fine = file.Read<ushort>(1, new Window(0, y0, file.Width, Math.Min(FineRowsAtOnce, file.Height - y0)));
            int firstRow = y0 / 2;
            workers.Rows(fine.Height / 2, 32, (first, afterLast) =>
            {
                for (int y = first; y < afterLast; y++)
                {
                    ReadOnlySpan<ushort> above = fine.Row(2 * y), below = fine.Row(2 * y + 1);
                    var to = values.Row(firstRow + y);
                    var rowFlags = flags.Row(firstRow + y);
                    for (int x = 0; x < to.Length; x++)
                    {
                        ushort a = above[2 * x], b = above[2 * x + 1], c = below[2 * x], d = below[2 * x + 1];
                        if (a == noData || b == noData || c == noData || d == noData)
                            rowFlags[x] |= missing;
                        if (a == full || b == full || c == full || d == full)
                            rowFlags[x] |= saturated;
                        to[x] = Math.Max(SpectralBands.LowestReflectance, (float)((a + b + c + d + 4 * offset) * scale));
                    }
                }
            });
        }
    }

    /// <summary>Same size or coarser: the pixel under the centre.</summary>
    private void Repeat(RasterFile file, SafeBand band, Raster<float> values, PixelFlags missing, PixelFlags saturated)
    {
        int offset = (int)Math.Round(product.RadiometricOffset(band));
        double scale = 1 / product.QuantificationValue;
        ushort noData = product.NoDataValue, full = product.SaturatedValue;
        var coarse = file.Read<ushort>(1);
        workers.Rows(values.Height, 32, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var from = coarse.Row((int)((long)y * coarse.Height / values.Height));
                var to = values.Row(y);
                var rowFlags = flags.Row(y);
                for (int x = 0; x < to.Length; x++)
                {
                    ushort number = from[(int)((long)x * coarse.Width / to.Length)];
                    if (number == noData)
                        rowFlags[x] |= missing;
                    if (number == full)
                        rowFlags[x] |= saturated;
                    to[x] = Math.Max(SpectralBands.LowestReflectance, (float)((number + offset) * scale));
                }
            }
        });
    }
}
