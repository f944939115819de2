using System.Security.Cryptography;
using System.Text;
using GdmOptEtq.Imagery.Elevation;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Pipeline;

/// <summary>Which elevation model a job uses, settled while planning.</summary>
/// <param name="Source">Reads it.</param>
/// <param name="Files">Its files on this tile.</param>
/// <param name="Warning">One sentence when terrain is absent or incomplete, or null.</param>
public sealed record TerrainChoice(ElevationSource Source, IReadOnlyList<string> Files, string? Warning)
{
    private const int ProbePixels = 128;

    private string? _content;

    public bool IsAvailable => Files.Count > 0;

    /// <summary>What is used, in words.</summary>
    public string Sentence => IsAvailable
        ? $"terrain from {Source.Name} ({Files.Count} {(Files.Count == 1 ? "file" : "files")})"
        : Source.Name == ElevationSource.None ? "no terrain, as asked" : $"no terrain: {Source.Name} is not to be had";

    /// <summary>Digest of the files, for the keys of what is made with them.</summary>
    public string Content => _content ??= Digest(Files);

    /// <exception cref="Science.Rasters.InputException">A path does not exist or is no elevation model.</exception>
    public static TerrainChoice Resolve(TerrainParameters parameters, string? demRoot, RasterGrid grid)
    {
        var source = ElevationSource.Create(parameters.Dem, demRoot);
        // A coarse look tells whether there is terrain at all, and of which files.
        var found = source.Read(grid.Decimate(Math.Max(1, Math.Max(grid.Width, grid.Height) / ProbePixels)));
        return new TerrainChoice(source, found.Files, found.Warning);
    }

    /// <summary>Digest of the bytes of files.</summary>
    internal static string Digest(IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            if (File.Exists(file))
            {
                using var stream = File.OpenRead(file);
                hash.AppendData(SHA256.HashData(stream));
            }
            else
            {
                // In a bucket or an archive: name and length stand for the content.
                hash.AppendData(Encoding.UTF8.GetBytes($"{file} {VsiFile.Length(file)}"));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
