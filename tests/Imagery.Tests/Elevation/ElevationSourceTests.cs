using GdmOptEtq.Imagery.Elevation;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Elevation;

public sealed class ElevationSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A tile in degrees that holds 100 m plus its own latitude and longitude (lower left corner and size given).</summary>
    private void WriteTile(string name, int latitude, int longitude, int degrees, int pixels = 120)
    {
        var raster = new Raster<float>(pixels, pixels);
        double size = (double)degrees / pixels;
        for (int y = 0; y < pixels; y++)
        {
            for (int x = 0; x < pixels; x++)
                raster[x, y] = (float)(100 + longitude + (x + 0.5) * size + latitude + degrees - (y + 0.5) * size);
        }

        GeoTiff.Write(_folder[name], raster, new RasterGrid(4326, longitude, latitude + degrees, size, pixels, pixels));
    }

    // 10 km around 117.5 W 35.5 N, near Ridgecrest.
    private static RasterGrid Ridgecrest() => new(32611, 450_000, 3_935_000, 100, 100, 100);

    private static void ShouldHoldThePlane(ElevationResult result, RasterGrid grid)
    {
        using var transform = new CoordinateTransform(grid.EpsgCode, 4326);
        foreach (var (x, y) in new[] { (0, 0), (50, 50), (99, 99), (99, 0) })
        {
            var (longitude, latitude) = transform.Transform(grid.Easting(x + 0.5), grid.Northing(y + 0.5));
            result.Elevation[x, y].ShouldBe((float)(100 + longitude + latitude), 2e-3f);
        }
    }

    [Theory]
    [InlineData("merit", "n35w120_dem.tif", 5)]
    [InlineData("merit", "dem_tif_n30w120/n35w120_dem.tif", 5)]
    [InlineData("cop-dem-glo-30", "Copernicus_DSM_COG_10_N35_00_W118_00_DEM/Copernicus_DSM_COG_10_N35_00_W118_00_DEM.tif", 1)]
    [InlineData("cop-dem-glo-30", "Copernicus_DSM_COG_10_N35_00_W118_00_DEM.tif", 1)]
    [InlineData("COP-DEM-GLO-30", "Copernicus_DSM_10_N35_00_W118_00/DEM/Copernicus_DSM_10_N35_00_W118_00_DEM.tif", 1)]
    public void Tiles_are_found_by_their_data_sets_own_names(string name, string file, int degrees)
    {
        WriteTile(file, 35, degrees == 5 ? -120 : -118, degrees);
        var result = ElevationSource.Create([name], _folder.Path).Read(Ridgecrest());
        result.Warning.ShouldBeNull();
        result.IsAvailable.ShouldBeTrue();
        result.Files.ShouldBe([_folder[file]]);
        ShouldHoldThePlane(result, Ridgecrest());
    }

    [Fact]
    public void A_grid_across_tiles_has_no_seam()
    {
        // The corner 35 N 118 W lies inside.
        using var transform = new CoordinateTransform(4326, 32611);
        var (easting, northing) = transform.Transform(-118, 35);
        var grid = new RasterGrid(32611, Math.Round(easting) - 5000, Math.Round(northing) + 5000, 100, 100, 100);
        foreach (int latitude in new[] { 34, 35 })
        {
            foreach (int longitude in new[] { -119, -118 })
                WriteTile($"Copernicus_DSM_COG_10_N{latitude}_00_W{-longitude}_00_DEM.tif", latitude, longitude, 1);
        }

        var result = ElevationSource.Create(["cop-dem-glo-30"], _folder.Path).Read(grid);
        result.Files.Count.ShouldBe(4);
        result.Elevation.Pixels.Count(float.IsNaN).ShouldBe(0);
        for (int y = 0; y < 100; y++)
        {
            for (int x = 1; x < 100; x++)
                Math.Abs(result.Elevation[x, y] - result.Elevation[x - 1, y]).ShouldBeLessThan(0.01f);
        }
    }

    [Fact]
    public void Missing_tiles_are_named_in_one_sentence_and_are_no_error()
    {
        var absent = ElevationSource.Create(["cop-dem-glo-30"], _folder.Path).Read(Ridgecrest());
        absent.IsAvailable.ShouldBeFalse();
        absent.MissingTiles.ShouldBe(["Copernicus_DSM_COG_10_N35_00_W118_00_DEM"]);
        absent.Warning!.ShouldContain("Copernicus_DSM_COG_10_N35_00_W118_00_DEM");
        absent.Warning!.ShouldContain("the slope mask is clear everywhere");
        absent.Elevation.Pixels.ShouldAllBe(v => float.IsNaN(v));

        ElevationSource.Create(["merit"], null).Read(Ridgecrest()).Warning!.ShouldContain("--dem-root");
        ElevationSource.Create(["none"], null).Read(Ridgecrest()).Warning.ShouldBeNull();
        WriteTile("elsewhere.tif", 10, 10, 1);
        ElevationSource.Create([_folder["elsewhere.tif"]], null).Read(Ridgecrest()).Warning!.ShouldContain("does not cover the images");
        ElevationSource.Create([_folder["elsewhere.tif"]], null).Read(Ridgecrest() with { EpsgCode = 0 }).Warning!.ShouldContain("no reference system");
    }

    [Fact]
    public void A_wrong_word_or_path_is_an_input_error()
    {
        Should.Throw<InputException>(() => ElevationSource.Create(["mreit"], null)).Message.ShouldContain("mreit does not exist: give merit");
        Should.Throw<InputException>(() => ElevationSource.Create(["merit", _folder.Path], null)).Message.ShouldContain("cannot be combined");
        RasterCopy.WritePng(_folder["p.tif"], new Raster<byte>(5, 5));
        Should.Throw<InputException>(() => ElevationSource.Create([_folder["p.tif"]], null).Read(Ridgecrest())).Message.ShouldContain("gdal_translate");
    }

    [Fact]
    public void Tiles_are_counted_across_the_antimeridian_and_the_equator()
    {
        using var transform = new CoordinateTransform(4326, 32760);
        var (easting, northing) = transform.Transform(180, 0);
        var grid = new RasterGrid(32760, easting - 20_000, northing + 20_000, 100, 400, 400);
        GridExtent.Tiles(grid, 1).ShouldBe([(-1, 179), (-1, -180), (0, 179), (0, -180)]);
        GridExtent.Tiles(grid, 5).ShouldBe([(-5, 175), (-5, -180), (0, 175), (0, -180)]);
    }

    [SharedDataFact("data/dem/N44E005.hgt")]
    public void A_real_srtm_tile_in_degrees_agrees_with_its_copy_in_utm()
    {
        using var utm = RasterFile.Open(SharedData.PathOf("data/dem/N44E005_UTM31.tif"));
        var grid = new RasterGrid(32631, 690_000, 4_930_000, 60, 400, 400);
        var fromDegrees = ElevationSource.Create([SharedData.PathOf("data/dem/N44E005.hgt")], null).Read(grid);
        var fromUtm = ElevationSource.Create([SharedData.PathOf("data/dem/N44E005_UTM31.tif")], null).Read(grid);
        fromDegrees.Warning.ShouldBeNull();
        fromUtm.Warning.ShouldBeNull();
        float[] difference = [.. fromDegrees.Elevation.Pixels.Zip(fromUtm.Elevation.Pixels, (a, b) => a - b).Where(float.IsFinite)];
        // The UTM copy has a few voids.
        difference.Length.ShouldBeGreaterThan(grid.Width * grid.Height * 999 / 1000);
        Math.Abs(OrderStatistics.Median(difference)).ShouldBeLessThan(2);
        OrderStatistics.Nmad(difference, 0).ShouldBeLessThan(15);
    }

    [SharedDataFact("data/dem/glo30_los_angeles_geoid.tif")]
    public void A_folder_of_real_files_is_searched_for_those_that_touch_the_grid()
    {
        using var transform = new CoordinateTransform(4326, 32611);
        using var file = RasterFile.Open(SharedData.PathOf("data/dem/glo30_los_angeles_geoid.tif"));
        var t = file.GeoTransform;
        var (easting, northing) = transform.Transform(t.OriginX + t.PixelWidth * file.Width / 2, t.OriginY + t.PixelHeight * file.Height / 2);
        var grid = new RasterGrid(32611, Math.Round(easting) - 500, Math.Round(northing) + 500, 10, 100, 100);
        var result = ElevationSource.Create([SharedData.PathOf("data/dem")], null).Read(grid);
        result.Files.Single().ShouldEndWith("glo30_los_angeles_geoid.tif");
        result.Elevation.Pixels.Count(float.IsFinite).ShouldBe(10_000);
    }
}
