using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Tests.Worker;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task A_heartbeat_names_the_unit_in_work_and_its_attempt()
    {
        // The tile fails twice, and its third attempt lasts.
        var work = new StubWork((command, cancellation) => command switch
        {
            CorrelateTile { Attempt: < 3 } => throw new InvalidDataException("not yet"),
            CorrelateTile => Task.Delay(Timeout.Infinite, cancellation),
            _ => Task.CompletedTask,
        });
        await using var cluster = await StubCluster.StartAsync(new StubPlanner(new JobShape(2, [new PairShape(0, 1, 1, 0)], 1)), work);
        var job = StubCluster.NewJob();
        await cluster.Store.AcceptAsync(job, default);
        IReadOnlyList<StoredNode> nodes = [];
        await Eventually.TrueAsync(async () => (nodes = await cluster.Store.NodesAsync(default)).Any(node => node.Heartbeat.Running.Any(unit => unit.Attempt == 3)));
        nodes.SelectMany(node => node.Heartbeat.Running).Single().ShouldBe(new RunningUnit(job.Id, 2, 3));
    }
}
