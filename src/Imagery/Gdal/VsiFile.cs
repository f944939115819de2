using System.Runtime.InteropServices;
using System.Text;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>One entry of a folder.</summary>
/// <param name="Name">Name relative to the listed folder, with forward slashes.</param>
/// <param name="IsDirectory">A folder, not a file.</param>
/// <param name="Length">Bytes; 0 for folders.</param>
public sealed record VsiEntry(string Name, bool IsDirectory, long Length);

/// <summary>Files and folders wherever GDAL can read: on disk, inside a zip (/vsizip/), in a bucket (/vsis3/), by HTTP (/vsicurl/), in memory (/vsimem/).</summary>
public static unsafe class VsiFile
{
    private const int StatExistsAndNature = 1 | 2;
    private const int SeekEnd = 2;

    // struct stat of every platform we run on is smaller than this.
    private const int StatBytes = 512;

    /// <summary>What a metadata file may weigh at most; a larger one is not metadata.</summary>
    public const long MaximumBytes = 256L << 20;

    public static bool Exists(string path)
    {
        GdalLibrary.EnsureLoaded();
        byte* status = stackalloc byte[StatBytes];
        return NativeMethods.VSIStatExL(path, status, StatExistsAndNature) == 0;
    }

    public static bool IsDirectory(string path)
    {
        GdalLibrary.EnsureLoaded();
        byte* status = stackalloc byte[StatBytes];
        if (NativeMethods.VSIStatExL(path, status, StatExistsAndNature) != 0)
            return false;
        // st_mode of struct stat: after st_dev, st_ino (and st_nlink on x86-64).
        int offset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 24 : 16;
        return (*(uint*)(status + offset) & 0xF000) == 0x4000;
    }

    /// <summary>Bytes of the file.</summary>
    /// <exception cref="InputException">There is no such file.</exception>
    public static long Length(string path)
    {
        using var file = OpenRead(path);
        _ = NativeMethods.VSIFSeekL(file, 0, SeekEnd);
        return (long)NativeMethods.VSIFTellL(file);
    }

    /// <summary>The whole file.</summary>
    /// <exception cref="InputException">It is missing, damaged, or longer than <paramref name="maximumBytes"/>.</exception>
    public static byte[] ReadAllBytes(string path, long maximumBytes = MaximumBytes)
    {
        using var file = OpenRead(path);
        _ = NativeMethods.VSIFSeekL(file, 0, SeekEnd);
        long length = (long)NativeMethods.VSIFTellL(file);
        if (length > maximumBytes)
            throw new InputException($"{path} is {length} bytes long, more than the {maximumBytes} that are read: it is damaged or not what its name says.");
        _ = NativeMethods.VSIFSeekL(file, 0, 0);
        var bytes = new byte[length];
        GdalErrors.Clear();
        nuint read;
        fixed (byte* buffer = bytes)
            read = length == 0 ? 0 : NativeMethods.VSIFReadL(buffer, 1, (nuint)length, file);
        if ((long)read != length)
        {
            throw new InputException(
                $"{path} cannot be read to its end ({read} of {length} bytes; GDAL says \"{GdalErrors.Take()}\"): it is damaged or truncated; fetch it again.");
        }

        return bytes;
    }

    /// <summary>The whole file as UTF-8 text.</summary>
    public static string ReadAllText(string path, long maximumBytes = MaximumBytes) => Encoding.UTF8.GetString(ReadAllBytes(path, maximumBytes));

    /// <summary>Writes the whole file, replacing one that is there.</summary>
    /// <exception cref="GdalException">The place cannot be written.</exception>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        GdalLibrary.EnsureLoaded();
        GdalErrors.Clear();
        using var file = NativeMethods.VSIFOpenExL(path, "wb", 1);
        if (file.IsInvalid)
            throw GdalErrors.Exception($"{path} cannot be written");
        nuint written;
        fixed (byte* buffer = bytes)
            written = bytes.IsEmpty ? 0 : NativeMethods.VSIFWriteL(buffer, 1, (nuint)bytes.Length, file);
        file.Dispose();
        if ((int)written != bytes.Length || GdalErrors.Any)
            throw GdalErrors.Exception($"{path} cannot be written");
    }

    public static void Delete(string path)
    {
        GdalLibrary.EnsureLoaded();
        _ = NativeMethods.VSIUnlink(path);
    }

    /// <summary>What a folder (or a zip: /vsizip/file.zip) holds, sorted by name; with <paramref name="recursive"/> everything below it too.</summary>
    /// <exception cref="InputException">It is no folder.</exception>
    public static IReadOnlyList<VsiEntry> List(string path, bool recursive = false)
    {
        GdalLibrary.EnsureLoaded();
        GdalErrors.Clear();
        using var directory = NativeMethods.VSIOpenDir(path, recursive ? -1 : 0, 0);
        if (directory.IsInvalid)
            throw new InputException($"{path} cannot be listed (GDAL says \"{GdalErrors.Take()}\"): give a folder, or a zip file that is whole.");
        var entries = new List<VsiEntry>();
        NativeMethods.DirectoryEntry* entry;
        while ((entry = NativeMethods.VSIGetNextDirEntry(directory)) is not null)
        {
            string name = (Marshal.PtrToStringUTF8(entry->Name) ?? "").TrimEnd('/');
            bool isDirectory = entry->ModeKnown != 0 && (entry->Mode & 0xF000) == 0x4000;
            if (name is not ("" or "." or ".."))
                entries.Add(new VsiEntry(name, isDirectory, isDirectory || entry->SizeKnown == 0 ? 0 : (long)entry->Size));
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    private static VsiHandle OpenRead(string path)
    {
        GdalLibrary.EnsureLoaded();
        GdalErrors.Clear();
        var file = NativeMethods.VSIFOpenExL(path, "rb", 1);
        return file.IsInvalid
            ? throw new InputException($"{path} does not exist or cannot be read (GDAL says \"{GdalErrors.Take()}\"): check the path.")
            : file;
    }
}
