using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// The result while it is being written: a hidden folder inside the result folder. <see cref="Publish"/> renames everything into place, job.json last;
/// without it nothing remains.
/// </summary>
public sealed class ResultStaging : IDisposable
{
    private const string StagingName = ".gdm-part-result";
    private const string ReplacedName = ".gdm-part-replaced";

    private readonly string _result;
    private readonly bool _existed;

    public ResultStaging(string result)
    {
        _result = result;
        _existed = Directory.Exists(result);
        Folder = Path.Combine(result, StagingName);
        try
        {
            Remove(Folder);
            Directory.CreateDirectory(Folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{result} cannot be written ({cause.Message.TrimEnd('.')}): choose a folder where you may write.", cause);
        }
    }

    public string Folder { get; }

    /// <summary>Whether a run was killed while it was renaming: the next one may replace what lies there.</summary>
    public static bool WasInterrupted(string result) => Directory.Exists(Path.Combine(result, ReplacedName)) || Directory.Exists(Path.Combine(result, StagingName));

    public void Publish()
    {
        string replaced = Path.Combine(_result, ReplacedName);
        Remove(replaced);
        Directory.CreateDirectory(replaced);
        // job.json is the sign of a complete result: it goes first and comes last.
        string[] entries = [.. ProductNames.Documents.Reverse(), .. ProductNames.Folders];
        foreach (string entry in entries)
            Move(Path.Combine(_result, entry), Path.Combine(replaced, entry));
        foreach (string entry in entries.Reverse())
            Move(Path.Combine(Folder, entry), Path.Combine(_result, entry));
        Remove(replaced);
        Remove(Folder);
    }

    public void Dispose()
    {
        Remove(Folder);
        if (!_existed && Directory.Exists(_result) && !Directory.EnumerateFileSystemEntries(_result).Any())
            Directory.Delete(_result);
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
            Directory.Move(from, to);
        else if (File.Exists(from))
            File.Move(from, to);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
