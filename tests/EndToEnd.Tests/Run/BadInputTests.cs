using System.IO.Compression;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.EndToEnd.Tests.Run;

/// <summary>Each mistake of a user is one plain sentence, the right exit code, and nothing in the result folder.</summary>
public sealed class BadInputTests : IClassFixture<BadInputTests.Images>
{
    private readonly Images _images;

    public BadInputTests(Images images) => _images = images;

    public sealed class Images : IDisposable
    {
        private readonly ScratchFolder _folder = new();

        public Images()
        {
            Before = TinyScene.Write(_folder["a"], 0);
            After = TinyScene.Write(_folder["a"], 2);
        }

        public string Before { get; }

        public string After { get; }

        public string New(string name) => _folder[name];

        public void Dispose() => _folder.Dispose();
    }

    [Theory]
    [InlineData("--window-size", "0", "from 1 to 7")]
    [InlineData("--window-size", "8", "from 1 to 7")]
    [InlineData("--decorrelation-threshold", "1.1", "from 0 to 1")]
    [InlineData("--windw-size", "3", "--window-size")]
    [InlineData("--split-date", "tomorrow", "yyyy-MM-dd")]
    public void A_wrong_option_is_a_usage_error(string option, string value, string remedy) => Refused(2, remedy, _images.Before, _images.After, option, value);

    [Fact]
    public void A_split_date_outside_the_dates_names_them() => Refused(3, "2019-06-28 to 2019-07-08", _images.Before, _images.After, "--split-date", "2020-01-01");

    [Fact]
    public void One_image_only() => Refused(3, "Only one image", _images.Before);

    [Fact]
    public void A_missing_product() => Refused(3, "check the path", _images.Before, _images.New("nothing.SAFE"));

    [Fact]
    public void Images_of_different_tiles() => Refused(3, "different tiles", _images.Before, TinyScene.Write(_images.New("tile"), 2, tile: "T11SNV"));

    [Fact]
    public void A_missing_band()
    {
        string product = TinyScene.Write(_images.New("band"), 2);
        File.Delete(Band(product, "B04"));
        Refused(3, "B04 is missing", _images.Before, product);
    }

    [Fact]
    public void A_missing_mask_band()
    {
        string product = TinyScene.Write(_images.New("maskband"), 2, bands: [SafeBand.B04, SafeBand.B8A]);
        Refused(3, "lacks the bands", _images.Before, product);
    }

    [Fact]
    public void A_truncated_band()
    {
        string product = TinyScene.Write(_images.New("truncated"), 2), band = Band(product, "B04");
        File.WriteAllBytes(band, File.ReadAllBytes(band)[..(int)(new FileInfo(band).Length * 6 / 10)]);
        Refused(3, "B04", _images.Before, product);
    }

    [Fact]
    public void The_same_image_twice() => Refused(3, "given twice", _images.Before, _images.Before);

    [Fact]
    public void A_product_without_its_granule()
    {
        string product = TinyScene.Write(_images.New("granule"), 2);
        Directory.Delete(Path.Combine(product, "GRANULE"), recursive: true);
        Refused(3, "missing", _images.Before, product);
    }

    [Theory]
    [InlineData(32612, TinyScene.Side, "but its metadata say")]
    [InlineData(32611, TinyScene.Side / 2, "but its metadata say")]
    public void A_band_of_another_place_or_resolution(int epsgCode, int side, string words)
    {
        string product = TinyScene.Write(_images.New($"other{epsgCode}-{side}"), 2), band = Band(product, "B04");
        RasterCopy.WriteJpeg2000(band, new Raster<ushort>(side, side).Fill(1500), TinyScene.Grid with { EpsgCode = epsgCode, Width = side, Height = side });
        Refused(3, words, _images.Before, product);
    }

    [Fact]
    public void Corrupted_metadata()
    {
        string product = TinyScene.Write(_images.New("xml"), 2), xml = Path.Combine(product, "MTD_MSIL1C.xml");
        File.WriteAllText(xml, File.ReadAllText(xml)[..500]);
        Refused(3, "MTD_MSIL1C.xml", _images.Before, product);
    }

    [Fact]
    public void An_image_without_any_data_has_no_valid_result() =>
        Refused(4, "No pixel", _images.Before, TinyScene.Write(_images.New("nodata"), 2, allNoData: true));

    [Fact]
    public void A_constant_image_has_no_valid_result() =>
        Refused(4, "No pixel", _images.Before, WithPixels("constant", 2, (_, _) => 1500));

    [Fact]
    public void Two_images_without_common_ground_have_no_valid_result() =>
        Refused(4, "No pixel", WithPixels("west", 0, (x, y) => x < TinyScene.Side / 2 ? Texture(x, y) : 0), WithPixels("east", 2, (x, y) => x < TinyScene.Side / 2 ? 0 : Texture(x, y)));

    [Fact]
    public void A_result_folder_that_is_a_file()
    {
        string file = _images.New("file");
        File.WriteAllText(file, "mine");
        var (code, _, error) = GdmProcess.Run("run", _images.Before, _images.After, "--dem", "none", "--out", file);
        code.ShouldBe(3);
        error.ShouldContain("is a file");
        File.ReadAllText(file).ShouldBe("mine");
    }

    [Fact]
    public void A_place_where_nobody_may_write()
    {
        var (code, _, error) = GdmProcess.Run("run", _images.Before, _images.After, "--dem", "none", "--out", "/proc/result");
        code.ShouldBe(3);
        error.ShouldContain("cannot be written");
    }

    [Fact]
    public void An_archive_that_climbs_out_of_its_folder()
    {
        string zip = _images.New("climbing.zip");
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        {
            foreach (string name in (string[])["A.SAFE/MTD_MSIL1C.xml", "../../evil.txt"])
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write("<a/>");
            }
        }

        Refused(3, "climbing.zip", _images.Before, zip);
    }

    [Fact]
    public void An_archive_that_unpacks_to_a_thousand_times_its_size()
    {
        string zip = _images.New("bomb.zip");
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        {
            using var entry = archive.CreateEntry("A.SAFE/MTD_MSIL1C.xml", CompressionLevel.SmallestSize).Open();
            byte[] nothing = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
                entry.Write(nothing);
        }

        Refused(3, "bomb.zip", _images.Before, zip);
    }

    [SmallDiskFact]
    public void A_disk_too_small_for_the_result_is_refused_before_any_work()
    {
        using var disk = new SmallDisk(_images.New("disk"), 2048);
        string output = Path.Combine(disk.Folder, "result");
        var (code, _, error) = GdmProcess.Run("run", _images.Before, _images.After, "--dem", "none", "--out", output);
        code.ShouldBe(3, error);
        error.ShouldContain("free some space");
        Directory.EnumerateFileSystemEntries(disk.Folder).ShouldBeEmpty();
    }

    [Fact]
    public void Several_faults_are_named_at_once()
    {
        var (code, _, error) = GdmProcess.Run("run", _images.Before, "--window-size", "9", "--regularization", "-1", "--out", _images.New("several"));
        code.ShouldBe(2);
        error.ShouldContain("window-size");
        error.ShouldContain("regularization");
    }

    /// <summary>A product whose matched band has the digital numbers given; 0 is no data.</summary>
    private string WithPixels(string name, int image, Func<int, int, int> numberAt)
    {
        string product = TinyScene.Write(_images.New(name), image);
        var pixels = new Raster<ushort>(TinyScene.Side, TinyScene.Side);
        for (int y = 0; y < pixels.Height; y++)
        {
            for (int x = 0; x < pixels.Width; x++)
                pixels[x, y] = (ushort)numberAt(x, y);
        }

        RasterCopy.WriteJpeg2000(Band(product, "B04"), pixels, TinyScene.Grid);
        return product;
    }

    private static int Texture(int x, int y) => 1500 + (x * 7919 + y * 104_729) % 400;

    private static string Band(string product, string name) => Directory.GetFiles(product, $"*_{name}.jp2", SearchOption.AllDirectories).Single(f => f.Contains("IMG_DATA", StringComparison.Ordinal));

    private void Refused(int exitCode, string word, params string[] arguments)
    {
        string output = _images.New($"out-{Guid.NewGuid():N}");
        var (code, text, error) = GdmProcess.Run(["run", .. arguments, "--dem", "none", "--out", output]);
        error.ShouldContain(word);
        code.ShouldBe(exitCode, error);
        text.ShouldBeEmpty();
        error.ShouldNotContain("   at ", Case.Sensitive, "no stack trace");
        // What was matched is kept for the next attempt; there is no result.
        if (exitCode == 4 && Directory.Exists(output))
            Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName).ShouldBe([".gdm-work"]);
        else
            Directory.Exists(output).ShouldBeFalse();
    }
}
