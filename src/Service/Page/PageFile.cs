using System.Security.Cryptography;

namespace GdmOptEtq.Service.Page;

/// <summary>One file of the built page, in memory as it is sent: plain, and compressed where the build made that worth it.</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Lasting">Its name changes with its content, so that a browser may keep it for good.</param>
/// <param name="EntityTag">With quotes, as the header wants it.</param>
internal sealed record PageFile(string MediaType, bool Lasting, string EntityTag, byte[] Plain, byte[]? Brotli, byte[]? Gzip)
{
    private static readonly Dictionary<string, string> s_mediaTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
    };

    /// <summary>Every file of the built page by its address below /page/; empty where the page was not built.</summary>
    public static IReadOnlyDictionary<string, PageFile> ReadAll(string folder) => !Directory.Exists(folder)
        ? new Dictionary<string, PageFile>()
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => s_mediaTypes.ContainsKey(Path.GetExtension(path)))
            .ToDictionary(path => Path.GetRelativePath(folder, path).Replace('\\', '/'), path => Read(path));

    private static PageFile Read(string path)
    {
        byte[] plain = File.ReadAllBytes(path);
        string name = Path.GetFileName(path);
        // The build writes name-HASH.ext for everything but the entry.
        bool lasting = name.LastIndexOf('-') is > 0 and var dash && name.Length - dash > 9;
        return new PageFile(
            s_mediaTypes[Path.GetExtension(path)], lasting, $"\"{Convert.ToHexStringLower(SHA256.HashData(plain))[..20]}\"", plain, Compressed(".br"), Compressed(".gz"));

        byte[]? Compressed(string ending) => File.Exists(path + ending) ? File.ReadAllBytes(path + ending) : null;
    }
}
