using System.Globalization;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// A file that appears whole or not at all: written under a hidden temporary name in the same folder, then forced to disk and renamed.
/// Disposed without <see cref="Commit"/>, it leaves nothing behind.
/// </summary>
public sealed class AtomicFile : IDisposable
{
    private const string TemporaryPrefix = ".gdm-part-";

    // Without hyphens, so that the parts of a temporary name stay apart.
    private static readonly string Host = new([.. Environment.MachineName.Where(char.IsAsciiLetterOrDigit)]);

    private bool _committed;

    /// <summary>Chooses a temporary name; creates the folder of <paramref name="path"/> if need be.</summary>
    /// <exception cref="InputException">The folder cannot be made.</exception>
    public AtomicFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        string folder = System.IO.Path.GetDirectoryName(Path)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The folder {folder} cannot be created ({cause.Message.TrimEnd('.')}): choose a place where you may write.", cause);
        }

        // The extension stays last: some drivers look at it.
        TemporaryPath = System.IO.Path.Combine(
            folder, $"{TemporaryPrefix}{Host}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..8]}-{System.IO.Path.GetFileName(Path)}");
    }

    /// <summary>The final name.</summary>
    public string Path { get; }

    /// <summary>The name to write to.</summary>
    public string TemporaryPath { get; }

    /// <summary>Writes a whole file of bytes at once.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new AtomicFile(path);
        try
        {
            File.WriteAllBytes(file.TemporaryPath, bytes);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, cause.Message, cause);
        }

        file.Commit();
    }

    public static void WriteAllText(string path, string text) => WriteAllBytes(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a file name is that of an unfinished file.</summary>
    public static bool IsTemporary(string path) => System.IO.Path.GetFileName(path).StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    /// <summary>Whether a temporary file was made on this machine by a process that no longer runs.</summary>
    public static bool IsOrphan(string path)
    {
        string name = System.IO.Path.GetFileName(path);
        if (!IsTemporary(name))
            return false;
        string[] parts = name[TemporaryPrefix.Length..].Split('-');
        return parts.Length >= 3 && parts[0] == Host && int.TryParse(parts[1], out int processId) && !IsRunning(processId);
    }

    /// <summary>Forces the bytes to disk and gives the file its name, replacing one that is there.</summary>
    /// <param name="forced">False for a file that is read at once and removed: it need not survive a failure of the power.</param>
    public void Commit(bool forced = true)
    {
        try
        {
            if (forced)
            {
                using var handle = File.OpenHandle(TemporaryPath, FileMode.Open, FileAccess.ReadWrite);
                RandomAccess.FlushToDisk(handle);
            }

            File.Move(TemporaryPath, Path, overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(Path, cause.Message, cause);
        }

        _committed = true;
    }

    public void Dispose()
    {
        if (_committed)
            return;
        try
        {
            File.Delete(TemporaryPath);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // The folder vanished or lost its permissions meanwhile: the temporary file is hidden and swept later.
        }
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    internal static InputException CannotWrite(string path, string reason, Exception cause) =>
        new($"{path} cannot be written ({reason.TrimEnd('.')}): free some space or choose a folder where you may write.", cause);
}
