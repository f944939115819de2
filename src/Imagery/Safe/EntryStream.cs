using System.IO.Compression;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>One entry of an archive as it unpacks, never more than the archive declares; the archive is closed with it.</summary>
internal sealed class EntryStream(ZipArchive archive, Stream entry, long declaredBytes, string name) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => declaredBytes;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = entry.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputException($"{name} cannot be unpacked: the archive is damaged, so download the product again.", e);
        }

        _read += read;
        if (_read > declaredBytes || (read == 0 && !buffer.IsEmpty && _read < declaredBytes))
            throw new InputException($"{name} has not the length that the archive declares: the archive is damaged, so download the product again.");
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            entry.Dispose();
            archive.Dispose();
        }

        base.Dispose(disposing);
    }
}
