using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// GDAL's six numbers: x = OriginX + column * PixelWidth + row * RowRotation, y = OriginY + column * ColumnRotation + row * PixelHeight, in the unit of
/// the reference system (metres or degrees); PixelHeight is negative on a North-up raster.
/// </summary>
public readonly record struct GeoTransform(
    double OriginX, double PixelWidth, double RowRotation, double OriginY, double ColumnRotation, double PixelHeight)
{
    public static GeoTransform Of(RasterGrid grid) => new(grid.OriginX, grid.PixelSizeMetres, 0, grid.OriginY, 0, -grid.PixelSizeMetres);

    public override string ToString() => $"[{OriginX:R}, {PixelWidth:R}, {RowRotation:R}, {OriginY:R}, {ColumnRotation:R}, {PixelHeight:R}]";
}
