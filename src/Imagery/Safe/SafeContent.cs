using System.Security.Cryptography;

namespace GdmOptEtq.Imagery.Safe;

public sealed partial class SafeProduct
{
    private readonly Dictionary<string, string> _digests = [];

    /// <summary>
    /// Digest of what a computation from <paramref name="bands"/> depends on: both metadata files and the files of the bands, byte by byte. Equal for the
    /// same product in a folder or an archive, wherever it lies.
    /// </summary>
    public string ContentDigest(IEnumerable<SafeBand> bands)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] files = [Files.FilesIn("").First(IsProductMetadata), TileMetadataFile, .. bands.OrderBy(b => b.Id).Select(b => ImageOf(b)).OfType<string>()];
        foreach (string file in files.Where(Files.Exists))
            hash.AppendData(Convert.FromHexString(DigestOf(file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private string DigestOf(string file)
    {
        lock (_digests)
        {
            if (!_digests.TryGetValue(file, out string? digest))
            {
                using var stream = file.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) ? Files.OpenRead(file) : Files.OpenImage(file);
                _digests[file] = digest = Convert.ToHexStringLower(SHA256.HashData(stream));
            }

            return digest;
        }
    }
}
