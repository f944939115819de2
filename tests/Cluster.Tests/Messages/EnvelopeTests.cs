using System.Text;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Worker;

namespace GdmOptEtq.Cluster.Tests.Messages;

/// <summary>In a rolling upgrade nodes of two versions talk to each other.</summary>
public sealed class EnvelopeTests
{
    [Fact]
    public void A_message_of_an_older_minor_version_is_read_with_defaults_for_what_it_lacks()
    {
        var beat = Read("""{"type":"NodeHeartbeat","version":1,"messageId":"m","body":{"node":"w1","roles":["aggregator"],"version":"0.1","slots":2,"draining":false,"running":[],"started":"2026-01-01T00:00:00Z"}}""")
            .Open().ShouldBeOfType<NodeHeartbeat>();
        beat.Slots.ShouldBe(2);
        beat.Sent.ShouldBeNull();
        beat.Log.ShouldBeEmpty();
    }

    [Fact]
    public void A_message_of_a_newer_minor_version_is_read_without_what_it_adds()
    {
        var tile = Read("""{"type":"CorrelateTile","version":1,"messageId":"m","traceParent":null,"colour":"green","body":{"job":"j","unit":7,"attempt":2,"hurry":{"much":true}}}""")
            .Open().ShouldBeOfType<CorrelateTile>();
        tile.ShouldBe(new CorrelateTile(new JobId("j"), 7, 2));
    }

    [Theory]
    [InlineData("""{"type":"CorrelateTile","version":2,"messageId":"m","body":{"job":"j","unit":7,"attempt":2}}""", "has version 2, and w1 understands 1 at most")]
    [InlineData("""{"type":"PaintTile","version":1,"messageId":"m","body":{"job":"j"}}""", "does not know messages of the type PaintTile")]
    [InlineData("""{"type":"CorrelateTile","version":1,"messageId":"m","body":{"job":"../x","unit":7,"attempt":2}}""", "is not what w1 expects")]
    public void What_is_not_understood_says_why(string json, string reason)
    {
        var envelope = Read(json);
        envelope.TryOpen(out _).ShouldBeFalse();
        envelope.WhyNotUnderstood("w1").ShouldContain(reason);
    }

    [Fact]
    public async Task A_worker_hands_back_a_command_of_a_newer_major_version_and_goes_on_with_the_others()
    {
        var work = new StubWork((_, _) => Task.CompletedTask);
        await using var cluster = await StubCluster.StartAsync(new StubPlanner(new JobShape(2, [new PairShape(0, 1, 3, 0)], 1)), work);
        byte[] newer = Encoding.UTF8.GetBytes("""{"type":"CorrelateTile","version":2,"messageId":"m","body":{"job":"j","unit":7,"attempt":2}}""");
        await cluster.Bus.PublishAsync([new OutgoingMessage(Queues.Correlate, newer)], default);
        var job = StubCluster.NewJob();
        await cluster.Store.AcceptAsync(job, default);
        (await cluster.UntilEndedAsync(job.Id)).Phase.ShouldBe(JobPhase.Succeeded);
        work.Begun.ShouldAllBe(command => command.Job == job.Id);
        await Eventually.TrueAsync(async () =>
            (await cluster.Bus.PeekAsync(Queues.Correlate, 5, default)).Concat(await cluster.Bus.PeekAsync(Queues.Dead, 5, default)).Any(envelope => envelope.Version == 2));
    }

    [Fact]
    public async Task A_coordinator_puts_what_it_does_not_understand_among_the_dead_letters_with_the_reason()
    {
        await using var cluster = await StubCluster.StartAsync(new StubPlanner(new JobShape(2, [new PairShape(0, 1, 3, 0)], 1)), new StubWork((_, _) => Task.CompletedTask));
        byte[] newer = Encoding.UTF8.GetBytes("""{"type":"TileCorrelated","version":2,"messageId":"m","body":{"job":"j"}}""");
        await cluster.Bus.PublishAsync([new OutgoingMessage(Queues.Coordinator, newer)], default);
        var job = StubCluster.NewJob();
        await cluster.Store.AcceptAsync(job, default);
        (await cluster.UntilEndedAsync(job.Id)).Phase.ShouldBe(JobPhase.Succeeded);
        IReadOnlyList<Envelope> dead = [];
        await Eventually.TrueAsync(async () => (dead = await cluster.Bus.PeekAsync(Queues.Dead, 5, default)).Count > 0);
        dead.Single().Type.ShouldBe("TileCorrelated");
        dead.Single().Reason.ShouldNotBeNull();
        dead.Single().Reason!.ShouldContain("upgrade");
    }

    private static Envelope Read(string json) => Envelope.Read(Encoding.UTF8.GetBytes(json));
}
