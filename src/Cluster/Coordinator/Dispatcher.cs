namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>
/// Whose unit goes out next. Only a window of units is in the queues at any time, about two per slot, so a small job submitted behind a big one waits
/// for a few tiles and not for all of them, and a cancelled job leaves next to nothing behind.
/// </summary>
public static class Dispatcher
{
    /// <summary>Units that may be out for so many slots; never so few that a lone worker waits for the coordinator.</summary>
    public static int Window(int slots) => Math.Max(4, 2 * slots);

    /// <summary>
    /// Fills the window: the next unit comes from the job of highest priority with the fewest units out, the oldest first where equal.
    /// Each decision is applied to its job at once.
    /// </summary>
    public static List<Decision> Fill(IReadOnlyCollection<JobState> jobs, int slots)
    {
        var decisions = new List<Decision>();
        int free = Window(slots) - jobs.Sum(job => job.IsFinal ? 0 : job.Count(UnitStatus.Dispatched));
        if (free <= 0)
            return decisions;
        var queue = new PriorityQueue<JobState, (int, int, string)>(jobs.Where(job => !job.IsFinal).Select(job => (job, Rank(job))));
        while (free > 0 && queue.TryDequeue(out var job, out _))
        {
            int unit = JobMachine.NextReady(job);
            if (unit < 0)
                continue;
            var decision = JobMachine.Dispatch(job, unit);
            job.Evolve(decision.Units[0]);
            decisions.Add(decision);
            free--;
            queue.Enqueue(job, Rank(job));
        }

        return decisions;
    }

    private static (int, int, string) Rank(JobState job) => (-job.Priority, job.Count(UnitStatus.Dispatched), job.Id.Value);
}
