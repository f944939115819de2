using System.Runtime.ExceptionServices;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// The one way to use several cores: bands of rows, cut the same way whatever the number of threads, so that the result never depends on it.
/// </summary>
/// <param name="Threads">How many threads may work at once; at least 1.</param>
/// <param name="Cancellation">Checked between bands.</param>
public readonly record struct Workers(int Threads, CancellationToken Cancellation = default)
{
    public static Workers Single => new(1);

    public static Workers AllCores => new(Environment.ProcessorCount);

    /// <summary>Calls <paramref name="body"/> for every band [first, afterLast) of <paramref name="rowsPerBand"/> rows.</summary>
    public void Rows(int height, int rowsPerBand, Action<int, int> body) =>
        Rows(height, rowsPerBand, static () => (object?)null, (first, afterLast, _) => body(first, afterLast));

    /// <summary>As <see cref="Rows(int, int, Action{int, int})"/>, with scratch memory made once per thread.</summary>
    public void Rows<TScratch>(int height, int rowsPerBand, Func<TScratch> createScratch, Action<int, int, TScratch> body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerBand, 1);
        int bands = (height + rowsPerBand - 1) / rowsPerBand;
        if (Threads <= 1 || bands <= 1)
        {
            var scratch = createScratch();
            for (int band = 0; band < bands; band++)
            {
                Cancellation.ThrowIfCancellationRequested();
                body(band * rowsPerBand, Math.Min(height, (band + 1) * rowsPerBand), scratch);
            }

            return;
        }

        // Where the caller runs: a service computes on threads of its own.
        var options = new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = Cancellation, TaskScheduler = TaskScheduler.Current };
        try
        {
            Parallel.For(0, bands, options, createScratch, (band, _, scratch) =>
            {
                body(band * rowsPerBand, Math.Min(height, (band + 1) * rowsPerBand), scratch);
                return scratch;
            }, static _ => { });
        }
        catch (AggregateException several)
        {
            // What fails on one thread fails in the same words on several.
            ExceptionDispatchInfo.Throw(several.Flatten().InnerExceptions.FirstOrDefault(one => one is not OperationCanceledException) ?? several.InnerExceptions[0]);
        }
    }

    /// <summary>Calls <paramref name="body"/> for every index below <paramref name="count"/>.</summary>
    public void Each(int count, Action<int> body) => Rows(count, 1, (first, _) => body(first));

    /// <summary>
    /// Calls <paramref name="body"/> for every index below <paramref name="count"/>, up to <paramref name="abreast"/> at once, each with its share of the threads: for
    /// large pieces of work that need more memory than can be had for every thread. After a failure no other begins.
    /// </summary>
    public void Abreast(int count, int abreast, Action<int, Workers> body)
    {
        var all = this;
        int lanes = Math.Max(1, Math.Min(Math.Min(abreast, Threads), count)), next = 0;
        bool failed = false;
        Each(lanes, _ =>
        {
            try
            {
                while (!Volatile.Read(ref failed))
                {
                    // Before an index is taken: one that is taken is also worked on.
                    all.Cancellation.ThrowIfCancellationRequested();
                    int i = Interlocked.Increment(ref next) - 1;
                    if (i >= count)
                        break;
                    // The last ones share what the others leave.
                    int beside = i < count - count % lanes ? lanes : count % lanes;
                    body(i, all with { Threads = all.Threads / beside });
                }
            }
            catch
            {
                Volatile.Write(ref failed, true);
                throw;
            }
        });
    }

    /// <summary>As <see cref="Abreast"/>, with what is made handed over in the order of the indices; no more values exist at any time than are made at once.</summary>
    /// <param name="take">Is given index, value and the threads that made it, after all before it; on any thread, never on two at once.</param>
    public void InOrder<T>(int count, int abreast, Func<int, Workers, T> make, Action<int, T, Workers> take)
    {
        var gate = new object();
        int turn = 0;
        bool failed = false;
        Abreast(count, abreast, (i, share) =>
        {
            bool taken = false;
            try
            {
                if (Volatile.Read(ref failed))
                    return;
                var value = make(i, share);
                // Whoever has an index before this one is at work already, so the wait ends.
                lock (gate)
                {
                    while (turn != i && !failed)
                        Monitor.Wait(gate);
                    if (failed)
                        return;
                }

                take(i, value, share);
                taken = true;
            }
            finally
            {
                lock (gate)
                {
                    turn++;
                    failed |= !taken;
                    Monitor.PulseAll(gate);
                }
            }
        });
    }
}
