using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.WorkStore;

/// <summary>One stored result, as a clean-up sees it.</summary>
/// <param name="Length">Bytes on disk.</param>
/// <param name="LastUsed">When it was written or last opened through a store, UTC.</param>
public sealed record WorkItem(WorkKey Key, long Length, DateTime LastUsed);

/// <summary>
/// Intermediate results by key under one folder of any POSIX file system. A result appears whole or not at all (temporary name, fsync, rename), so a
/// process may be killed at any moment, and two processes may publish the same key at once: both wrote the same pixels, and the later rename wins.
/// </summary>
public sealed class WorkStore
{
    /// <summary>How old an unfinished file of another machine must be before <see cref="Sweep"/> takes it for abandoned.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    /// <summary>Opens the store, making its folder if need be, and removes what killed processes left.</summary>
    /// <exception cref="InputException">The folder cannot be made or written.</exception>
    public WorkStore(string root)
    {
        Root = System.IO.Path.GetFullPath(root);
        try
        {
            Directory.CreateDirectory(Root);
            Sweep();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The work folder {Root} cannot be used ({cause.Message.TrimEnd('.')}): choose a folder where you may write.", cause);
        }
    }

    public string Root { get; }

    /// <summary>Where the result of <paramref name="key"/> lies, or will lie.</summary>
    public string Path(WorkKey key) => System.IO.Path.Combine(Root, key.Stage, key.Value);

    public bool Contains(WorkKey key) => File.Exists(Path(key));

    /// <summary>Opens a result made by <see cref="Create"/>.</summary>
    /// <exception cref="InputException">There is none, or the file is damaged.</exception>
    public WorkEntry Open(WorkKey key)
    {
        var entry = WorkEntry.Open(Path(key));
        try
        {
            File.SetLastAccessTimeUtc(Path(key), DateTime.UtcNow);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // A store that may only be read keeps no record of use.
        }

        return entry;
    }

    /// <summary>Starts a result of several rasters; it appears with <see cref="WorkEntryWriter.Publish"/>.</summary>
    public WorkEntryWriter Create(WorkKey key, params IReadOnlyList<RasterLayout> rasters) => new(Path(key), rasters);

    /// <summary>Publishes a file of any format, written by <paramref name="write"/> to the temporary path it is given.</summary>
    public void Publish(WorkKey key, Action<string> write)
    {
        using var file = new AtomicFile(Path(key));
        write(file.TemporaryPath);
        file.Commit();
    }

    /// <summary>Moves a result out of the store: renamed on the same file system, else copied; it appears under <paramref name="path"/> whole or not at all.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="InputException">The place cannot be written.</exception>
    public bool TryMove(WorkKey key, string path)
    {
        using var place = new AtomicFile(path);
        try
        {
            File.Move(Path(key), place.TemporaryPath);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException && !Contains(key))
        {
            return false;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, cause.Message, cause);
        }

        place.Commit();
        return true;
    }

    /// <summary>Publishes a whole displacement field; read back by <see cref="WorkEntry.ReadField(Window)"/>.</summary>
    public void Publish(WorkKey key, DisplacementField field)
    {
        using var writer = Create(key, WorkEntry.FieldLayout(field.Width, field.Height));
        writer.WriteField(field, 0, 0);
        writer.Publish();
    }

    /// <summary>Everything that is stored, sorted by key.</summary>
    public IReadOnlyList<WorkItem> List()
    {
        var items = new List<WorkItem>();
        foreach (var file in new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (AtomicFile.IsTemporary(file.Name) || !WorkKey.TryParse(file.Name, out var key))
                continue;
            items.Add(new WorkItem(key, file.Length, file.LastAccessTimeUtc > file.LastWriteTimeUtc ? file.LastAccessTimeUtc : file.LastWriteTimeUtc));
        }

        items.Sort(static (a, b) => string.CompareOrdinal(a.Key.Value, b.Key.Value));
        return items;
    }

    /// <summary>Deletes a result; whoever has it open may read on. True when it was there.</summary>
    public bool Remove(WorkKey key)
    {
        bool present = Contains(key);
        File.Delete(Path(key));
        return present;
    }

    /// <summary>Deletes unfinished files of processes that no longer run here, and of other machines when older than <see cref="AbandonedAfter"/>.</summary>
    /// <returns>How many were deleted.</returns>
    public int Sweep()
    {
        int deleted = 0;
        foreach (var file in new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (!AtomicFile.IsTemporary(file.Name) || !(AtomicFile.IsOrphan(file.Name) || DateTime.UtcNow - file.LastWriteTimeUtc > AbandonedAfter))
                continue;
            try
            {
                file.Delete();
                deleted++;
            }
            catch (IOException)
            {
                // Another process swept it at the same moment.
            }
        }

        return deleted;
    }
}
