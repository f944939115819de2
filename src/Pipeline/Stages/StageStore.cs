using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Outputs of stages by key: a folder of files that appears under its name only when it is complete.</summary>
public sealed class StageStore(string folder)
{
    private const string UnfinishedPrefix = ".part-";

    public string Folder { get; } = Path.GetFullPath(folder);

    public bool Has(StageKey key) => Directory.Exists(FolderOf(key));

    public string FolderOf(StageKey key) => Path.Combine(Folder, key.Value);

    public string FileOf(StageKey key, string file) => Path.Combine(FolderOf(key), file);

    /// <summary>Lets <paramref name="write"/> fill a hidden folder, then gives it the name of the key.</summary>
    public void Publish(StageKey key, Action<string> write)
    {
        string unfinished = Path.Combine(Folder, $"{UnfinishedPrefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            try
            {
                Directory.CreateDirectory(unfinished);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"The work folder {Folder} cannot be written ({cause.Message.TrimEnd('.')}): choose another with --work.", cause);
            }

            write(unfinished);
            if (!Has(key))
                Directory.Move(unfinished, FolderOf(key));
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
    }

    public void Remove(StageKey key)
    {
        if (Has(key))
            Directory.Delete(FolderOf(key), recursive: true);
    }

    /// <summary>Deletes what processes that no longer live left unfinished.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(Folder))
            return;
        foreach (string left in Directory.GetDirectories(Folder, UnfinishedPrefix + "*"))
        {
            string[] parts = Path.GetFileName(left).Split('-');
            if (parts.Length > 1 && int.TryParse(parts[1], out int owner) && !IsAlive(owner))
                Directory.Delete(left, recursive: true);
        }
    }

    private static bool IsAlive(int processId)
    {
        if (processId == Environment.ProcessId)
            return true;
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
}
