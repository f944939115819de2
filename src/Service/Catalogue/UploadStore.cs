using System.Security.Cryptography;
using System.Text;
using GdmOptEtq.Cluster;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;

namespace GdmOptEtq.Service.Catalogue;

/// <summary>Products that users uploaded: zip archives, each in the folder of its owner, under a name that the service makes up.</summary>
public sealed class UploadStore(ServiceSettings settings, NodeSettings node)
{
    /// <summary>How an execute request names an upload.</summary>
    public const string Prefix = "upload:";

    /// <summary>Left free on the disk whatever is uploaded.</summary>
    private const long SpareBytes = 1L << 30;

    private string Root => Path.GetFullPath(settings.Uploads.Length > 0 ? settings.Uploads : Path.Combine(node.Data, "uploads"));

    /// <summary>The archive of an upload of this caller; null when there is none.</summary>
    public string? Find(string id, Caller caller) => IsId(id) && FileOf(id, caller) is var file && File.Exists(file) ? file : null;

    /// <summary>Keeps an archive while it arrives; what is no zip archive of a product leaves nothing behind.</summary>
    /// <param name="content">The body of the request.</param>
    /// <param name="announced">Its length, where the client said one.</param>
    /// <param name="caller">Whose it will be.</param>
    /// <param name="cancellation">The client is gone.</param>
    /// <exception cref="ProblemException">Too large, no room, or no zip archive.</exception>
    /// <exception cref="InputException">No Sentinel-2 L1C product, or one that cannot be trusted.</exception>
    public async Task<(string Id, ProductSummary Product)> KeepAsync(Stream content, long? announced, Caller caller, CancellationToken cancellation)
    {
        if (announced > settings.UploadLimitBytes)
            throw new ProblemException(TooLarge());
        string id = Guid.CreateVersion7().ToString("N"), file = FileOf(id, caller), unfinished = file + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        try
        {
            if (new DriveInfo(Root).AvailableFreeSpace < SpareBytes + (announced ?? 0))
                throw new ProblemException(Problem.Unavailable("The service has no room for this upload at the moment: try again later, or ask the operator."));
            await using (var target = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous))
                await CopyAsync(content, target, cancellation);
            File.Move(unfinished, file);
            var product = await Task.Run(() => ProductSummary.Read(file), cancellation);
            // Somebody waits for the answer, so not every block is decoded (docs/decisions/0018).
            if (IsolatedDecoding.IsAvailable)
                await IsolatedDecoding.CheckAsync(file, DecodingLimits.Default, quick: true, cancellation);
            return (id, product);
        }
        catch (Exception error)
        {
            File.Delete(unfinished);
            File.Delete(file);
            if (error is InputException unfit)
                throw new InputException(unfit.Message.Replace(file, "The archive", StringComparison.Ordinal).Replace(Path.GetFileName(file), "The archive", StringComparison.Ordinal), unfit);
            throw;
        }
    }

    /// <summary>False when there is no such upload of this caller.</summary>
    public bool Delete(string id, Caller caller)
    {
        if (Find(id, caller) is not { } file)
            return false;
        File.Delete(file);
        return true;
    }

    private async Task CopyAsync(Stream content, FileStream target, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        while (await content.ReadAtLeastAsync(buffer, 4096, throwOnEndOfStream: false, cancellation) is int read and > 0)
        {
            if (total == 0 && !(read >= 4 && buffer.AsSpan(0, 4).SequenceEqual("PK\u0003\u0004"u8)))
                throw new ProblemException(Problem.OfStatus(415, "The body is not a zip archive: send the archive of a Sentinel-2 L1C product as it was downloaded, with 'Content-Type: application/zip'."));
            total += read;
            if (total > settings.UploadLimitBytes)
                throw new ProblemException(TooLarge());
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        if (total == 0)
            throw new ProblemException(Problem.BadRequest("The body is empty: send the archive of a Sentinel-2 L1C product."));
    }

    private Problem TooLarge() =>
        Problem.OfStatus(413, $"The upload is larger than the {settings.UploadLimitMegabytes} MB that this service takes: ask the operator to put the product into the catalogue.");

    // The name of an owner may be anything; its digest is safe as a folder name and keeps one owner's ids out of another's reach.
    private string FileOf(string id, Caller caller) =>
        Path.Combine(Root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(caller.Owner)))[..24], id + ".zip");

    private static bool IsId(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower);
}
