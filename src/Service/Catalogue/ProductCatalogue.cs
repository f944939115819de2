using System.Collections.Concurrent;
using GdmOptEtq.Cluster;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Catalogue;

/// <summary>
/// The products under the configured folders, found by scanning their metadata. A product is read once; the folders are looked through again when asked
/// after a while, so that a product that was copied there shows up by itself.
/// </summary>
public sealed partial class ProductCatalogue(ServiceSettings settings, NodeSettings node, TimeProvider time, ILogger<ProductCatalogue> log) : IDisposable
{
    /// <summary>Folders between a configured one and its products.</summary>
    private const int Depth = 4;

    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Path, DateTime Changed), ProductSummary?> _read = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IReadOnlyDictionary<string, ProductSummary> _products = new Dictionary<string, ProductSummary>();
    private DateTimeOffset _scanned = DateTimeOffset.MinValue;

    /// <summary>By name; of two with the same name the first one counts.</summary>
    public async Task<IReadOnlyDictionary<string, ProductSummary>> ProductsAsync(CancellationToken cancellation)
    {
        if (time.GetUtcNow() - _scanned < s_fresh)
            return _products;
        await _turn.WaitAsync(cancellation);
        try
        {
            if (time.GetUtcNow() - _scanned >= s_fresh)
            {
                _products = await Task.Run(Scan, cancellation);
                _scanned = time.GetUtcNow();
            }

            return _products;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The product of this name, with or without .SAFE or .zip; null when there is none.</summary>
    public async Task<ProductSummary?> FindAsync(string name, CancellationToken cancellation)
    {
        var products = await ProductsAsync(cancellation);
        foreach (string ending in (string[])[".SAFE", ".zip"])
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                name = name[..^ending.Length];
        }

        return products.GetValueOrDefault(name);
    }

    /// <summary>A picture of the product, drawn on first use and kept in the data folder.</summary>
    public async Task<string> QuickLookAsync(ProductSummary product, CancellationToken cancellation)
    {
        string file = Path.Combine(Path.GetFullPath(node.Data), "quicklooks", product.Name + ".png");
        if (File.Exists(file))
            return file;
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!File.Exists(file))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await Task.Run(() => QuickLook.Write(product.Source, file), CancellationToken.None);
            }

            return file;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whether a path, links resolved, lies in one of the configured folders.</summary>
    public bool Holds(string path) => settings.Products.Any(folder => IsInside(path, folder));

    internal static bool IsInside(string path, string folder)
    {
        string root = RealPath(folder).TrimEnd('/') + "/";
        return RealPath(path).StartsWith(root, StringComparison.Ordinal);
    }

    public void Dispose() => _turn.Dispose();

    private Dictionary<string, ProductSummary> Scan()
    {
        var products = new Dictionary<string, ProductSummary>(StringComparer.Ordinal);
        foreach (string folder in settings.Products)
        {
            foreach (string path in Candidates(Path.GetFullPath(folder), Depth))
            {
                if (_read.GetOrAdd((path, Changed(path)), key => TryRead(key.Path)) is { } product)
                    products.TryAdd(product.Name, product);
            }
        }

        return products;
    }

    private ProductSummary? TryRead(string path)
    {
        try
        {
            return ProductSummary.Read(path);
        }
        catch (Exception error) when (error is InputException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogSkipped(path, error.Message);
            return null;
        }
    }

    private static IEnumerable<string> Candidates(string folder, int depth)
    {
        IEnumerable<string> Names(Func<IEnumerable<string>> list)
        {
            try
            {
                return [.. list().Order(StringComparer.Ordinal)];
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }

        foreach (string archive in Names(() => Directory.EnumerateFiles(folder, "*.zip")))
            yield return archive;
        foreach (string inner in Names(() => Directory.EnumerateDirectories(folder)))
        {
            if (inner.EndsWith(".SAFE", StringComparison.OrdinalIgnoreCase))
            {
                yield return inner;
            }
            else if (depth > 1)
            {
                foreach (string below in Candidates(inner, depth - 1))
                    yield return below;
            }
        }
    }

    // A product still being copied changes until its metadata are whole.
    private static DateTime Changed(string path) =>
        Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.xml").Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(Directory.GetLastWriteTimeUtc(path)).Max()
            : File.GetLastWriteTimeUtc(path);

    private static string RealPath(string path)
    {
        string full = Path.GetFullPath(path), real = "/";
        foreach (string part in full.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            real = info.LinkTarget is null ? next : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }

        return real;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} is not in the catalogue: {Reason}")]
    private partial void LogSkipped(string path, string reason);
}
