using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Pipeline.Accuracy;
using GdmOptEtq.Pipeline.TwoRasters;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.Tests.TwoRasters;

public sealed class RasterPairTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gdm-pair-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rasters_of_different_ground_or_size_are_refused_in_one_sentence()
    {
        string a = Write("a.tif", 500000), shifted = Write("shifted.tif", 500100), far = Write("far.tif", 600000), small = Write("small.tif", 500000, width: 40);
        Should.Throw<InputException>(() => RasterPair.OpenOnOneGrid(a, shifted, null)).Message.ShouldContain("not on one grid");
        Should.Throw<InputException>(() => RasterPair.OpenOnOneGrid(a, small, null)).Message.ShouldContain("not on one grid");
        Should.Throw<InputException>(() => RasterPair.OpenOnOneGrid(a, far, null)).Message.ShouldContain("no pixel in common");
        Should.Throw<InputException>(() => RasterPair.OpenCommonPart(a, far, null)).Message.ShouldContain("no pixel in common");
        Should.Throw<InputException>(() => RasterPair.OpenOnOneGrid(a, a, 2)).Message.ShouldContain("no band 2");
        Should.Throw<InputException>(() => RasterPair.OpenOnOneGrid(a, Path.Combine(_folder, "none.tif"), null)).Message.ShouldContain("does not exist");
    }

    [Fact]
    public void The_common_part_of_two_grids_holds_the_same_ground()
    {
        using var pair = RasterPair.OpenCommonPart(Write("a.tif", 500000), Write("b.tif", 500100), null);
        (pair.Grid.Width, pair.Grid.Height, pair.Grid.OriginX).ShouldBe((50, 50, 500100));
        var input = pair.Read(pair.Grid.Bounds);
        // Each pixel holds its easting.
        for (int x = 0; x < 50; x++)
            input.Secondary[x, 7].ShouldBe(input.Reference[x, 7]);
    }

    [Fact]
    public void Nodata_and_NaN_become_invalid_pixels()
    {
        using var pair = RasterPair.OpenOnOneGrid(Write("a.tif", 500000, hole: 0), Write("b.tif", 500000, hole: float.NaN), null);
        var input = pair.Read(pair.Grid.Bounds);
        input.ReferenceValidity[3, 4].ShouldBe(Validity.NoData);
        input.SecondaryValidity[3, 4].ShouldBe(Validity.NoData);
        input.ReferenceValidity[4, 4].ShouldBe(Validity.Valid);
    }

    [Fact]
    public void Tiles_cover_the_field_once_and_every_tile_sees_its_halo()
    {
        using var pair = RasterPair.OpenOnOneGrid(Write("a.tif", 500000, width: 300), Write("b.tif", 500000, width: 300), null);
        var seen = new List<(int Width, int Height)>();
        var method = new MatchMethod("eastings", "1", 10, "", (input, _) =>
        {
            seen.Add((input.Width, input.Height));
            return TestFields.Field(input.Width, input.Height, (x, y) => (input.Reference[x, y], y));
        });
        var whole = TiledMatch.Whole(pair, method, new TilingParameters { TileSize = 128 }, Workers.Single);
        for (int x = 0; x < 300; x++)
            whole.Dx[x, 20].ShouldBe((float)(500000 + 10 * x));
        whole.Validity.Pixels.ShouldAllBe(v => v == Validity.Valid);
        seen.ShouldContain((148, 50));
    }

    [Fact]
    public void Files_appear_only_when_all_are_complete()
    {
        string folder = Path.Combine(_folder, "out");
        var grid = new RasterGrid(32633, 500000, 5000000, 10, 20, 10);
        using (var files = new FieldFolder(folder, grid))
            files.Write(grid.Bounds, DisplacementField.Empty(20, 10, Validity.Cloud), Workers.Single);
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
        using (var files = new FieldFolder(folder, grid))
        {
            files.Write(grid.Bounds, DisplacementField.Empty(20, 10, Validity.Cloud), Workers.Single);
            files.Complete();
        }

        Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order().ShouldBe(["dx.tif", "dy.tif", "score.tif", "sigma_dx.tif", "sigma_dy.tif", "validity.tif"]);
        using var validity = GdmOptEtq.Imagery.Gdal.RasterFile.Open(Path.Combine(folder, "validity.tif"));
        validity.Read<ushort>(1)[5, 5].ShouldBe((ushort)Validity.Cloud);
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Should.Throw<InputException>(() => new FieldFolder(Path.Combine(file, "x"), grid)).Message.ShouldContain("--out");
    }

    [Fact]
    public void Scenes_chips_and_pairs_are_told_apart_by_their_files()
    {
        void Touch(string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
            File.WriteAllText(Path.Combine(_folder, path), "");
        }

        foreach (string path in new[] { "s/truth.tif", "s/one/pre.tif", "s/one/post.tif", "c/T01/r-0.25c+0.50/left.tif", "c/T01/r-0.25c+0.50/right.tif", "c/T01/r-0.25c+0.50/m/gri_x_col_disp.tif", "p/a.jp2", "p/b.jp2" })
            Touch(path);
        var found = BenchCase.Find(_folder);
        found.OfType<TrueScene>().Single().TruthPath.ShouldBe(Path.Combine(_folder, "s", "truth.tif"));
        var chip = found.OfType<KnownShift>().Single();
        (chip.ShiftRows, chip.ShiftColumns, chip.MedicisRows).ShouldBe((-0.25, 0.5, null));
        chip.MedicisColumns.ShouldEndWith("gri_x_col_disp.tif");
        found.OfType<RealPair>().Single().Reference.ShouldEndWith("a.jp2");
        Should.Throw<InputException>(() => BenchCase.Find(Path.Combine(_folder, "none"))).Message.ShouldContain("does not exist");
    }

    private string Write(string name, double originX, int width = 60, float? hole = null)
    {
        string path = Path.Combine(_folder, name);
        if (File.Exists(path))
            return path;
        var grid = new RasterGrid(32633, originX, 5000000, 10, width, name == "b.tif" && originX != 500000 ? 50 : width == 300 ? 50 : 60);
        var raster = TestFields.Raster(grid.Width, grid.Height, (x, _) => originX + 10 * x);
        if (hole is { } value)
            raster[3, 4] = value;
        GeoTiff.Write(path, raster, grid, new GeoTiffOptions { NoData = 0 });
        return path;
    }
}
