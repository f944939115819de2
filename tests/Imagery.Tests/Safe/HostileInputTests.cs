using System.IO.Compression;
using System.Text;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

/// <summary>Archives and metadata made to do harm, or damaged on their way: each ends in one sentence.</summary>
public sealed class HostileInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("X.SAFE/../../evil.xml", "outside the product")]
    [InlineData("/etc/evil.xml", "outside the product")]
    [InlineData("X.SAFE\\..\\evil.xml", "outside the product")]
    [InlineData("C:/evil.xml", "outside the product")]
    public void An_entry_that_leaves_the_folder_is_refused(string name, string reason) => Refused(reason, archive => Add(archive, name, "x"));

    [Theory]
    [InlineData("X.SAFE/cafe\u0301.xml", "characters that products never have")]
    [InlineData("X.SAFE/a\u001b[2Jb.xml", "characters that products never have")]
    [InlineData("X.SAFE/a\0b.xml", "characters that products never have")]
    public void A_name_that_could_deceive_is_refused_and_does_not_reach_the_terminal(string name, string reason)
    {
        Refused(reason, archive => Add(archive, name, "x"));
        Should.Throw<InputException>(() => SafeProduct.Open(_folder["test.zip"])).Message.ShouldAllBe(c => !char.IsControl(c));
    }

    [Fact]
    public void A_name_of_1000_characters_is_refused() => Refused("too long", archive => Add(archive, $"X.SAFE/{new string('a', 1000)}", "x"));

    [Theory]
    [InlineData("CON")]
    [InlineData("aux.xml")]
    [InlineData("a:b")]
    public void Names_that_only_other_systems_forbid_do_no_harm(string name) =>
        Refused("holds no Sentinel-2 Level-1C product", archive => Add(archive, $"X.SAFE/{name}", "x"));

    [Theory]
    [InlineData("<html><body>Please sign in</body></html>")]
    [InlineData("ustar tar archive, long enough to hold an end record somewhere if there were one in it at all")]
    public void An_archive_that_is_something_else_is_refused(string content)
    {
        File.WriteAllText(_folder["test.zip"], content);
        Should.Throw<InputException>(() => SafeProduct.Open(_folder["test.zip"])).Message.ShouldContain("not a complete zip archive");
    }

    [Fact]
    public void Sizes_of_zip64_that_lie_are_refused()
    {
        string path = Zip(archive => Add(archive, "X.SAFE/a", "x"));
        byte[] bytes = File.ReadAllBytes(path);
        int end = Find(bytes, 0x06054b50);
        // A locator that leads nowhere, and an end record that asks for it.
        byte[] locator = new byte[20];
        BitConverter.GetBytes(0x07064b50).CopyTo(locator, 0);
        BitConverter.GetBytes(long.MaxValue / 2).CopyTo(locator, 8);
        BitConverter.GetBytes(ushort.MaxValue).CopyTo(bytes, end + 10);
        File.WriteAllBytes(path, [.. bytes[..end], .. locator, .. bytes[end..]]);
        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("not a complete zip archive");
    }

    [Fact]
    public void A_repeated_entry_is_refused() => Refused("twice", archive =>
    {
        Add(archive, "X.SAFE/a.xml", "1");
        Add(archive, "X.SAFE/a.xml", "2");
    });

    [Fact]
    public void A_symbolic_link_is_refused() => Refused("symbolic link", archive => Add(archive, "X.SAFE/link", "/etc/passwd").ExternalAttributes = 0xA1FF << 16);

    [Fact]
    public void An_entry_that_unpacks_to_far_too_much_is_refused() =>
        Refused("would unpack", archive => Add(archive, "X.SAFE/bomb.xml", new string('0', 8_000_000)));

    [Fact]
    public void Too_many_entries_are_refused() => Refused("entries", archive =>
    {
        for (int i = 0; i <= ZipInspection.MaximumEntries; i++)
            archive.CreateEntry($"X.SAFE/{i}", CompressionLevel.NoCompression);
    });

    [Fact]
    public void An_encrypted_archive_is_refused()
    {
        string path = Zip(archive => Add(archive, "X.SAFE/MTD_MSIL1C.xml", "secret"));
        byte[] bytes = File.ReadAllBytes(path);
        // General purpose flag, bit 0, in the local header (offset 6) and in the directory entry (offset 8).
        bytes[6] |= 1;
        bytes[Find(bytes, 0x02014b50) + 8] |= 1;
        File.WriteAllBytes(path, bytes);

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("encrypted");
    }

    [Fact]
    public void An_entry_that_is_longer_than_declared_is_refused()
    {
        string path = Zip(archive => Add(archive, "X.SAFE/MTD_MSIL1C.xml", new string('<', 5000)));
        byte[] bytes = File.ReadAllBytes(path);
        // The uncompressed size in the directory entry.
        BitConverter.GetBytes(100).CopyTo(bytes, Find(bytes, 0x02014b50) + 24);
        File.WriteAllBytes(path, bytes);

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("download the product again");
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.99)]
    public void A_truncated_archive_is_refused(double kept)
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] }, zip: true);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * kept)]);

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("not a complete zip archive");
    }

    [Fact]
    public void A_huge_directory_is_refused_before_it_is_read()
    {
        string path = Zip(archive => Add(archive, "X.SAFE/a", "x"));
        byte[] bytes = File.ReadAllBytes(path);
        BitConverter.GetBytes((ushort)60000).CopyTo(bytes, Find(bytes, 0x06054b50) + 10);
        File.WriteAllBytes(path, bytes);

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("claims 60000 entries");
    }

    [Fact]
    public void A_nested_archive_is_ignored()
    {
        string inner = TinyProduct.Write(_folder["inner"], TinyProduct.Specification() with { Bands = [SafeBand.B04] }, zip: true);
        string outer = _folder["outer.zip"];
        using (var archive = ZipFile.Open(outer, ZipArchiveMode.Create))
            archive.CreateEntryFromFile(inner, "product.zip");

        Should.Throw<InputException>(() => SafeProduct.Open(outer)).Message.ShouldContain("holds no Sentinel-2 Level-1C product");
    }

    [Fact]
    public void Two_products_in_one_archive_are_listed()
    {
        string path = Zip(archive =>
        {
            Add(archive, "A.SAFE/MTD_MSIL1C.xml", "x");
            Add(archive, "B.SAFE/MTD_MSIL1C.xml", "x");
        });

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("A.SAFE, B.SAFE");
    }

    [Theory]
    [InlineData("<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r>&e;</r>")]
    [InlineData("<r><unclosed></r>")]
    [InlineData("")]
    [InlineData("not xml")]
    public void Unusable_XML_is_one_sentence(string text)
    {
        string product = Folder(text);

        string message = Should.Throw<InputException>(() => SafeProduct.Open(product)).Message;

        message.ShouldContain("MTD_MSIL1C.xml of X.SAFE is not usable XML");
        message.ShouldNotContain("\n");
    }

    [Fact]
    public void Entities_that_grow_and_documents_that_are_fetched_are_refused_unread()
    {
        string grow = "<!DOCTYPE r [<!ENTITY a '0123456789'>" + string.Concat("bcdefghi".Select((c, i) => $"<!ENTITY {c} '{string.Concat(Enumerable.Repeat($"&{"abcdefgh"[i]};", 10))}'>")) + "]><r>&i;</r>";
        foreach (string text in (string[])[grow, "<!DOCTYPE r SYSTEM 'http://169.254.169.254/x.dtd'><r/>", "<!DOCTYPE r [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><r/>"])
            Should.Throw<InputException>(() => SafeProduct.Open(Folder(text))).Message.ShouldContain("DTD");
    }

    [Fact]
    public void Ten_thousand_elements_inside_each_other_are_refused() =>
        Should.Throw<InputException>(() => SafeProduct.Open(Folder(string.Concat(Enumerable.Repeat("<a>", 10_000)) + string.Concat(Enumerable.Repeat("</a>", 10_000)))))
            .Message.ShouldContain("inside each other");

    [Fact]
    public void More_elements_than_any_metadata_have_are_refused() =>
        Should.Throw<InputException>(() => SafeProduct.Open(Folder("<r>" + string.Concat(Enumerable.Repeat("<a/>", 1_000_001)) + "</r>"))).Message.ShouldContain("elements");

    [Fact]
    public void A_text_that_does_not_end_is_refused()
    {
        string path = Folder("");
        using (var writer = new StreamWriter(Path.Combine(path, "MTD_MSIL1C.xml")))
        {
            writer.Write("<r>");
            string line = new('x', 1 << 20);
            for (int i = 0; i < 65; i++)
                writer.Write(line);
            writer.Write("</r>");
        }

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("not usable XML");
    }

    [Fact]
    public void Metadata_in_UTF_16_with_a_mark_are_read()
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] }), file = Path.Combine(path, "MTD_MSIL1C.xml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("utf-8", "utf-16"), Encoding.Unicode);
        SafeProduct.Open(path).Tile.ShouldBe("T11SMV");
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("1e400")]
    [InlineData("10000,0")]
    [InlineData("-10000")]
    public void A_quantification_that_is_no_positive_number_is_refused(string value)
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] }), file = Path.Combine(path, "MTD_MSIL1C.xml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("unit=\"none\">10000<", $"unit=\"none\">{value}<"));
        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain("QUANTIFICATION_VALUE");
    }

    [Theory]
    [InlineData("<PROCESSING_BASELINE>05.11</PROCESSING_BASELINE>", "", "PROCESSING_BASELINE")]
    [InlineData("SENSING_ORBIT_NUMBER>70<", "SENSING_ORBIT_NUMBER>seventy<", "seventy")]
    [InlineData("unit=\"none\">10000<", "unit=\"none\">0<", "QUANTIFICATION_VALUE")]
    [InlineData("_T11SMV_N05.11", "_N05.11", "granuleIdentifier")]
    [InlineData("Level-1C_User_Product", "Level-2A_User_Product", "Level-1C")]
    public void Damaged_product_metadata_say_what_is_wrong(string from, string to, string reason)
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });
        string file = Path.Combine(path, "MTD_MSIL1C.xml");
        File.WriteAllText(file, File.ReadAllText(file).Replace(from, to));

        Should.Throw<InputException>(() => SafeProduct.Open(path)).Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("EPSG:32611", "EPSG:utm", "HORIZONTAL_CS_CODE")]
    [InlineData("<NROWS>60<", "<NROWS>-1<", "Tile_Geocoding")]
    [InlineData("<VALUES>40 40", "<VALUES>40", "22 x 23 zeniths")]
    [InlineData("<VALUES>40 40", "<VALUES>40 x", "VALUES")]
    [InlineData("<SENSING_TIME metadataLevel=\"Standard\">2019", "<SENSING_TIME metadataLevel=\"Standard\">now", "SENSING_TIME")]
    public void Damaged_tile_metadata_say_what_is_wrong(string from, string to, string reason)
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });
        string file = Directory.GetFiles(path, "MTD_TL.xml", SearchOption.AllDirectories).Single();
        string text = File.ReadAllText(file);
        text.ShouldContain(from);
        File.WriteAllText(file, text.Replace(from, to));

        Should.Throw<InputException>(() => SafeProduct.Open(path).SunAngles).Message.ShouldContain(reason);
    }

    [Fact]
    public void A_band_that_the_metadata_place_outside_the_product_is_refused()
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });
        string file = Path.Combine(path, "MTD_MSIL1C.xml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("<IMAGE_FILE>GRANULE", "<IMAGE_FILE>../../GRANULE"));

        Should.Throw<InputException>(() => SafeProduct.Open(path).BandPath(SafeBand.B04)).Message.ShouldContain("outside the product");
    }

    [Theory]
    [InlineData("absent.SAFE", "There is no product at")]
    [InlineData("file.tif", "neither a .SAFE folder")]
    [InlineData("INSPIRE.xml", "not the metadata file")]
    [InlineData("empty.SAFE", "no MTD_MSIL1C.xml")]
    [InlineData("empty.zip", "not a complete zip archive")]
    public void What_is_no_product_is_refused(string name, string reason)
    {
        Directory.CreateDirectory(_folder["empty.SAFE"]);
        foreach (string file in new[] { "file.tif", "INSPIRE.xml", "empty.zip" })
            File.WriteAllText(_folder[file], "");

        Should.Throw<InputException>(() => SafeProduct.Open(_folder[name])).Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("b4", "B04")]
    [InlineData("8A", "B8A")]
    [InlineData("B12", "B12")]
    public void Bands_are_found_by_any_usual_spelling(string name, string band) => SafeBand.Parse(name).Name.ShouldBe(band);

    [Fact]
    public void A_band_that_does_not_exist_is_refused_with_the_list() => Should.Throw<InputException>(() => SafeBand.Parse("B13")).Message.ShouldContain("B8A");

    private void Refused(string reason, Action<ZipArchive> fill)
    {
        string message = Should.Throw<InputException>(() => SafeProduct.Open(Zip(fill))).Message;
        message.ShouldContain(reason);
        message.ShouldNotContain("\n");
    }

    private string Zip(Action<ZipArchive> fill)
    {
        string path = _folder["test.zip"];
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        fill(archive);
        return path;
    }

    private string Folder(string productMetadata)
    {
        string path = _folder["X.SAFE"];
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "MTD_MSIL1C.xml"), productMetadata);
        return path;
    }

    private static ZipArchiveEntry Add(ZipArchive archive, string name, string text)
    {
        var entry = archive.CreateEntry(name);
        using var stream = entry.Open();
        stream.Write(Encoding.UTF8.GetBytes(text));
        return entry;
    }

    private static int Find(byte[] bytes, uint signature) => bytes.AsSpan().LastIndexOf(BitConverter.GetBytes(signature));
}
