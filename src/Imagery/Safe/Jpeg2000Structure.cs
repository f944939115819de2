using System.Buffers.Binary;
using System.Text;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// Looks over a JPEG 2000 file (ISO/IEC 15444-1, annexes A and I) before a decoder sees it: sizes that no product has, lengths that do not fit, parts that are
/// missing. Decoders allocate by these numbers, and OpenJPEG 2.5 ends the whole process on some that contradict each other (docs/decisions/0018).
/// Pixels are not decoded; of a large file only the headers of its tile parts are read.
/// </summary>
internal sealed class Jpeg2000Structure
{
    /// <summary>Nine tiles of Sentinel-2 at 10 m.</summary>
    public const long MaximumPixels = 1L << 30;

    /// <summary>Tiles are decoded whole. Sentinel-2's have 1024 x 1024, files cut by GDAL may be one tile.</summary>
    private const long MaximumTilePixels = 1L << 27;

    // A preview image of 343 x 343 in tiles of 8 x 8 has 1849.
    private const int MaximumTiles = 1 << 14;
    private const int MaximumTileParts = 1 << 18;
    private const int MaximumBoxes = 64;
    private const int MaximumComponents = 16;

    // Place and metadata; Sentinel-2's have some 2000 bytes.
    private const long MaximumMetadataBytes = 1 << 20;

    private const ushort StartOfCodestream = 0xFF4F, Size = 0xFF51, CodingStyle = 0xFF52, Quantisation = 0xFF5C, StartOfTilePart = 0xFF90, StartOfData = 0xFF93, EndOfCodestream = 0xFFD9;

    private readonly Stream _stream;
    private readonly string _file;
    private readonly byte[] _buffer = new byte[64];
    private long _position;
    private int _tiles;

    private Jpeg2000Structure(Stream stream, string file)
    {
        _stream = stream;
        _file = file;
    }

    /// <summary>Reads <paramref name="stream"/> from its beginning to its end; it need not be able to seek.</summary>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="file">Name for messages.</param>
    /// <exception cref="InputException">It is no JPEG 2000 file, damaged, truncated, or absurd; the sentence says what of it.</exception>
    public static void Check(Stream stream, long length, string file)
    {
        var check = new Jpeg2000Structure(stream, file);
        try
        {
            check.Boxes(length);
        }
        catch (EndOfStreamException)
        {
            throw check.Bad("ends in the middle of a header");
        }
    }

    private void Boxes(long fileLength)
    {
        bool signature = false, header = false;
        for (int count = 0; _position < fileLength; count++)
        {
            if (count == MaximumBoxes)
                throw Bad($"has more than {MaximumBoxes} parts");
            long start = _position;
            Read(8);
            long length = BinaryPrimitives.ReadUInt32BigEndian(_buffer);
            string type = Encoding.Latin1.GetString(_buffer, 4, 4);
            if (length == 1)
            {
                Read(8);
                length = BinaryPrimitives.ReadInt64BigEndian(_buffer);
            }
            else if (length == 0)
            {
                length = fileLength - start;
            }

            if (length < _position - start || length > fileLength - start)
                throw Bad(count == 0 ? "does not begin as JPEG 2000 files do" : "has a part that is longer than the file");
            switch (type)
            {
                case "jP  ":
                    Read(4);
                    signature = count == 0 && BinaryPrimitives.ReadUInt32BigEndian(_buffer) == 0x0D0A870A;
                    break;
                case "jp2h":
                    header = true;
                    break;
                case "jp2c":
                    if (!signature || !header)
                        throw Bad("does not begin as JPEG 2000 files do");
                    Codestream(start + length);
                    // What follows the image, if anything, no decoder needs.
                    return;
            }

            if (count == 0 && !signature)
                throw Bad("does not begin as JPEG 2000 files do");
            if (length > MaximumMetadataBytes)
                throw Bad($"has a part of {length} bytes that is not its image");
            Skip(start + length - _position);
        }

        throw Bad("holds no image");
    }

    private void Codestream(long end)
    {
        if (Marker() != StartOfCodestream || Marker() != Size)
            throw Bad("holds an image that does not begin with its size");
        ReadSize();
        bool style = false, quantisation = false;
        while (true)
        {
            ushort marker = Marker();
            if (marker == StartOfTilePart)
                break;
            long segment = Segment(marker, end);
            if (marker == CodingStyle)
                style = ReadCodingStyle(segment);
            quantisation |= marker == Quantisation;
            Skip(segment - (_position - _segmentStart));
        }

        if (!style || !quantisation)
            throw Bad("does not say how its image is coded");
        TileParts(end);
    }

    private long _segmentStart;

    /// <summary>Length of a marker segment without its marker; the position is behind the length.</summary>
    private long Segment(ushort marker, long end)
    {
        if (marker < 0xFF00 || marker is StartOfCodestream or Size or StartOfTilePart or EndOfCodestream)
            throw Bad("has a header with an entry out of its place");
        _segmentStart = _position;
        Read(2);
        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer);
        if (length < 2 || _segmentStart + length > end)
            throw Bad("has a header entry that is longer than the file");
        return length;
    }

    private void ReadSize()
    {
        Read(38);
        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer), components = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(36));
        long[] sizes = [.. Enumerable.Range(0, 8).Select(i => (long)BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(4 + 4 * i)))];
        var (right, bottom, left, top, tileWidth, tileHeight, tileLeft, tileTop) = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6], sizes[7]);
        if (components is < 1 or > MaximumComponents || length != 38 + 3 * components)
            throw Bad($"claims {components} bands");
        long width = right - left, height = bottom - top;
        if (width < 1 || height < 1 || width * height > MaximumPixels || (left, top, tileLeft, tileTop) != (0, 0, 0, 0))
            throw Bad($"claims {width} x {height} pixels from ({left}, {top}) on");
        if (tileWidth < 1 || tileHeight < 1 || Math.Min(tileWidth, width) * Math.Min(tileHeight, height) * components > MaximumTilePixels)
            throw Bad($"claims tiles of {tileWidth} x {tileHeight} pixels");
        long tiles = ((width + tileWidth - 1) / tileWidth) * ((height + tileHeight - 1) / tileHeight);
        if (tiles > MaximumTiles)
            throw Bad($"claims {tiles} tiles");
        _tiles = (int)tiles;
        for (int i = 0; i < components; i++)
        {
            Read(3);
            int bits = (_buffer[0] & 0x7F) + 1;
            if ((_buffer[0] & 0x80) != 0 || bits > 16)
                throw Bad($"holds {((_buffer[0] & 0x80) != 0 ? "signed " : "")}numbers of {bits} bits, where Sentinel-2 has unsigned ones of at most 16");
            if (_buffer[1] != 1 || _buffer[2] != 1)
                throw Bad("holds bands of different resolution");
        }
    }

    /// <summary>COD: number of wavelet levels and size of the code blocks, within the limits of the standard.</summary>
    private bool ReadCodingStyle(long length)
    {
        if (length < 12)
            throw Bad("does not say how its image is coded");
        Read(10);
        int levels = _buffer[5], blockWidth = (_buffer[6] & 0xF) + 2, blockHeight = (_buffer[7] & 0xF) + 2, layers = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2));
        bool precincts = (_buffer[0] & 1) != 0;
        if (levels > 32 || layers == 0 || _buffer[1] > 4 || blockWidth > 10 || blockHeight > 10 || blockWidth + blockHeight > 12 || length != 12 + (precincts ? levels + 1 : 0))
            throw Bad("is coded in a way that the standard does not allow");
        return true;
    }

    private void TileParts(long end)
    {
        // A tile without a part has no pixels; decoders would invent them.
        var seen = new HashSet<int>();
        for (int parts = 0; ; parts++)
        {
            if (parts == MaximumTileParts)
                throw Bad($"has more than {MaximumTileParts} parts of tiles");
            long start = _position - 2;
            Read(10);
            int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer), tile = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2));
            long partLength = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(4));
            bool last = partLength == 0;
            long partEnd = last ? end : start + partLength;
            if (length != 10 || tile >= _tiles || partEnd > end || partEnd < _position + 2)
                throw Bad("has tiles that do not fit together or is truncated");
            seen.Add(tile);
            for (ushort marker = Marker(); marker != StartOfData; marker = Marker())
            {
                long segment = Segment(marker, partEnd);
                Skip(segment - 2);
            }

            if (_position > partEnd)
                throw Bad("has tiles that do not fit together");
            Skip(partEnd - _position);
            if (last)
                break;
            if (end - _position < 2)
                throw Bad("is truncated");
            ushort next = Marker();
            if (next == EndOfCodestream)
                break;
            if (next != StartOfTilePart)
                throw Bad("has tiles that do not fit together");
        }

        if (seen.Count != _tiles)
            throw Bad($"holds {seen.Count} of its {_tiles} tiles");
    }

    private ushort Marker()
    {
        Read(2);
        return BinaryPrimitives.ReadUInt16BigEndian(_buffer);
    }

    private void Read(int bytes)
    {
        _stream.ReadExactly(_buffer, 0, bytes);
        _position += bytes;
    }

    private void Skip(long bytes)
    {
        if (bytes < 0)
            throw Bad("has a header whose entries overlap");
        _position += bytes;
        if (_stream.CanSeek)
        {
            _stream.Seek(bytes, SeekOrigin.Current);
            return;
        }

        byte[] waste = new byte[Math.Min(bytes, 1 << 16)];
        for (long left = bytes; left > 0;)
        {
            int read = _stream.Read(waste, 0, (int)Math.Min(left, waste.Length));
            if (read == 0)
                throw new EndOfStreamException();
            left -= read;
        }
    }

    private InputException Bad(string what) => new($"{_file} {what}: it is no usable JPEG 2000 image of Sentinel-2; download the product again.");
}
