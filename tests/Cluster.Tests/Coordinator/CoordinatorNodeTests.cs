using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Tests.Worker;

namespace GdmOptEtq.Cluster.Tests.Coordinator;

public sealed class CoordinatorNodeTests
{
    [Fact]
    public async Task Finished_jobs_are_forgotten()
    {
        var work = new StubWork((_, _) => Task.CompletedTask);
        await using var cluster = await StubCluster.StartAsync(new StubPlanner(new JobShape(2, [new PairShape(0, 1, 40, 0)], 1)), work, workers: 2, slots: 4);
        var jobs = Enumerable.Range(0, 12).Select(_ => StubCluster.NewJob()).ToList();
        foreach (var job in jobs)
            await cluster.Store.AcceptAsync(job, default);
        foreach (var job in jobs)
            (await cluster.UntilEndedAsync(job.Id)).Phase.ShouldBe(JobPhase.Succeeded);
        await Eventually.TrueAsync(() => cluster.OpenJobs == 0);
    }
}
