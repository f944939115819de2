using System.Collections.Concurrent;
using System.Globalization;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class ComputeThreadsTests
{
    [Fact]
    public async Task A_unit_and_what_it_starts_in_parallel_run_on_threads_of_lower_priority_outside_the_pool()
    {
        using var compute = new ComputeThreads(2);
        int usual = Niceness();
        var seen = new ConcurrentBag<(string? Thread, bool OfPool, int Niceness)>();
        await Task.Factory.StartNew(
            () => new Workers(2).Rows(64, 1, (_, _) =>
            {
                seen.Add((Thread.CurrentThread.Name, Thread.CurrentThread.IsThreadPoolThread, Niceness()));
                Thread.Sleep(2);
            }),
            CancellationToken.None, TaskCreationOptions.DenyChildAttach, compute).WaitAsync(TimeSpan.FromMinutes(2));
        seen.Count.ShouldBe(64);
        seen.ShouldAllBe(one => !one.OfPool && one.Thread!.StartsWith("compute ", StringComparison.Ordinal));
        seen.ShouldAllBe(one => one.Niceness > usual);
    }

    [Fact]
    public async Task More_units_than_threads_all_end_and_a_failure_is_the_callers()
    {
        using var compute = new ComputeThreads(1);
        int sum = 0;
        var units = Enumerable.Range(1, 20).Select(number => Task.Factory.StartNew(
            () => new Workers(4).Each(10, _ => Interlocked.Add(ref sum, number)), CancellationToken.None, TaskCreationOptions.DenyChildAttach, compute));
        await Task.WhenAll(units).WaitAsync(TimeSpan.FromMinutes(2));
        sum.ShouldBe(2100);
        var failing = Task.Factory.StartNew(
            () => new Workers(2).Each(10, number => throw new InputException($"Part {number} is wrong.")), CancellationToken.None, TaskCreationOptions.DenyChildAttach, compute);
        (await Should.ThrowAsync<InputException>(failing.WaitAsync(TimeSpan.FromMinutes(2)))).Message.ShouldContain("is wrong");
    }

    // The 19th field of the line; the name, the second, may hold blanks.
    private static int Niceness()
    {
        string line = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
