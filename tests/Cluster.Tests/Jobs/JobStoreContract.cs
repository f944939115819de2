using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;

namespace GdmOptEtq.Cluster.Tests.Jobs;

/// <summary>What every job store must do; run against each engine.</summary>
public abstract class JobStoreContract
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly JobShape Shape = new(2, [new PairShape(0, 1, 3, 0)], 1);

    protected abstract Task<IJobStore> OpenAsync();

    protected static StoredJob NewJob(string owner = "", int priority = 0) => new(
        JobId.New(TimeProvider.System), owner, "title", "{}", JobPhase.Accepted, "", priority, DateTimeOffset.UtcNow, null, null, DateTimeOffset.UtcNow, null, 0, 0, 0);

    protected async Task An_accepted_job_is_found_and_its_start_waits_in_the_outbox()
    {
        await using var store = await OpenAsync();
        var job = NewJob("anna");
        (await store.AcceptAsync(job, None)).ShouldBeTrue();
        (await store.AcceptAsync(job, None)).ShouldBeFalse();
        var found = await store.FindAsync(job.Id, None);
        found.ShouldNotBeNull();
        found.Owner.ShouldBe("anna");
        found.Phase.ShouldBe(JobPhase.Accepted);
        var outbox = await store.OutboxAsync(1000, None);
        outbox.Count(message => Envelope.Read(message.Body).Open() is StartJob start && start.Job == job.Id).ShouldBe(1);
    }

    protected async Task An_entered_job_waits_until_it_is_started_and_starts_once()
    {
        await using var store = await OpenAsync();
        var job = NewJob("enter") with { Message = "fetching", Process = "echo" };
        (await store.EnterAsync(job, None)).ShouldBeTrue();
        (await store.EnterAsync(job, None)).ShouldBeFalse();
        var entered = (await store.FindAsync(job.Id, None))!;
        (entered.Message, entered.Process, entered.Phase).ShouldBe(("fetching", "echo", JobPhase.Accepted));
        (await Starts()).ShouldBe(0);
        (await store.StartAsync(job.Id, """{"ready":true}""", None)).ShouldBeTrue();
        (await store.FindAsync(job.Id, None))!.Request.ShouldBe("""{"ready":true}""");
        (await Starts()).ShouldBe(1);
        await store.CommitAsync([new Decision(job.Id, [], JobPhase.Cancelled, "dismissed", [])], null, None);
        (await store.StartAsync(job.Id, "{}", None)).ShouldBeFalse();
        await store.NoteAsync(job.Id, "told", "because", None);
        (await store.HistoryAsync(job.Id, None)).ShouldContain(line => line.What == "told" && line.Reason == "because");

        async Task<int> Starts() => (await store.OutboxAsync(100000, None)).Count(message => Envelope.Read(message.Body).Open() is StartJob start && start.Job == job.Id);
    }

    protected async Task Jobs_are_found_by_process_and_run_time()
    {
        await using var store = await OpenAsync();
        string owner = Guid.NewGuid().ToString("N");
        var waits = NewJob(owner) with { Process = "echo" };
        var runs = NewJob(owner);
        await store.EnterAsync(waits, None);
        await store.EnterAsync(runs, None);
        await store.CommitAsync([new Decision(runs.Id, [], JobPhase.Running, "running", [])], null, None);
        await Task.Delay(30);
        (await store.ListAsync(new JobQuery { Owner = owner, Process = "echo" }, None)).Select(job => job.Id).ShouldBe([waits.Id]);
        (await store.ListAsync(new JobQuery { Owner = owner, MinimumSeconds = 0.01 }, None)).Select(job => job.Id).ShouldBe([runs.Id]);
        (await store.ListAsync(new JobQuery { Owner = owner, MinimumSeconds = 3600 }, None)).ShouldBeEmpty();
        (await store.ListAsync(new JobQuery { Owner = owner, MaximumSeconds = 3600 }, None)).Select(job => job.Id).ShouldBe([runs.Id]);
    }

    protected async Task Who_coordinates_and_what_time_it_is_can_be_asked()
    {
        await using var store = await OpenAsync();
        var clock = await store.ClockAsync(None);
        (clock - DateTimeOffset.UtcNow).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        string holder = $"asked-{Guid.NewGuid():N}";
        CoordinatorLease? lease = null;
        for (int i = 0; i < 600 && lease is null; i++)
        {
            lease = await store.LeaseAsync(holder, TimeSpan.FromSeconds(60), None);
            await Task.Delay(lease is null ? 100 : 0);
        }

        var standing = await store.CoordinatorAsync(None);
        standing!.Holder.ShouldBe(holder);
        standing.Term.ShouldBe(lease!.Term);
        standing.Until.ShouldBeGreaterThan(DateTimeOffset.UtcNow);
        await store.ReleaseAsync(lease, None);
        (await store.CoordinatorAsync(None)).ShouldBeNull();
    }

    protected async Task A_tile_is_counted_once_however_often_it_is_reported()
    {
        await using var store = await OpenAsync();
        var job = NewJob();
        await store.AcceptAsync(job, None);
        await store.PlanAsync(job.Id, Shape, None);
        await store.PlanAsync(job.Id, Shape, None);
        var done = new Decision(job.Id, [new UnitChange(2, UnitStatus.Done, 1, 0, "w1", null, 1.5)], null, null, []);
        await store.CommitAsync([new Decision(job.Id, [new UnitChange(2, UnitStatus.Dispatched, 1, 0)], JobPhase.Running, "planned", [])], null, None);
        await store.CommitAsync([done], null, None);
        var late = new Decision(job.Id, [new UnitChange(2, UnitStatus.Dispatched, 2, 0)], null, null, []);
        await store.CommitAsync([late], null, None);
        var units = await store.UnitsAsync(job.Id, None);
        units.Count.ShouldBe(Shape.Units);
        units[2].Status.ShouldBe(UnitStatus.Done);
        units[2].Worker.ShouldBe("w1");
        units[2].Seconds.ShouldBe(1.5);
        var found = await store.FindAsync(job.Id, None);
        found!.UnitsDone.ShouldBe(1);
        found.UnitsTotal.ShouldBe(Shape.Units);
        found.Started.ShouldNotBeNull();
        found.Shape.ShouldBe(Shape);
    }

    protected async Task Messages_of_a_decision_leave_through_the_outbox_in_order_and_once()
    {
        await using var store = await OpenAsync();
        await store.SentAsync([.. (await store.OutboxAsync(100000, None)).Select(message => message.Number)], None);
        var job = NewJob();
        await store.CommitAsync([new Decision(job.Id, [], null, null, [new CorrelateTile(job.Id, 2, 1), new CorrelateTile(job.Id, 3, 1)])], null, None);
        var outbox = await store.OutboxAsync(10, None);
        outbox.Select(message => ((CorrelateTile)Envelope.Read(message.Body).Open()!).Unit).ShouldBe([2, 3]);
        await store.SentAsync([outbox[0].Number], None);
        (await store.OutboxAsync(10, None)).Select(message => message.Number).ShouldBe([outbox[1].Number]);

        // The next decision forgets what left before it, and its own message waits.
        await store.CommitAsync([new Decision(job.Id, [], null, null, [new CorrelateTile(job.Id, 4, 1)])], null, [outbox[1].Number], None);
        (await store.OutboxAsync(10, None)).ShouldHaveSingleItem().Number.ShouldBeGreaterThan(outbox[1].Number);
    }

    protected async Task What_left_stays_in_the_outbox_when_the_lease_is_lost()
    {
        await using var store = await OpenAsync();
        var job = NewJob();
        await store.CommitAsync([new Decision(job.Id, [], null, null, [new CorrelateTile(job.Id, 2, 1)])], null, None);
        long last = (await store.OutboxAsync(100000, None))[^1].Number;
        (await store.CommitAsync([new Decision(job.Id, [], null, null, [])], new CoordinatorLease("nobody", -1), [last], None)).ShouldBeFalse();
        (await store.OutboxAsync(100000, None)).ShouldContain(message => message.Number == last);
        await store.SentAsync([last], None);
    }

    protected async Task Only_the_holder_of_the_lease_may_decide()
    {
        await using var store = await OpenAsync();
        var job = NewJob();
        await store.AcceptAsync(job, None);
        var first = await store.LeaseAsync("a", TimeSpan.FromMilliseconds(1), None);
        first.ShouldNotBeNull();
        await Task.Delay(20);
        var second = await store.LeaseAsync("b", TimeSpan.FromMinutes(1), None);
        second.ShouldNotBeNull();
        second.Term.ShouldBe(first.Term + 1);
        (await store.LeaseAsync("a", TimeSpan.FromMinutes(1), None)).ShouldBeNull();
        (await store.CommitAsync([new Decision(job.Id, [], JobPhase.Failed, "stale", [])], first, None)).ShouldBeFalse();
        (await store.FindAsync(job.Id, None))!.Phase.ShouldBe(JobPhase.Accepted);
        (await store.CommitAsync([new Decision(job.Id, [], JobPhase.Failed, "bad input", [])], second, None)).ShouldBeTrue();
        await store.ReleaseAsync(second, None);
        (await store.LeaseAsync("a", TimeSpan.FromMilliseconds(1), None)).ShouldNotBeNull();
        await Task.Delay(20);
    }

    protected async Task Every_change_is_kept_with_its_reason()
    {
        await using var store = await OpenAsync();
        var job = NewJob();
        await store.AcceptAsync(job, None);
        await store.PlanAsync(job.Id, Shape, None);
        await store.CommitAsync(
            [new Decision(job.Id, [new UnitChange(3, UnitStatus.Failed, 5, 5, "w2", "B04.jp2 is truncated")], JobPhase.Failed, "every tile failed", [])], null, None);
        await store.RequestAsync(new RetryJob(job.Id), "operator", None);
        var history = await store.HistoryAsync(job.Id, None);
        history.ShouldContain(line => line.Unit == 3 && line.Attempt == 5 && line.Worker == "w2" && line.Reason == "B04.jp2 is truncated");
        history.ShouldContain(line => line.What == "failed" && line.Reason == "every tile failed");
        history[^1].Reason.ShouldBe("operator");
        (await store.FindAsync(job.Id, None))!.TilesFailed.ShouldBe(1);
    }

    protected async Task Jobs_are_listed_by_owner_phase_and_page_newest_first()
    {
        await using var store = await OpenAsync();
        string owner = Guid.NewGuid().ToString("N");
        var jobs = new List<StoredJob>();
        for (int i = 0; i < 5; i++)
        {
            jobs.Add(NewJob(owner));
            await store.AcceptAsync(jobs[i], None);
            await Task.Delay(2);
        }

        await store.CommitAsync([new Decision(jobs[4].Id, [], JobPhase.Cancelled, "by its owner", [])], null, None);
        var page = await store.ListAsync(new JobQuery { Owner = owner, Offset = 1, Limit = 2 }, None);
        page.Select(job => job.Id).ShouldBe([jobs[3].Id, jobs[2].Id]);
        (await store.ListAsync(new JobQuery { Owner = owner, Phases = [JobPhase.Cancelled] }, None)).Single().Id.ShouldBe(jobs[4].Id);
        (await store.ListAsync(new JobQuery { Owner = owner, Phases = [] }, None)).ShouldBeEmpty();
        (await store.DeleteAsync(jobs[0].Id, None)).ShouldBeFalse();
        (await store.DeleteAsync(jobs[4].Id, None)).ShouldBeTrue();
        (await store.FindAsync(jobs[4].Id, None)).ShouldBeNull();
    }

    protected async Task Writers_at_the_same_time_lose_nothing()
    {
        await using var store = await OpenAsync();
        var shape = new JobShape(2, [new PairShape(0, 1, 60, 0)], 1);
        var job = NewJob();
        await store.AcceptAsync(job, None);
        await store.PlanAsync(job.Id, shape, None);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(tile => Task.Run(() =>
            store.CommitAsync([new Decision(job.Id, [new UnitChange(2 + tile, UnitStatus.Done, 1, 0, "w")], null, null, [])], null, None))));
        (await store.FindAsync(job.Id, None))!.UnitsDone.ShouldBe(60);
    }

    protected async Task A_node_is_remembered_as_it_last_described_itself()
    {
        await using var store = await OpenAsync();
        string name = Guid.NewGuid().ToString("N");
        var beat = new NodeHeartbeat(name, [NodeRoles.Aggregator], "1.0", 2, false, [new RunningUnit(new JobId("j"), 7, 1)], DateTimeOffset.UtcNow);
        await store.SeenAsync([beat], None);
        await store.SeenAsync([beat with { Draining = true }], None);
        var node = (await store.NodesAsync(None)).Single(node => node.Heartbeat.Node == name);
        node.Heartbeat.Draining.ShouldBeTrue();
        node.Heartbeat.Running.Single().Unit.ShouldBe(7);
        await store.ForgetNodeAsync(name, None);
        (await store.NodesAsync(None)).ShouldNotContain(other => other.Heartbeat.Node == name);
    }
}

public sealed class SqliteJobStoreTests : JobStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gdm-test-sqlite-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override async Task<IJobStore> OpenAsync()
    {
        var store = new SqliteJobStore(Path.Combine(_folder, "jobs.db"), TimeProvider.System);
        await store.MigrateAsync(CancellationToken.None);
        return store;
    }

    [Fact]
    public Task Accepts() => An_accepted_job_is_found_and_its_start_waits_in_the_outbox();

    [Fact]
    public Task Enters() => An_entered_job_waits_until_it_is_started_and_starts_once();

    [Fact]
    public Task Finds_by_process() => Jobs_are_found_by_process_and_run_time();

    [Fact]
    public Task Tells_who_coordinates() => Who_coordinates_and_what_time_it_is_can_be_asked();

    [Fact]
    public Task Counts() => A_tile_is_counted_once_however_often_it_is_reported();

    [Fact]
    public Task Sends() => Messages_of_a_decision_leave_through_the_outbox_in_order_and_once();

    [Fact]
    public Task Keeps_unsent() => What_left_stays_in_the_outbox_when_the_lease_is_lost();

    [Fact]
    public Task Leases() => Only_the_holder_of_the_lease_may_decide();

    [Fact]
    public Task Remembers() => Every_change_is_kept_with_its_reason();

    [Fact]
    public Task Lists() => Jobs_are_listed_by_owner_phase_and_page_newest_first();

    [Fact]
    public Task Serialises() => Writers_at_the_same_time_lose_nothing();

    [Fact]
    public Task Knows_nodes() => A_node_is_remembered_as_it_last_described_itself();

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named_in_one_sentence()
    {
        await using var store = new SqliteJobStore("/nonexistent/jobs.db", TimeProvider.System);
        var error = await Should.ThrowAsync<JobStoreException>(() => store.MigrateAsync(CancellationToken.None));
        error.Message.ShouldContain("/nonexistent/jobs.db");
    }

    [Fact]
    public async Task The_tables_of_a_newer_program_serve_this_one_and_are_left_as_they_are()
    {
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, "jobs.db")}"))
        {
            await using (await OpenAsync())
                await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText =
                """
                UPDATE schema_version SET version = 99;
                ALTER TABLE job ADD COLUMN colour TEXT NOT NULL DEFAULT 'green'; ALTER TABLE unit ADD COLUMN watts REAL; ALTER TABLE outbox ADD COLUMN hurry INT NOT NULL DEFAULT 0;
                CREATE TABLE garden (number INT)
                """;
            await command.ExecuteNonQueryAsync();
        }

        // Started again, as an old node is when it dies in the middle of an upgrade.
        await using (await OpenAsync())
            await A_tile_is_counted_once_however_often_it_is_reported();
        await Messages_of_a_decision_leave_through_the_outbox_in_order_and_once();
        await using var store = await OpenAsync();
        (await store.VersionAsync(CancellationToken.None)).ShouldBe((99, Migrations.Current));
    }
}

[Collection(RealServersCollection.Name)]
public sealed class PostgresJobStoreTests(RealServers servers) : JobStoreContract
{
    protected override async Task<IJobStore> OpenAsync()
    {
        var store = new PostgresJobStore(servers.Postgres!.ConnectionString, TimeProvider.System);
        await store.MigrateAsync(CancellationToken.None);
        return store;
    }

    [PostgresFact]
    public Task Accepts() => An_accepted_job_is_found_and_its_start_waits_in_the_outbox();

    [PostgresFact]
    public Task Enters() => An_entered_job_waits_until_it_is_started_and_starts_once();

    [PostgresFact]
    public Task Finds_by_process() => Jobs_are_found_by_process_and_run_time();

    [PostgresFact]
    public Task Tells_who_coordinates() => Who_coordinates_and_what_time_it_is_can_be_asked();

    [PostgresFact]
    public Task Counts() => A_tile_is_counted_once_however_often_it_is_reported();

    [PostgresFact]
    public Task Sends() => Messages_of_a_decision_leave_through_the_outbox_in_order_and_once();

    [PostgresFact]
    public Task Keeps_unsent() => What_left_stays_in_the_outbox_when_the_lease_is_lost();

    [PostgresFact]
    public Task Leases() => Only_the_holder_of_the_lease_may_decide();

    [PostgresFact]
    public Task Remembers() => Every_change_is_kept_with_its_reason();

    [PostgresFact]
    public Task Lists() => Jobs_are_listed_by_owner_phase_and_page_newest_first();

    [PostgresFact]
    public Task Serialises() => Writers_at_the_same_time_lose_nothing();

    [PostgresFact]
    public Task Knows_nodes() => A_node_is_remembered_as_it_last_described_itself();

    [PostgresFact]
    public async Task A_wrong_password_and_a_dead_port_are_told_apart()
    {
        await using var wrong = new PostgresJobStore(servers.Postgres!.ConnectionString.Replace("secret", "guess"), TimeProvider.System);
        (await Should.ThrowAsync<JobStoreException>(() => wrong.MigrateAsync(CancellationToken.None))).Message.ShouldContain("password");
        await using var dead = new PostgresJobStore($"Host=127.0.0.1;Port={ServerProcess.FreePort()};Username=gdm;Timeout=2", TimeProvider.System);
        (await Should.ThrowAsync<JobStoreException>(() => dead.MigrateAsync(CancellationToken.None))).Message.ShouldContain("cannot be reached");
    }
}
