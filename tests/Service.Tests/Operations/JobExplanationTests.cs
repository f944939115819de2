using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Service.Tests.Operations;

public sealed class JobExplanationTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly JobShape Shape = new(2, [new PairShape(0, 1, 8, 0)], 1);
    private static readonly CoordinatorStanding Coordinator = new("c1", 1, Now.AddSeconds(10));

    [Fact]
    public void A_job_that_nobody_plans_waits_for_a_coordinator() =>
        Words(Job(JobPhase.Accepted) with { Shape = null }, [], [], [], null).ShouldContain("Nobody coordinates");

    [Fact]
    public void A_job_whose_workers_are_away_or_draining_says_what_to_start_or_undrain()
    {
        var units = Units();
        Words(Job(JobPhase.Running), units, [], [], Coordinator).ShouldContain("needs a correlation-worker, and none answers: start one");
        Words(Job(JobPhase.Running), units, [], [Node("w1", draining: true)], Coordinator).ShouldContain("all of them are draining: undrain one");
        Words(Job(JobPhase.Running), units, [], [Node("w1") with { Seen = Now.AddMinutes(-2) }], Coordinator).ShouldContain("none answers: start one");
        var matched = units.Select(unit => Shape.StageOf(unit.Unit) <= UnitStage.Correlate ? unit with { Status = UnitStatus.Done } : unit).ToList();
        Words(Job(JobPhase.Running), matched, [], [Node("w1")], Coordinator).ShouldContain("needs an aggregator, and none answers");
    }

    [Fact]
    public void A_running_job_says_how_long_the_rest_takes_and_which_tile_was_slow()
    {
        var units = Units();
        for (int tile = 2; tile < 7; tile++)
            units[tile] = units[tile] with { Status = UnitStatus.Done, Worker = tile == 5 ? "w9" : "w1", Seconds = tile == 5 ? 100 : 10 };
        string words = Words(Job(JobPhase.Running), units, [], [Node("w1", running: 7), Node("w2")], Coordinator);
        words.ShouldContain("1 of its units are in work; 2 correlation-workers with 2 slots answer, 0 of the slots work for other jobs.");
        words.ShouldContain("Tile 4 of 8, pair 1 of 1 took 100.0 s on w9, the middle one 10.0 s");
        words.ShouldContain("3 tiles are left; a tile takes 10.0 s, so 2 slots need about 20 s");
    }

    [Fact]
    public void A_node_on_which_units_fail_again_and_again_is_named()
    {
        var history = Enumerable.Range(1, 3).Select(attempt => new HistoryLine(Now, 2, "waiting", attempt, "w3", "the disk is broken")).ToList();
        var answer = JobExplanation.Of(Job(JobPhase.Running), Units(), history, [Node("w1")], Coordinator, new JobPolicy(), Now);
        answer.Failures.Count.ShouldBe(3);
        string words = string.Join('\n', answer.Sentences);
        words.ShouldContain("3 of the 3 bad attempts were on w3: if only that node fails, drain it ('gdm ops node drain w3')");
        words.ShouldContain("1 units failed at first and were tried again; the most frequent reason (3 times): the disk is broken.");
    }

    [Fact]
    public void What_is_handed_back_is_no_failure()
    {
        HistoryLine[] history = [new(Now, 2, "waiting", 1, "w1", "handed back"), new(Now, 2, "dispatched", 2, null, null)];
        JobExplanation.Of(Job(JobPhase.Running), Units(), history, [Node("w1")], Coordinator, new JobPolicy(), Now).Failures.ShouldBeEmpty();
    }

    private static string Words(StoredJob job, IReadOnlyList<StoredUnit> units, IReadOnlyList<HistoryLine> history, IReadOnlyList<StoredNode> nodes, CoordinatorStanding? standing) =>
        string.Join('\n', JobExplanation.Of(job, units, history, nodes, standing, new JobPolicy(), Now).Sentences);

    private static List<StoredUnit> Units() => [.. Enumerable.Range(0, Shape.Units).Select(unit => new StoredUnit(unit, unit < 2 ? UnitStatus.Done : UnitStatus.Waiting, 1, 0, null, null, 0, Now))];

    private static StoredJob Job(JobPhase phase) =>
        new(new JobId("j1"), "", "", "{}", phase, "planned", 0, Now.AddMinutes(-5), Now.AddMinutes(-4), null, Now, Shape, 2, Shape.Units, 0);

    private static StoredNode Node(string name, bool draining = false, int? running = null) =>
        new(new NodeHeartbeat(name, [NodeRoles.CorrelationWorker], "1", 1, draining, running is { } unit ? [new RunningUnit(new JobId("j1"), unit, 1)] : [], Now), Now);
}
