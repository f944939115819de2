using System.Buffers.Binary;
using System.IO.Compression;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// Refuses archives that no honest product looks like, before any of their content is read: names that leave the folder, links, duplicates,
/// encryption, and numbers, sizes or compression ratios meant to exhaust memory or disk.
/// </summary>
internal static class ZipInspection
{
    /// <summary>An old product with 30 granules holds about 3000 entries.</summary>
    public const int MaximumEntries = 20_000;

    public const long MaximumDirectoryBytes = 16L * 1024 * 1024;

    /// <summary>The largest file of a product is a 10 m band of some 150 MB.</summary>
    public const long MaximumEntryBytes = 2L * 1024 * 1024 * 1024;

    public const long MaximumTotalBytes = 64L * 1024 * 1024 * 1024;

    /// <summary>Angle grids full of NaN reach about 60.</summary>
    public const int MaximumRatio = 200;

    /// <summary>Below this a high ratio harms nobody.</summary>
    public const long RatioFreeBytes = 4L * 1024 * 1024;

    private const int EndRecordBytes = 22;

    /// <summary>Reads the end record only: how many entries the archive claims, and how large their directory is.</summary>
    public static void CheckDirectorySize(Stream archive, string source)
    {
        int tailLength = (int)Math.Min(archive.Length, EndRecordBytes + ushort.MaxValue);
        byte[] tail = new byte[tailLength];
        archive.Seek(-tailLength, SeekOrigin.End);
        archive.ReadExactly(tail);
        for (int i = tailLength - EndRecordBytes; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) != 0x06054b50)
                continue;
            long entries = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(i + 10));
            long directoryBytes = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i + 12));
            if (entries == ushort.MaxValue || directoryBytes == uint.MaxValue)
                (entries, directoryBytes) = ReadZip64(archive, archive.Length - tailLength + i - 20, source);
            if (entries > MaximumEntries || directoryBytes > MaximumDirectoryBytes)
                throw new InputException($"{source} claims {entries} entries, far more than a Sentinel-2 product has: do not use this archive.");
            archive.Seek(0, SeekOrigin.Begin);
            return;
        }

        throw Truncated(source, null);
    }

    public static void CheckEntries(ZipArchive archive, long archiveBytes, string source)
    {
        if (archive.Entries.Count > MaximumEntries)
            throw new InputException($"{source} holds {archive.Entries.Count} entries, far more than a Sentinel-2 product has: do not use this archive.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        long total = 0, packed = 0;
        foreach (var entry in archive.Entries)
        {
            string name = entry.FullName;
            if (name.Length > 0 && !SafeNames.IsPrintable(name))
                throw new InputException($"{source} holds an entry named '{SafeNames.Printable(name)}', with characters that products never have: do not use this archive.");
            if (!SafeNames.StaysInside(name))
                throw new InputException($"{source} holds an entry named '{(name.Length > 80 ? name[..80] + "..." : name)}', which would lie outside the product or is too long: do not use this archive.");
            if (!names.Add(name.Replace('\\', '/').TrimEnd('/')))
                throw new InputException($"{source} holds the entry '{name}' twice, so that it cannot be told which one counts: download the product again.");
            if ((entry.ExternalAttributes >> 16 & 0xF000) == 0xA000)
                throw new InputException($"{source} holds the symbolic link '{name}', which products never have: do not use this archive.");
            if (entry.IsEncrypted)
                throw new InputException($"{source} is encrypted (entry '{name}'): decrypt it first and give the unprotected archive.");
            if (entry.Length > MaximumEntryBytes || (entry.Length > RatioFreeBytes && entry.Length / MaximumRatio > entry.CompressedLength))
                throw new InputException($"{source} holds the entry '{name}', which would unpack from {entry.CompressedLength} to {entry.Length} bytes, as no product does: do not use this archive.");
            total += entry.Length;
            packed += entry.CompressedLength;
        }

        if (total > MaximumTotalBytes)
            throw new InputException($"{source} would unpack to {total} bytes, far more than a Sentinel-2 product has: do not use this archive.");
        if (packed > archiveBytes)
            throw new InputException($"{source} holds entries that share the same bytes, as archives made to exhaust a disk do: do not use this archive.");
    }

    public static InputException Truncated(string source, Exception? cause)
    {
        string sentence = $"{source} is not a complete zip archive: the download was cut short or the file is damaged, so download the product again.";
        return cause is null ? new InputException(sentence) : new InputException(sentence, cause);
    }

    private static (long Entries, long DirectoryBytes) ReadZip64(Stream archive, long locatorPosition, string source)
    {
        if (locatorPosition < 0)
            throw Truncated(source, null);
        Span<byte> locator = stackalloc byte[20];
        archive.Seek(locatorPosition, SeekOrigin.Begin);
        archive.ReadExactly(locator);
        long recordPosition = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != 0x07064b50 || recordPosition < 0 || recordPosition > archive.Length - 56)
            throw Truncated(source, null);
        Span<byte> record = stackalloc byte[56];
        archive.Seek(recordPosition, SeekOrigin.Begin);
        archive.ReadExactly(record);
        long entries = BinaryPrimitives.ReadInt64LittleEndian(record[32..]), bytes = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        return (entries < 0 ? long.MaxValue : entries, bytes < 0 ? long.MaxValue : bytes);
    }
}
