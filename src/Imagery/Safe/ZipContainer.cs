using System.IO.Compression;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>A product in a zip archive, read in place: metadata here, pixels through GDAL's /vsizip/. Archives inside the archive are ignored.</summary>
internal sealed class ZipContainer : SafeContainer
{
    /// <summary>The largest metadata file known, a datastrip's, has 13 MB.</summary>
    private const long MaximumTextBytes = 128L * 1024 * 1024;

    private readonly string _archivePath;
    private readonly string _root;
    private readonly Dictionary<string, long> _lengths = new(StringComparer.Ordinal);

    public ZipContainer(string archivePath)
    {
        _archivePath = Path.GetFullPath(archivePath);
        Read(archive =>
        {
            foreach (var entry in archive.Entries)
            {
                if (!entry.FullName.EndsWith('/'))
                    _lengths[entry.FullName.Replace('\\', '/')] = entry.Length;
            }

            return 0;
        });
        _root = FindRoot();
    }

    public override string Name => _root.Length == 0 ? Path.GetFileNameWithoutExtension(_archivePath) : Path.GetFileName(_root.TrimEnd('/'));

    public override string Source => _archivePath;

    public override bool Exists(string file) => _lengths.ContainsKey(_root + Checked(file));

    public override long Length(string file) => _lengths[_root + Checked(file)];

    public override IReadOnlyList<string> FilesIn(string folder)
    {
        string prefix = folder.Length == 0 ? _root : _root + Checked(folder).TrimEnd('/') + "/";
        return _lengths.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && k.IndexOf('/', prefix.Length) < 0)
            .Select(k => k[prefix.Length..]).Order(StringComparer.Ordinal).ToList();
    }

    public override Stream OpenRead(string file)
    {
        string name = _root + Checked(file);
        return Read(archive =>
        {
            var entry = archive.Entries.First(e => e.FullName.Replace('\\', '/') == name);
            if (entry.Length > MaximumTextBytes)
                throw new InputException($"{file} in {_archivePath} has {entry.Length} bytes, far more than metadata have: do not use this archive.");
            using var stream = entry.Open();
            byte[] bytes = new byte[entry.Length];
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read < bytes.Length || stream.ReadByte() >= 0)
                throw new InputException($"{file} in {_archivePath} has not the length that the archive declares: the archive is damaged, so download the product again.");
            return new MemoryStream(bytes, writable: false);
        });
    }

    public override Stream OpenImage(string file)
    {
        string name = _root + Checked(file);
        ZipArchive? archive = null;
        try
        {
            archive = ZipFile.OpenRead(_archivePath);
            var entry = archive.Entries.First(e => e.FullName.Replace('\\', '/') == name);
            return new EntryStream(archive, entry.Open(), entry.Length, $"{file} in {_archivePath}");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            archive?.Dispose();
            throw ZipInspection.Truncated(_archivePath, e);
        }
    }

    /// <summary>The braces tell GDAL where the archive's name ends, whatever it is called.</summary>
    public override string GdalPath(string file) => $"/vsizip/{{{_archivePath}}}/{_root}{Checked(file)}";

    private T Read<T>(Func<ZipArchive, T> use)
    {
        try
        {
            using var stream = File.OpenRead(_archivePath);
            ZipInspection.CheckDirectorySize(stream, _archivePath);
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            ZipInspection.CheckEntries(archive, stream.Length, _archivePath);
            return use(archive);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw ZipInspection.Truncated(_archivePath, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{_archivePath} cannot be read ({e.Message.TrimEnd('.')}): check the path and its permissions.", e);
        }
    }

    private string FindRoot()
    {
        var roots = _lengths.Keys
            .Where(k => SafeProduct.IsProductMetadata(k[(k.LastIndexOf('/') + 1)..]) && k.Count(c => c == '/') <= 1)
            .Select(k => k[..(k.LastIndexOf('/') + 1)]).Distinct().Order(StringComparer.Ordinal).ToList();
        return roots.Count switch
        {
            1 => roots[0],
            0 => throw new InputException($"{_archivePath} holds no Sentinel-2 Level-1C product (no MTD_MSIL1C.xml): give the archive of an L1C product."),
            _ => throw new InputException($"{_archivePath} holds several products ({string.Join(", ", roots.Select(r => r.TrimEnd('/')))}): unpack it and give one of them."),
        };
    }
}
