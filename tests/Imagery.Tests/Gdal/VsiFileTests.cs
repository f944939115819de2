using System.IO.Compression;
using System.Text;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Gdal;

public sealed class VsiFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_zip_is_listed_and_read_like_a_folder()
    {
        using (var zip = ZipFile.Open(_folder["p.zip"], ZipArchiveMode.Create))
        {
            using (var first = new StreamWriter(zip.CreateEntry("P.SAFE/MTD.xml").Open()))
                first.Write("<a/>");
            using var second = new StreamWriter(zip.CreateEntry("P.SAFE/GRANULE/L1C/x.txt").Open());
            second.Write("text");
        }

        string root = $"/vsizip/{_folder["p.zip"]}";
        VsiFile.List(root).ShouldBe([new VsiEntry("P.SAFE", true, 0)]);
        VsiFile.List(root, recursive: true).Where(e => !e.IsDirectory)
            .ShouldBe([new VsiEntry("P.SAFE/GRANULE/L1C/x.txt", false, 4), new VsiEntry("P.SAFE/MTD.xml", false, 4)]);
        VsiFile.ReadAllText($"{root}/P.SAFE/MTD.xml").ShouldBe("<a/>");
        VsiFile.IsDirectory($"{root}/P.SAFE").ShouldBeTrue();
        VsiFile.IsDirectory($"{root}/P.SAFE/MTD.xml").ShouldBeFalse();
        VsiFile.Exists($"{root}/P.SAFE/none").ShouldBeFalse();
        VsiFile.Length($"{root}/P.SAFE/GRANULE/L1C/x.txt").ShouldBe(4);
    }

    [Fact]
    public void A_folder_is_listed_sorted()
    {
        File.WriteAllText(_folder["b"], "22");
        File.WriteAllText(_folder["a"], "1");
        VsiFile.List(_folder.Path).ShouldBe([new VsiEntry("a", false, 1), new VsiEntry("b", false, 2)]);
        VsiFile.IsDirectory(_folder.Path).ShouldBeTrue();
    }

    [Fact]
    public void What_is_missing_or_too_long_is_an_input_error()
    {
        Should.Throw<InputException>(() => VsiFile.ReadAllBytes(_folder["no"])).Message.ShouldContain("does not exist");
        Should.Throw<InputException>(() => VsiFile.List(_folder["no"])).Message.ShouldContain("cannot be listed");
        File.WriteAllBytes(_folder["long"], new byte[100]);
        Should.Throw<InputException>(() => VsiFile.ReadAllBytes(_folder["long"], maximumBytes: 99)).Message.ShouldContain("100 bytes");
    }

    [Fact]
    public void Bytes_written_come_back_also_in_memory()
    {
        foreach (string path in new[] { _folder["x.bin"], "/vsimem/gdm-vsi-test.bin" })
        {
            VsiFile.WriteAllBytes(path, Encoding.UTF8.GetBytes("grün"));
            VsiFile.ReadAllText(path).ShouldBe("grün");
            VsiFile.Delete(path);
            VsiFile.Exists(path).ShouldBeFalse();
        }

        Should.Throw<GdalException>(() => VsiFile.WriteAllBytes(_folder["no/such/folder"], [1])).GdalMessage.ShouldNotBeEmpty();
    }
}
