using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.LocalRun;

/// <summary>Where a run reads and writes; never part of a key.</summary>
/// <param name="Out">Result folder.</param>
/// <param name="Work">Work folder; kept between runs.</param>
/// <param name="DemRoot">Folder or bucket of named elevation data sets, or null.</param>
public sealed record RunPlaces(string Out, string Work, string? DemRoot)
{
    /// <summary>The work folder unless the user names another: inside the result folder, hidden.</summary>
    public static string DefaultWork(string output) => Path.Combine(output, ".gdm-work");
}

/// <summary>What a finished job left.</summary>
/// <param name="Out">Result folder.</param>
/// <param name="Products">Files relative to it, job.json last.</param>
/// <param name="Counts">Pixels by pair and reason.</param>
/// <param name="Journal">Stages, times, warnings.</param>
public sealed record JobResult(string Out, IReadOnlyList<string> Products, StackCounts Counts, StageJournal Journal);

/// <summary>Runs a job in this process, in order, without bus or database.</summary>
public static class LocalRunner
{
    /// <exception cref="InputException">The input or the disk is at fault.</exception>
    /// <exception cref="NoValidResultException">No pixel has a valid result.</exception>
    /// <exception cref="OperationCanceledException">Stopped; finished stages stay in the work folder.</exception>
    public static JobResult Run(JobPlan plan, RunPlaces places, int threads, StageJournal journal, TimeProvider clock, CancellationToken cancellation)
    {
        bool outExisted = Directory.Exists(places.Out), workExisted = Directory.Exists(places.Work);
        var work = new StageContext(new WorkStore(places.Work), new Workers(threads, cancellation), journal);
        journal.Expect(plan.Cost.Seconds);
        foreach (string warning in plan.Warnings)
            journal.Warn(warning);
        try
        {
            var started = clock.GetUtcNow();
            var output = DisplacementPipeline.Run(plan, work);
            var products = WriteProducts.Run(plan, output, places.Out, work, started, clock);
            return new JobResult(places.Out, products, SummariseStack.ReadCounts(output.Stack, work.Store), journal);
        }
        catch
        {
            // What took minutes is kept for the next attempt; what took seconds is not worth a folder that the user did not ask for.
            if (!workExisted && !journal.Stages.Any(s => s.Stage == CorrelateTile.Stage && s.Executed > 0))
                Remove(places.Work);
            if (!outExisted && Directory.Exists(places.Out) && !Directory.EnumerateFileSystemEntries(places.Out).Any())
                Directory.Delete(places.Out);
            throw;
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
