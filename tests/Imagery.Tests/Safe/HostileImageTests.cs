using System.Buffers.Binary;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

/// <summary>What was done to the file of band B04 of a good product, and what the refusal has to say.</summary>
public sealed record ImageHarm(string Name, string Reason, Func<byte[], byte[]> Do)
{
    public override string ToString() => Name;
}

/// <summary>Images that are not what they say: each ends in one sentence before a decoder sees it.</summary>
public sealed class HostileImageTests : IDisposable
{
    // Offsets in the SIZ segment, from the start of codestream: marker 2 bytes, SIZ 2, length 2, capabilities 2, then eight numbers of 4 bytes.
    private const int Width = 8, TileWidth = 24, Components = 40, Bits = 42, SubSampling = 43;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ImageHarm> Harms =>
    [
        new("21: sizes of 2^31 in a small file", "2147483648 x 2147483648 pixels", b => Number(Number(b, Width, 1u << 31), Width + 4, 1u << 31)),
        new("21: a width of nothing", "pixels from (0, 0) on", b => Number(b, Width, 0)),
        new("21: an image that begins at the end", "from (4294967295, 0) on", b => Number(b, Width + 8, uint.MaxValue)),
        new("21: one giant tile", "claims tiles of 4294967295", b => Number(Number(Number(b, TileWidth, uint.MaxValue), TileWidth + 4, uint.MaxValue), Width, 1u << 24)),
        new("21: tiles of one pixel", "tiles", b => Number(Number(Number(b, TileWidth, 1), TileWidth + 4, 1), Width, 1u << 16)),
        new("21: tiles of no pixel", "claims tiles of 0", b => Number(b, TileWidth, 0)),
        new("22: the end is missing", "longer than the file", b => b[..^2]),
        new("22: half of the file is missing", "that is longer than the file", b => b[..(b.Length / 2)]),
        new("22: a tile part of another image", "do not fit together", b => Half(b, After(b, 0xFF90) + 2, 60000)),
        new("23: a tile part of length 1", "do not fit together", b => Long(b, After(b, 0xFF90) + 4, 1)),
        new("23: a tile part longer than the file", "do not fit together", b => Long(b, After(b, 0xFF90) + 4, 0x7FFFFFFF)),
        new("23: a header entry of length 0", "header entry that is longer", b => Half(b, After(b, 0xFF5C), 0)),
        new("23: 255 wavelet levels", "that the standard does not allow", b => At(b, After(b, 0xFF52) + 7, 255)),
        new("23: no coding style", "does not say how its image is coded", b => At(b, After(b, 0xFF52) - 1, 0x64)),
        new("24: 200 bands", "claims 200 bands", b => Half(b, Start(b) + Components, 200)),
        new("24: signed numbers", "signed numbers of 16 bits", b => At(b, Start(b) + Bits, 0x8F)),
        new("24: 32 bits", "numbers of 32 bits", b => At(b, Start(b) + Bits, 31)),
        new("24: 8 bits", "holds values of 8 bits", b => At(b, Start(b) + Bits, 7)),
        new("24: a band of half the resolution", "different resolution", b => At(b, Start(b) + SubSampling, 2)),
        new("25: a VRT that would read another file", "does not begin as JPEG 2000 files do", _ => Text("<VRTDataset rasterXSize=\"60\" rasterYSize=\"60\"><VRTRasterBand dataType=\"UInt16\" band=\"1\"><SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>")),
        new("25: a TIFF without content", "cannot be opened as a raster", _ => [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0]),
        new("25: a bare codestream", "does not begin as JPEG 2000 files do", b => b[Start(b)..]),
        new("a login page", "does not begin as JPEG 2000 files do", _ => Text("<!DOCTYPE html><html><body>Sign in</body></html>")),
        new("noise", "does not begin as JPEG 2000 files do", _ => [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7919 >> 3))]),
        new("metadata of a gigabyte inside", "longer than the file", b => Long(b, b.AsSpan().IndexOf("jp2h"u8) - 4, 1u << 30)),
        new("22: an image box that ends early", "do not fit together or is truncated", b => Long(b, b.AsSpan().IndexOf("jp2c"u8) - 4, 200)),
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Harms))]
    public void An_image_that_is_not_what_it_says_is_one_sentence(ImageHarm harm)
    {
        string product = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });
        string image = SafeProduct.Open(product).BandPath(SafeBand.B04);
        File.WriteAllBytes(image, harm.Do(File.ReadAllBytes(image)));
        string message = Should.Throw<InputException>(() =>
        {
            using var reader = new SafeReader(SafeProduct.Open(product));
            reader.ReadBand(SafeBand.B04, new Window(0, 0, 1, 1));
        }).Message;
        message.ShouldContain(harm.Reason);
        message.ShouldContain("B04");
        message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("tif")]
    [InlineData("jp2")]
    [InlineData("png")]
    public void A_VRT_under_the_name_of_another_format_is_not_opened(string extension)
    {
        GeoTiff.Write(_folder["secret.tif"], new Raster<byte>(8, 8).Fill(7), TestRasters.Utm(8, 8));
        string vrt = $"<VRTDataset rasterXSize=\"8\" rasterYSize=\"8\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>{_folder["secret.tif"]}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>";
        File.WriteAllText(_folder["honest.vrt"], vrt);
        File.WriteAllText(_folder[$"trick.{extension}"], vrt);
        RasterFile.Open(_folder["honest.vrt"]).Dispose();
        Should.Throw<InputException>(() => RasterFile.Open(_folder[$"trick.{extension}"]))
            .Message.ShouldContain("cannot be opened as a raster");
    }

    private static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static int Start(byte[] bytes) => bytes.AsSpan().IndexOf<byte>([0xFF, 0x4F, 0xFF, 0x51]);

    /// <summary>Position behind the first marker of a kind.</summary>
    private static int After(byte[] bytes, int marker) => Start(bytes) + bytes.AsSpan(Start(bytes)).IndexOf<byte>([(byte)(marker >> 8), (byte)marker]) + 2;

    private static byte[] Number(byte[] bytes, int fromStart, uint value) => Long(bytes, Start(bytes) + fromStart, value);

    private static byte[] Long(byte[] bytes, int at, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static byte[] Half(byte[] bytes, int at, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static byte[] At(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }
}
