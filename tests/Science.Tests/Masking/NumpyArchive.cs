using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace GdmOptEtq.Science.Tests.Masking;

/// <summary>Reads arrays out of a NumPy .npz file: a zip of .npy parts, each a header in Python syntax followed by the values in C order.</summary>
internal sealed partial class NumpyArchive : IDisposable
{
    private readonly ZipArchive zip;

    public NumpyArchive(string path) => zip = ZipFile.OpenRead(path);

    public IEnumerable<string> Names => zip.Entries.Select(entry => Path.GetFileNameWithoutExtension(entry.FullName));

    public (int[] Shape, double[] Values) Read(string name)
    {
        using var stream = zip.GetEntry(name + ".npy")!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        byte[] bytes = memory.ToArray();
        bool longHeader = bytes[6] >= 2;
        int length = longHeader ? BitConverter.ToInt32(bytes, 8) : BitConverter.ToUInt16(bytes, 8), start = longHeader ? 12 : 10;
        string header = Encoding.Latin1.GetString(bytes, start, length);
        header.ShouldContain("'fortran_order': False");
        int[] shape = Shape().Match(header).Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse).ToArray();
        var data = bytes.AsSpan(start + length);
        return (shape, Type().Match(header).Groups[1].Value switch
        {
            "<f4" => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(data).ToArray(), v => (double)v),
            "<f8" => MemoryMarshal.Cast<byte, double>(data).ToArray(),
            "<i8" => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(data).ToArray(), v => (double)v),
            "<i4" => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(data).ToArray(), v => (double)v),
            "|u1" => Array.ConvertAll(data.ToArray(), v => (double)v),
            var other => throw new NotSupportedException($"Array {name} holds {other}."),
        });
    }

    public void Dispose() => zip.Dispose();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex Shape();

    [GeneratedRegex(@"'descr':\s*'([^']*)'")]
    private static partial Regex Type();
}
