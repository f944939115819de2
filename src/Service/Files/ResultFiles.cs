using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Pipeline.ResultDocuments;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;

namespace GdmOptEtq.Service.Files;

/// <summary>One file of a finished job.</summary>
/// <param name="Name">Relative to the result folder, with '/' between parts.</param>
/// <param name="Path">On this machine.</param>
public sealed record ResultFile(string Name, string Path, long Bytes, DateTimeOffset Changed)
{
    public ProductMedia Media => ProductMedia.Of(Name);

    /// <summary>Changes whenever the content may have changed; with quotes, as the header wants it.</summary>
    public string EntityTag => $"\"{Changed.UtcTicks:x}-{Bytes:x}\"";
}

/// <summary>
/// What a finished job left. A name in a request is only ever compared with the names of files that lie in the job's folder, never made into a path, so that
/// no spelling of it leads elsewhere; links and hidden files (work in progress) do not exist here.
/// </summary>
public static class ResultFiles
{
    private static readonly EnumerationOptions s_plainFiles = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        IgnoreInaccessible = true,
    };

    /// <summary>All files, sorted by name.</summary>
    /// <exception cref="ProblemException">The job has not finished, or left nothing.</exception>
    public static IReadOnlyList<ResultFile> Of(StoredJob job)
    {
        string folder = FolderOf(job);
        return [.. new DirectoryInfo(folder).EnumerateFiles("*", s_plainFiles)
            .Select(file => new ResultFile(System.IO.Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), file.FullName, file.Length, file.LastWriteTimeUtc))
            .OrderBy(file => file.Name, StringComparer.Ordinal)];
    }

    /// <summary>The file of that name.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static ResultFile Find(StoredJob job, string name) => Of(job).FirstOrDefault(file => file.Name == name)
        ?? throw new ProblemException(Problem.NotFound($"The job left no file of this name: GET /jobs/{job.Id}/files lists those there are.", "no-such-file"));

    private static string FolderOf(StoredJob job)
    {
        if (job.Phase is JobPhase.Accepted or JobPhase.Running)
            throw new ProblemException(Problem.ResultNotReady(StatusInfo.State(job.Phase)));
        bool finished = job.Phase is JobPhase.Succeeded or JobPhase.SucceededWithGaps;
        if (!finished || JobRequestText.ResultFolder(job) is not { } folder || !Directory.Exists(folder))
            throw new ProblemException(Problem.NotFound($"The job is {StatusInfo.State(job.Phase)} and has no files here: GET /jobs/{job.Id} says what became of it.", "no-files"));
        return System.IO.Path.GetFullPath(folder);
    }
}
