using System.Diagnostics;

namespace GdmOptEtq.Cli.Bench;

/// <summary>What a piece of work cost this process.</summary>
/// <param name="CpuSeconds">User and system time of all threads.</param>
/// <param name="WallSeconds">Time on the clock.</param>
/// <param name="PeakMebibytes">Largest resident memory of the process while it ran.</param>
internal sealed record Cost(double CpuSeconds, double WallSeconds, double PeakMebibytes)
{
    public static (T Result, Cost Cost) Of<T>(Func<T> work)
    {
        GC.Collect();
        ForgetPeak();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        T result = work();
        clock.Stop();
        process.Refresh();
        return (result, new Cost((process.TotalProcessorTime - before).TotalSeconds, clock.Elapsed.TotalSeconds, process.PeakWorkingSet64 / 1048576.0));
    }

    // Linux keeps one peak per process; writing 5 starts it anew. Where that is not allowed the figure is the peak since the start.
    private static void ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
        }
    }
}
