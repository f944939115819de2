namespace GdmOptEtq.Cluster.Bus;

/// <summary>
/// A batch is tried again in place rather than returned: a store that is away for a minute must not use up the delivery limit of what waits for it.
/// </summary>
internal static class BatchRetry
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>True once handled; false when cancelled before.</summary>
    public static async Task<bool> UntilHandledAsync(
        IReadOnlyList<Delivery> batch, Func<IReadOnlyList<Delivery>, CancellationToken, Task> handle, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await handle(batch, cancellation);
                return true;
            }
            catch (Exception)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }

        return false;
    }
}
