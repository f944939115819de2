using System.Runtime.InteropServices;
using System.Text.Json;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;
using Microsoft.Win32.SafeHandles;

namespace GdmOptEtq.Imagery.WorkStore;

/// <summary>
/// A result being written, window by window in any order and from any number of threads. Its disk space is taken at once, so a full disk shows
/// before the work and not after it. Pixels never written are 0.
/// </summary>
public sealed class WorkEntryWriter : IDisposable
{
    private readonly AtomicFile _file;
    private readonly SafeFileHandle _handle;
    private readonly EntryIndex _index;
    private readonly Dictionary<string, long> _offsets;
    private readonly long _end;
    private readonly Lock _textGate = new();

    internal WorkEntryWriter(string path, IReadOnlyList<RasterLayout> rasters)
    {
        _index = new EntryIndex(rasters, new SortedDictionary<string, string>(StringComparer.Ordinal));
        (_offsets, _end) = _index.Place();
        _file = new AtomicFile(path);
        try
        {
            _handle = File.OpenHandle(_file.TemporaryPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, _end);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            _file.Dispose();
            throw AtomicFile.CannotWrite(path, cause.Message, cause);
        }
    }

    public IReadOnlyList<RasterLayout> Rasters => _index.Rasters;

    /// <summary>Stores a small text (a model as JSON) with the rasters.</summary>
    public void SetText(string name, string text)
    {
        lock (_textGate)
            _index.Texts[name] = text;
    }

    /// <summary>Writes all pixels of <paramref name="raster"/> with the upper left one at (<paramref name="x"/>, <paramref name="y"/>).</summary>
    public void Write<T>(string name, Raster<T> raster, int x, int y)
        where T : unmanaged
    {
        var layout = _index.Rasters.FirstOrDefault(r => r.Name == name) ?? throw new ArgumentException($"{_file.Path} has no raster '{name}'.", nameof(name));
        var window = new Window(x, y, raster.Width, raster.Height);
        EntryAccess.Check<T>(_file.Path, layout, window);
        EntryAccess.Runs(layout, _offsets[name], window, (offset, first, count) =>
            WriteBytes(MemoryMarshal.AsBytes(raster.Pixels.AsSpan(first, count)), offset));
    }

    /// <summary>Writes a part of a displacement field with its upper left pixel at (<paramref name="x"/>, <paramref name="y"/>).</summary>
    public void WriteField(DisplacementField field, int x, int y)
    {
        Write("dx", field.Dx, x, y);
        Write("dy", field.Dy, x, y);
        Write("score", field.Score, x, y);
        Write("sigmaDx", field.SigmaDx, x, y);
        Write("sigmaDy", field.SigmaDy, x, y);
        Write("validity", field.Validity, x, y);
    }

    /// <summary>Makes the result visible under its key. Afterwards only <see cref="Dispose"/> may follow.</summary>
    /// <exception cref="InputException">The disk is full; nothing is left behind.</exception>
    public void Publish()
    {
        WriteBytes(EntryIndex.Magic, 0);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(_index);
        WriteBytes([.. json, .. BitConverter.GetBytes((long)json.Length), .. EntryIndex.Magic], _end);
        _handle.Dispose();
        _file.Commit();
    }

    public void Dispose()
    {
        _handle.Dispose();
        _file.Dispose();
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException cause)
        {
            throw AtomicFile.CannotWrite(_file.Path, cause.Message, cause);
        }
    }
}
