using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// The result while it is being written: a hidden folder inside the result folder. <see cref="Publish"/> renames everything into place, job.json last;
/// without it nothing remains.
/// </summary>
public sealed class ResultStaging : IDisposable
{
    private const string StagingName = "result";
    private const string ReplacedName = ".gdm-part-replaced";
    private const string LockName = ".gdm-lock";

    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(2);

    private readonly string _result;
    private readonly bool _existed;

    public ResultStaging(string result)
    {
        _result = result;
        _existed = Directory.Exists(result);
        try
        {
            RemoveAbandoned(result);
            // A name of its own: a process that hung and wakes up again must not write into the staging of the one that took its place.
            using (var name = new AtomicFile(Path.Combine(result, StagingName)))
                Folder = name.TemporaryPath;
            Directory.CreateDirectory(Folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{result} cannot be written ({cause.Message.TrimEnd('.')}): choose a folder where you may write.", cause);
        }
    }

    public string Folder { get; }

    /// <summary>Whether a run was killed while it was renaming: the next one may replace what lies there.</summary>
    public static bool WasInterrupted(string result) => Directory.Exists(Path.Combine(result, ReplacedName)) || Stagings(result).Any();

    public void Publish()
    {
        // Two processes may finish the same result at once; one after the other each leaves a whole one.
        using var turn = WaitForTurn();
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

    private static IEnumerable<string> Stagings(string result) =>
        Directory.Exists(result) ? Directory.EnumerateDirectories(result, ".*-" + StagingName).Where(AtomicFile.IsTemporary) : [];

    private static void RemoveAbandoned(string result)
    {
        foreach (string staging in Stagings(result).ToList())
        {
            if (AtomicFile.IsOrphan(staging) || DateTime.UtcNow - Directory.GetLastWriteTimeUtc(staging) > WorkStore.AbandonedAfter)
                Remove(staging);
        }
    }

    private FileStream WaitForTurn()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(_result, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException cause) when (watch.Elapsed > LockPatience)
            {
                throw new InputException($"{_result} is being written by another process ({cause.Message.TrimEnd('.')}): wait until it is done, then start again.", cause);
            }
            catch (IOException)
            {
                Thread.Sleep(50);
            }
        }
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
