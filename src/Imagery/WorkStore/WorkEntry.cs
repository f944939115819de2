using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;
using Microsoft.Win32.SafeHandles;

namespace GdmOptEtq.Imagery.WorkStore;

/// <summary>One raster of an entry.</summary>
public sealed record RasterLayout(string Name, PixelType Type, int Width, int Height)
{
    public static RasterLayout Of<T>(string name, int width, int height)
        where T : unmanaged => new(name, PixelTypes.Of<T>(), width, height);

    internal long Bytes => (long)Width * Height * PixelTypes.SizeOf(Type);
}

/// <summary>
/// What stands at the end of an entry's file: the rasters in their order, and small texts (JSON models, notes).
/// File: 8 bytes magic, rasters (little-endian, row after row, each starting on a multiple of 4096), this as JSON, its length in 8 bytes, 8 bytes magic.
/// Not compressed: a window is read at the speed of the disk cache.
/// </summary>
internal sealed record EntryIndex(IReadOnlyList<RasterLayout> Rasters, SortedDictionary<string, string> Texts)
{
    public const int Alignment = 4096;

    public static ReadOnlySpan<byte> Magic => "GDMWORK1"u8;

    /// <summary>Where each raster starts, and where the last one ends.</summary>
    public (Dictionary<string, long> Offsets, long End) Place()
    {
        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        long end = Alignment;
        foreach (var raster in Rasters)
        {
            offsets.Add(raster.Name, end);
            end += (raster.Bytes + Alignment - 1) / Alignment * Alignment;
        }

        return (offsets, end);
    }
}

/// <summary>A stored result, open for reading by window from any number of threads.</summary>
public sealed class WorkEntry : IDisposable
{
    private const int TrailerBytes = 16;
    private const long MaximumIndexBytes = 64 << 20;

    private readonly SafeFileHandle _handle;
    private readonly EntryIndex _index;
    private readonly Dictionary<string, long> _offsets;

    private WorkEntry(string path, SafeFileHandle handle, EntryIndex index)
    {
        Path = path;
        _handle = handle;
        _index = index;
        _offsets = index.Place().Offsets;
    }

    public string Path { get; }

    public IReadOnlyList<RasterLayout> Rasters => _index.Rasters;

    /// <summary>The small texts stored with the rasters.</summary>
    public IReadOnlyDictionary<string, string> Texts => _index.Texts;

    public RasterLayout Layout(string name) =>
        _index.Rasters.FirstOrDefault(raster => raster.Name == name) ?? throw new ArgumentException($"{Path} holds no raster '{name}'.", nameof(name));

    public Raster<T> Read<T>(string name)
        where T : unmanaged
    {
        var layout = Layout(name);
        return Read<T>(name, new Window(0, 0, layout.Width, layout.Height));
    }

    /// <summary>The pixels under <paramref name="window"/>, which must lie inside.</summary>
    public Raster<T> Read<T>(string name, Window window)
        where T : unmanaged
    {
        var layout = EntryAccess.Check<T>(Path, Layout(name), window);
        var raster = new Raster<T>(window.Width, window.Height);
        EntryAccess.Runs(layout, _offsets[name], window, (offset, first, count) =>
        {
            var bytes = MemoryMarshal.AsBytes(raster.Pixels.AsSpan(first, count));
            while (bytes.Length > 0)
            {
                int read = RandomAccess.Read(_handle, bytes, offset);
                if (read == 0)
                    throw Damaged(Path);
                bytes = bytes[read..];
                offset += read;
            }
        });
        return raster;
    }

    /// <summary>The displacement field under <paramref name="window"/>.</summary>
    public DisplacementField ReadField(Window window) => new(
        Read<float>("dx", window), Read<float>("dy", window), Read<float>("score", window),
        Read<float>("sigmaDx", window), Read<float>("sigmaDy", window), Read<Validity>("validity", window));

    /// <summary>The whole displacement field.</summary>
    public DisplacementField ReadField()
    {
        var layout = Layout("dx");
        return ReadField(new Window(0, 0, layout.Width, layout.Height));
    }

    /// <summary>The rasters that make a displacement field.</summary>
    public static IReadOnlyList<RasterLayout> FieldLayout(int width, int height) =>
    [
        RasterLayout.Of<float>("dx", width, height),
        RasterLayout.Of<float>("dy", width, height),
        RasterLayout.Of<float>("score", width, height),
        RasterLayout.Of<float>("sigmaDx", width, height),
        RasterLayout.Of<float>("sigmaDy", width, height),
        RasterLayout.Of<Validity>("validity", width, height),
    ];

    public void Dispose() => _handle.Dispose();

    internal static WorkEntry Open(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.RandomAccess, share: FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The intermediate result {path} cannot be opened ({cause.Message.TrimEnd('.')}): start the job again.", cause);
        }

        try
        {
            return new WorkEntry(path, handle, ReadIndex(path, handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static EntryIndex ReadIndex(string path, SafeFileHandle handle)
    {
        long length = RandomAccess.GetLength(handle);
        var trailer = new byte[TrailerBytes];
        if (length < EntryIndex.Alignment + TrailerBytes || RandomAccess.Read(handle, trailer, length - TrailerBytes) != TrailerBytes
            || !trailer.AsSpan(8).SequenceEqual(EntryIndex.Magic))
        {
            throw Damaged(path);
        }

        long indexBytes = BitConverter.ToInt64(trailer);
        if (indexBytes is <= 0 or > MaximumIndexBytes || indexBytes > length - TrailerBytes)
            throw Damaged(path);
        var json = new byte[indexBytes];
        if (RandomAccess.Read(handle, json, length - TrailerBytes - indexBytes) != indexBytes)
            throw Damaged(path);
        try
        {
            var index = JsonSerializer.Deserialize<EntryIndex>(Encoding.UTF8.GetString(json));
            return index is not null && index.Place().End == length - TrailerBytes - indexBytes ? index : throw Damaged(path);
        }
        catch (JsonException)
        {
            throw Damaged(path);
        }
    }

    private static InputException Damaged(string path) =>
        new($"The intermediate result {path} is damaged: delete it and start the job again; it will be computed anew.");
}

/// <summary>Where the rows of a window lie in the file.</summary>
internal static class EntryAccess
{
    public static RasterLayout Check<T>(string path, RasterLayout layout, Window window)
        where T : unmanaged
    {
        if (PixelTypes.Of<T>() != layout.Type)
            throw new ArgumentException($"Raster '{layout.Name}' of {path} holds {layout.Type}, not {typeof(T).Name}.");
        if (!new Window(0, 0, layout.Width, layout.Height).Contains(window) || window.IsEmpty)
            throw new ArgumentOutOfRangeException(nameof(window), $"Window {window} is not inside raster '{layout.Name}' of {layout.Width} x {layout.Height}.");
        return layout;
    }

    /// <summary>Calls <paramref name="run"/>(file offset, first pixel in the window, pixels) for every stretch without a gap.</summary>
    public static void Runs(RasterLayout layout, long start, Window window, Action<long, int, int> run)
    {
        int size = PixelTypes.SizeOf(layout.Type);
        int rowsPerRun = window.Width == layout.Width ? Math.Max(1, (1 << 24) / (window.Width * size)) : 1;
        for (int y = 0; y < window.Height; y += rowsPerRun)
        {
            int rows = Math.Min(rowsPerRun, window.Height - y);
            run(start + ((long)(window.Y + y) * layout.Width + window.X) * size, y * window.Width, rows * window.Width);
        }
    }
}
