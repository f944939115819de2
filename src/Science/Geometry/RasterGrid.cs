using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Geometry;

/// <summary>
/// Where a raster lies on the ground: a North-up grid in a projected reference system with metres.
/// </summary>
/// <param name="EpsgCode">Reference system, e.g. 32633 for UTM zone 33 North; 0 when the file states none.</param>
/// <param name="OriginX">Easting of the outer corner of the upper left pixel, metres.</param>
/// <param name="OriginY">Northing of the outer corner of the upper left pixel, metres.</param>
/// <param name="PixelSizeMetres">Side of the square pixel.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record RasterGrid(int EpsgCode, double OriginX, double OriginY, double PixelSizeMetres, int Width, int Height)
{
    public Window Bounds => new(0, 0, Width, Height);

    /// <summary>Easting of column <paramref name="x"/>: x = 0 is the left edge of the first pixel, 0.5 its centre.</summary>
    public double Easting(double x) => OriginX + x * PixelSizeMetres;

    /// <summary>Northing of row <paramref name="y"/>: y = 0 is the upper edge of the first pixel, 0.5 its centre.</summary>
    public double Northing(double y) => OriginY - y * PixelSizeMetres;

    public double Column(double easting) => (easting - OriginX) / PixelSizeMetres;

    public double Row(double northing) => (OriginY - northing) / PixelSizeMetres;

    /// <summary>The grid of the pixels under <paramref name="window"/>.</summary>
    public RasterGrid Crop(Window window) =>
        this with { OriginX = Easting(window.X), OriginY = Northing(window.Y), Width = window.Width, Height = window.Height };

    /// <summary>The same ground with pixels <paramref name="factor"/> times as large (partial pixels at the right and lower edge included).</summary>
    public RasterGrid Decimate(int factor) => this with
    {
        PixelSizeMetres = PixelSizeMetres * factor,
        Width = (Width + factor - 1) / factor,
        Height = (Height + factor - 1) / factor,
    };

    public override string ToString() => $"EPSG:{EpsgCode} origin ({OriginX:0.###}, {OriginY:0.###}) pixel {PixelSizeMetres:0.###} m size {Width} x {Height}";
}
