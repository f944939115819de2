using System.Collections.Concurrent;
using GdmOptEtq.Imagery.Gdal;

namespace GdmOptEtq.Cluster.Work;

/// <summary>
/// Threads for computing alone, of lower priority than all others of the process: the thread pool stays free for whoever asks, and an answer does not wait for a
/// tile. What a unit of work starts in parallel (<c>Workers</c>) runs here too.
/// </summary>
public sealed class ComputeThreads : TaskScheduler, IDisposable
{
    // A third of the weight of the others under Linux: enough for them to go first, and work goes on beside a busy neighbour.
    private const int Niceness = 5;

    [ThreadStatic]
    private static ComputeThreads? s_current;

    private readonly BlockingCollection<Task> _waiting = [];

    /// <param name="count">Number of threads; at least 1.</param>
    public ComputeThreads(int count)
    {
        MaximumConcurrencyLevel = count;
        for (int i = 0; i < count; i++)
            new Thread(Serve) { IsBackground = true, Name = $"compute {i + 1}", Priority = ThreadPriority.BelowNormal }.Start();
    }

    public override int MaximumConcurrencyLevel { get; }

    /// <summary>Lets the threads end when nothing waits any more.</summary>
    public void Dispose() => _waiting.CompleteAdding();

    protected override IEnumerable<Task> GetScheduledTasks() => [.. _waiting];

    protected override void QueueTask(Task task) => _waiting.Add(task);

    // Only here: elsewhere it would compute at the priority of those that answer.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => s_current == this && TryExecuteTask(task);

    private void Serve()
    {
        s_current = this;
        ThreadNiceness.Add(Niceness);
        foreach (var task in _waiting.GetConsumingEnumerable())
            TryExecuteTask(task);
    }
}
