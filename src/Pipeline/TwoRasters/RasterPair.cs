using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>One band each of two raster files, and the window of ground that both hold.</summary>
public sealed class RasterPair : IDisposable
{
    // Grids whose origins differ by less than this part of a pixel are one grid.
    private const double GridTolerance = 0.01;

    private readonly RasterFile _reference, _secondary;
    private readonly Window _referenceWindow, _secondaryWindow;

    private RasterPair(RasterFile reference, RasterFile secondary, int band, Window referenceWindow, Window secondaryWindow)
    {
        (_reference, _secondary, Band) = (reference, secondary, band);
        (_referenceWindow, _secondaryWindow) = (referenceWindow, secondaryWindow);
        Grid = reference.Grid.Crop(referenceWindow);
    }

    public int Band { get; }

    /// <summary>Grid of the common window.</summary>
    public RasterGrid Grid { get; }

    public string ReferencePath => _reference.Path;

    public string SecondaryPath => _secondary.Path;

    /// <summary>Opens two files that must lie on one grid.</summary>
    /// <param name="band">From 1; null: the only one there is.</param>
    /// <exception cref="InputException">A file cannot be read, has several bands and none is chosen, or the grids differ.</exception>
    public static RasterPair OpenOnOneGrid(string referencePath, string secondaryPath, int? band) =>
        Open(referencePath, secondaryPath, band, commonPart: false);

    /// <summary>Opens two files of one reference system and pixel size, and keeps what both hold.</summary>
    /// <exception cref="InputException">As <see cref="OpenOnOneGrid"/>, or the files have no pixel in common.</exception>
    public static RasterPair OpenCommonPart(string referencePath, string secondaryPath, int? band) =>
        Open(referencePath, secondaryPath, band, commonPart: true);

    /// <summary>Both images under <paramref name="window"/> of the common grid; a pixel is invalid where its file says nodata or it is not finite.</summary>
    public MatchInput Read(Window window)
    {
        var (reference, referenceValidity) = Read(_reference, window, _referenceWindow);
        var (secondary, secondaryValidity) = Read(_secondary, window, _secondaryWindow);
        return new MatchInput(reference, secondary, referenceValidity, secondaryValidity);
    }

    public void Dispose()
    {
        _reference.Dispose();
        _secondary.Dispose();
    }

    private static RasterPair Open(string referencePath, string secondaryPath, int? band, bool commonPart)
    {
        var reference = RasterFile.Open(referencePath);
        RasterFile? secondary = null;
        try
        {
            secondary = RasterFile.Open(secondaryPath);
            int chosen = ChooseBand(reference, secondary, band);
            var (first, second) = commonPart ? CommonWindows(reference, secondary) : WholeWindows(reference, secondary);
            return new RasterPair(reference, secondary, chosen, first, second);
        }
        catch
        {
            reference.Dispose();
            secondary?.Dispose();
            throw;
        }
    }

    private static int ChooseBand(RasterFile reference, RasterFile secondary, int? band)
    {
        foreach (var file in new[] { reference, secondary })
        {
            if (band is null && file.BandCount > 1)
                throw new InputException($"{file.Path} has {file.BandCount} bands: choose one with --band.");
            if (band is { } wanted && (wanted < 1 || wanted > file.BandCount))
                throw new InputException($"{file.Path} has no band {wanted}: give --band from 1 to {file.BandCount}.");
        }

        return band ?? 1;
    }

    private static (Window First, Window Second) WholeWindows(RasterFile reference, RasterFile secondary)
    {
        RasterGrid a = reference.Grid, b = secondary.Grid;
        bool placed = reference.HasGeoTransform && secondary.HasGeoTransform;
        bool samePlace = !placed || (SameLattice(a, b) && Math.Abs(a.OriginX - b.OriginX) + Math.Abs(a.OriginY - b.OriginY) <= GridTolerance * a.PixelSizeMetres);
        if (a.Width == b.Width && a.Height == b.Height && samePlace)
            return (reference.Bounds, secondary.Bounds);
        if (placed && SameLattice(a, b) && Overlap(a, b).IsEmpty)
            throw new InputException($"{reference.Path} and {secondary.Path} show different ground and have no pixel in common: give two images of one place.");
        throw new InputException(
            $"{reference.Path} ({a}) and {secondary.Path} ({b}) are not on one grid: cut or warp one to the grid of the other, for example with gdalwarp -te -tr -t_srs.");
    }

    private static (Window First, Window Second) CommonWindows(RasterFile reference, RasterFile secondary)
    {
        RasterGrid a = reference.Grid, b = secondary.Grid;
        if (!SameLattice(a, b))
        {
            throw new InputException(
                $"{reference.Path} ({a}) and {secondary.Path} ({b}) differ in reference system or pixel size, or their pixels do not fall on each other: warp one to the grid of the other.");
        }

        var common = Overlap(a, b);
        if (common.IsEmpty)
            throw new InputException($"{reference.Path} and {secondary.Path} show different ground and have no pixel in common: give two images of one place.");
        int shiftX = (int)Math.Round(b.Column(a.OriginX)), shiftY = (int)Math.Round(b.Row(a.OriginY));
        return (common, common with { X = common.X + shiftX, Y = common.Y + shiftY });
    }

    private static bool SameLattice(RasterGrid a, RasterGrid b)
    {
        double x = b.Column(a.OriginX), y = b.Row(a.OriginY);
        return a.EpsgCode == b.EpsgCode && Math.Abs(a.PixelSizeMetres - b.PixelSizeMetres) <= 1e-9 * a.PixelSizeMetres
            && Math.Abs(x - Math.Round(x)) <= GridTolerance && Math.Abs(y - Math.Round(y)) <= GridTolerance;
    }

    // The part of a that b holds too, in pixels of a.
    private static Window Overlap(RasterGrid a, RasterGrid b)
    {
        double x = Math.Round(a.Column(b.OriginX)), y = Math.Round(a.Row(b.OriginY));
        const double Far = 1 << 30;
        return Math.Abs(x) > Far || Math.Abs(y) > Far ? new Window(0, 0, 0, 0) : a.Bounds.Intersect(new Window((int)x, (int)y, b.Width, b.Height));
    }

    private (Raster<float> Image, Raster<Validity> Validity) Read(RasterFile file, Window window, Window within)
    {
        var image = file.Read<float>(Band, window with { X = window.X + within.X, Y = window.Y + within.Y });
        var validity = new Raster<Validity>(image.Width, image.Height);
        float? nodata = (float?)file.BandNoData(Band);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            if (!float.IsFinite(image.Pixels[i]) || image.Pixels[i] == nodata)
                validity.Pixels[i] = Validity.NoData;
        }

        return (image, validity);
    }
}
