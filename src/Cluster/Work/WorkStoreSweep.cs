using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cluster.Work;

/// <summary>What a sweep would remove, and what it would leave.</summary>
/// <param name="Entries">Intermediate results that no job needs.</param>
/// <param name="Requests">Request files of jobs that are no longer in the store.</param>
/// <param name="Bytes">Freed by removing both.</param>
/// <param name="KeptEntries">Intermediate results that stay.</param>
/// <param name="KeptBytes">Their bytes.</param>
public sealed record SweepPlan(IReadOnlyList<WorkItem> Entries, IReadOnlyList<string> Requests, long Bytes, int KeptEntries, long KeptBytes);

/// <summary>What a sweep removed.</summary>
/// <param name="Removed">Files.</param>
/// <param name="Bytes">Freed.</param>
/// <param name="Spared">Planned files that somebody began to use meanwhile, or that could not be removed.</param>
public sealed record SweepResult(int Removed, long Bytes, int Spared);

/// <summary>
/// Frees the work store of what no job needs. An intermediate result was last used at some moment; it is needed by every job that is open, or that ended
/// in a way that can still be retried, and that lived at that moment. Only a job that succeeded without gaps, or was deleted, needs nothing any more. Should
/// a job need a result that is gone all the same, the stage makes it anew: a sweep can cost time, never correctness.
/// </summary>
public sealed class WorkStoreSweep(string workFolder, IJobStore store, TimeProvider time)
{
    /// <summary>Clocks of the nodes, the file server and the database may differ by so much.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(10);

    private static readonly JobPhase[] Needing = [JobPhase.Accepted, JobPhase.Running, JobPhase.SucceededWithGaps, JobPhase.Failed, JobPhase.Cancelled];

    /// <summary>Looks, and removes nothing.</summary>
    /// <param name="keep">What was used within this time stays whoever used it, e.g. for a job submitted again with another filter.</param>
    /// <param name="cancellation">Stops looking.</param>
    /// <exception cref="InputException">The folder cannot be used.</exception>
    public async Task<SweepPlan> PlanAsync(TimeSpan keep, CancellationToken cancellation)
    {
        // Listed before the jobs are asked for: what a job makes that is accepted meanwhile is not in the list.
        var items = new WorkStore(workFolder).List();
        var requests = RequestFiles();
        var jobs = await store.ListAsync(new JobQuery { Limit = int.MaxValue }, cancellation);
        var needs = jobs.Where(job => Needing.Contains(job.Phase)).Select(job => (From: job.Created - ClockSlack, To: (job.Finished ?? DateTimeOffset.MaxValue - ClockSlack) + ClockSlack)).ToList();
        var known = jobs.Select(job => job.Id.Value).ToHashSet();
        var now = time.GetUtcNow();
        bool Needed(WorkItem item) => now - item.LastUsed < keep || needs.Any(need => item.LastUsed >= need.From && item.LastUsed <= need.To);
        var unneeded = items.Where(item => !Needed(item)).ToList();
        var orphans = requests.Where(file => !known.Contains(Path.GetFileNameWithoutExtension(file.Name)) && now - file.LastWriteTimeUtc > ClockSlack).ToList();
        long freed = unneeded.Sum(item => item.Length);
        return new SweepPlan(
            unneeded, [.. orphans.Select(file => file.FullName)], freed + orphans.Sum(file => file.Length), items.Count - unneeded.Count, items.Sum(item => item.Length) - freed);
    }

    /// <summary>Removes what <paramref name="plan"/> names, except what has been used since.</summary>
    public SweepResult Run(SweepPlan plan, CancellationToken cancellation)
    {
        var work = new WorkStore(workFolder);
        int removed = 0, spared = 0;
        long bytes = 0;
        foreach (var item in plan.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            var file = new FileInfo(work.Path(item.Key));
            bool used = file.Exists && (file.LastAccessTimeUtc > file.LastWriteTimeUtc ? file.LastAccessTimeUtc : file.LastWriteTimeUtc) > item.LastUsed;
            Remove(file, used);
        }

        foreach (string request in plan.Requests)
            Remove(new FileInfo(request), used: false);
        return new SweepResult(removed, bytes, spared);

        void Remove(FileInfo file, bool used)
        {
            if (!file.Exists)
                return;
            long length = file.Length;
            if (used || !TryDelete(file))
            {
                spared++;
                return;
            }

            removed++;
            bytes += length;
        }
    }

    private static bool TryDelete(FileInfo file)
    {
        try
        {
            file.Delete();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private IReadOnlyList<FileInfo> RequestFiles()
    {
        var folder = new DirectoryInfo(PipelineWork.RequestFolder(workFolder));
        return folder.Exists ? [.. folder.EnumerateFiles("*.json").Where(file => JobId.IsWellFormed(Path.GetFileNameWithoutExtension(file.Name)))] : [];
    }
}
