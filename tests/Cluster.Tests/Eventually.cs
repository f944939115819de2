using System.Diagnostics;

namespace GdmOptEtq.Cluster.Tests;

/// <summary>Waiting, bounded and generous: the machine may be much slower than one thinks.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(5))
                throw new TimeoutException("The condition never came true.");
            await Task.Delay(20);
        }
    }

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));
}
