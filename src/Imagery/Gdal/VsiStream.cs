using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>A file of GDAL's virtual file system as a stream: read only, seekable, so that a part of a remote file need not be fetched whole.</summary>
internal sealed unsafe class VsiStream : Stream
{
    private const int SeekSet = 0, SeekEnd = 2;

    private readonly VsiHandle _file;

    /// <exception cref="InputException">There is no such file.</exception>
    public VsiStream(string path)
    {
        GdalLibrary.EnsureLoaded();
        GdalErrors.Clear();
        _file = NativeMethods.VSIFOpenExL(path, "rb", 1);
        if (_file.IsInvalid)
            throw new InputException($"{path} does not exist or cannot be read (GDAL says \"{GdalErrors.Take()}\"): check the path.");
        _ = NativeMethods.VSIFSeekL(_file, 0, SeekEnd);
        Length = (long)NativeMethods.VSIFTellL(_file);
        _ = NativeMethods.VSIFSeekL(_file, 0, SeekSet);
    }

    public override long Length { get; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Position
    {
        get => (long)NativeMethods.VSIFTellL(_file);
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return buffer.IsEmpty ? 0 : (int)NativeMethods.VSIFReadL(start, 1, (nuint)buffer.Length, _file);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => Length + offset };
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        _ = NativeMethods.VSIFSeekL(_file, (ulong)target, SeekSet);
        return target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
