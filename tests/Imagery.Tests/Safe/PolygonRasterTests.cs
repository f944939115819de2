using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

public sealed class PolygonRasterTests
{
    private static readonly RasterGrid s_grid = new(32633, 1000, 2000, 10, 12, 9);

    private static (double, double)[] Box(double left, double top, double right, double bottom) =>
        [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];

    [Fact]
    public void Pixels_whose_centre_is_inside_are_marked_and_holes_are_not()
    {
        var raster = new Raster<byte>(12, 9);

        PolygonRaster.Mark(raster, s_grid, [Box(1020, 1980, 1080, 1930), Box(1040, 1960, 1060, 1940)], 2);

        for (int y = 0; y < 9; y++)
        {
            for (int x = 0; x < 12; x++)
            {
                bool inBox = x is >= 2 and < 8 && y is >= 2 and < 7, inHole = x is >= 4 and < 6 && y is >= 4 and < 6;
                ((int)raster[x, y]).ShouldBe(inBox && !inHole ? 2 : 0, $"pixel {x}, {y}");
            }
        }
    }

    [Fact]
    public void Two_polygons_with_a_common_edge_share_no_pixel_and_leave_none()
    {
        var raster = new Raster<byte>(12, 9);

        // A slanted edge through pixel centres.
        PolygonRaster.Mark(raster, s_grid, [[(1000, 2000), (1065, 2000), (1025, 1910), (1000, 1910), (1000, 2000)]], 1);
        PolygonRaster.Mark(raster, s_grid, [[(1065, 2000), (1120, 2000), (1120, 1910), (1025, 1910), (1065, 2000)]], 2);

        raster.Pixels.ShouldAllBe(p => p == 1 || p == 2);
    }

    [Fact]
    public void What_lies_outside_the_grid_is_cut_off()
    {
        var raster = new Raster<byte>(12, 9);

        PolygonRaster.Fill(raster, s_grid, [Box(-1e6, 1e6, 1e6, -1e6)], 7);
        raster.Pixels.ShouldAllBe(p => p == 7);

        PolygonRaster.Fill(raster, s_grid, [Box(5000, 1990, 6000, 1920)], 9);
        raster.Pixels.ShouldAllBe(p => p == 7);
    }
}
