using System.IO.Compression;

namespace GdmOptEtq.Service.Files;

/// <summary>All files of a result as one zip, written straight to the receiver: nothing is kept on disk, and no file is in memory whole.</summary>
internal static class ResultArchive
{
    private const int CopyBytes = 128 * 1024;

    // The earliest and latest time that an entry can carry.
    private static readonly DateTimeOffset s_earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_latest = new(2107, 12, 31, 23, 59, 58, TimeSpan.Zero);

    /// <param name="folder">Name of the folder that everything lies in when unpacked.</param>
    public static async Task WriteAsync(Stream receiver, string folder, IReadOnlyList<ResultFile> files, CancellationToken cancellation)
    {
        var archive = await ZipArchive.CreateAsync(receiver, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        await using (archive)
        {
            foreach (var file in files)
            {
                // Rasters and pictures are compressed already.
                bool text = file.Media.MediaType.Contains("json", StringComparison.Ordinal) || file.Media.MediaType.Contains("xml", StringComparison.Ordinal)
                    || file.Media.MediaType.StartsWith("text/", StringComparison.Ordinal);
                var entry = archive.CreateEntry($"{folder}/{file.Name}", text ? CompressionLevel.Fastest : CompressionLevel.NoCompression);
                entry.LastWriteTime = file.Changed < s_earliest ? s_earliest : file.Changed > s_latest ? s_latest : file.Changed;
                await using var source = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
                await using var target = await entry.OpenAsync(cancellation);
                await source.CopyToAsync(target, CopyBytes, cancellation);
            }
        }
    }
}
