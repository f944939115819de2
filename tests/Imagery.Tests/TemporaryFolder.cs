using System.Security.Cryptography;

namespace GdmOptEtq.Imagery.Tests;

/// <summary>A folder of one test, removed with everything in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("gdm-imagery-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string[] Files() => Directory.GetFiles(Path, "*", SearchOption.AllDirectories);

    /// <summary>Of all bytes of a file.</summary>
    public string Hash(string name) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(this[name])));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
