using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Work;
using GdmOptEtq.Imagery.WorkStore;

namespace GdmOptEtq.Cluster.Tests.Work;

public sealed class WorkStoreSweepTests : IAsyncLifetime
{
    private static readonly TimeSpan Nothing = TimeSpan.Zero;

    private readonly ScratchFolder _folder = new();
    private readonly FixedTime _time = new();
    private readonly SqliteJobStore _store;

    public WorkStoreSweepTests() => _store = new SqliteJobStore(_folder["jobs.db"], _time);

    public Task InitializeAsync() => _store.MigrateAsync(default);

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_succeeded_job_used_goes_and_what_a_running_one_uses_stays()
    {
        var work = new WorkStore(_folder["work"]);
        var finished = await AcceptAsync();
        Write(work, "old", hoursAgo: 20);
        _time.Now += TimeSpan.FromHours(1);
        await EndAsync(finished, JobPhase.Succeeded);
        _time.Now = DateTimeOffset.UtcNow - TimeSpan.FromHours(2);
        await AcceptAsync();
        var used = Write(work, "new", hoursAgo: 1);
        _time.Now = DateTimeOffset.UtcNow;

        var sweep = new WorkStoreSweep(_folder["work"], _store, _time);
        var plan = await sweep.PlanAsync(Nothing, default);
        plan.Entries.Count.ShouldBe(1);
        plan.KeptEntries.ShouldBe(1);
        plan.Bytes.ShouldBe(100);
        plan.KeptBytes.ShouldBe(100);
        work.List().Count.ShouldBe(2, "a plan removes nothing");
        sweep.Run(plan, default).ShouldBe(new SweepResult(1, 100, 0));
        work.List().Single().Key.ShouldBe(used);
    }

    [Theory]
    [InlineData(JobPhase.SucceededWithGaps)]
    [InlineData(JobPhase.Failed)]
    [InlineData(JobPhase.Cancelled)]
    public async Task What_a_job_that_can_be_retried_used_stays_until_the_job_is_deleted(JobPhase phase)
    {
        var work = new WorkStore(_folder["work"]);
        _time.Now = DateTimeOffset.UtcNow - TimeSpan.FromHours(21);
        var job = await AcceptAsync();
        Write(work, "tile", hoursAgo: 20);
        _time.Now += TimeSpan.FromHours(3);
        await EndAsync(job, phase);
        _time.Now = DateTimeOffset.UtcNow;
        var sweep = new WorkStoreSweep(_folder["work"], _store, _time);
        (await sweep.PlanAsync(Nothing, default)).Entries.ShouldBeEmpty();
        await _store.DeleteAsync(job, default);
        (await sweep.PlanAsync(Nothing, default)).Entries.Count.ShouldBe(1);
        (await sweep.PlanAsync(TimeSpan.FromHours(24), default)).Entries.ShouldBeEmpty("used within the time to keep");
    }

    [Fact]
    public async Task What_is_used_again_between_plan_and_run_is_spared()
    {
        var work = new WorkStore(_folder["work"]);
        var key = Write(work, "tile", hoursAgo: 5);
        _time.Now = DateTimeOffset.UtcNow;
        var sweep = new WorkStoreSweep(_folder["work"], _store, _time);
        var plan = await sweep.PlanAsync(Nothing, default);
        File.SetLastAccessTimeUtc(work.Path(key), DateTime.UtcNow);
        sweep.Run(plan, default).ShouldBe(new SweepResult(0, 0, 1));
        work.Contains(key).ShouldBeTrue();
    }

    [Fact]
    public async Task The_request_of_a_job_that_was_deleted_goes_with_it()
    {
        var job = await AcceptAsync();
        string requests = PipelineWork.RequestFolder(_folder["work"]);
        Directory.CreateDirectory(requests);
        foreach (string name in (string[])[job.Value, "gone"])
        {
            File.WriteAllText(Path.Combine(requests, name + ".json"), "{}");
            File.SetLastWriteTimeUtc(Path.Combine(requests, name + ".json"), DateTime.UtcNow - TimeSpan.FromHours(1));
        }

        _time.Now = DateTimeOffset.UtcNow;
        var sweep = new WorkStoreSweep(_folder["work"], _store, _time);
        sweep.Run(await sweep.PlanAsync(Nothing, default), default).ShouldBe(new SweepResult(1, 2, 0));
        Directory.GetFiles(requests).Select(Path.GetFileNameWithoutExtension).ShouldBe([job.Value]);
    }

    private async Task<JobId> AcceptAsync()
    {
        var job = new StoredJob(JobId.New(TimeProvider.System), "", "", "{}", JobPhase.Accepted, "", 0, _time.Now, null, null, _time.Now, null, 0, 0, 0);
        (await _store.AcceptAsync(job, default)).ShouldBeTrue();
        return job.Id;
    }

    private async Task EndAsync(JobId job, JobPhase phase) => await _store.CommitAsync([new Decision(job, [], phase, "ended", [])], null, default);

    private static WorkKey Write(WorkStore work, string name, double hoursAgo)
    {
        var key = WorkKey.Of("test", "1", [name], "");
        work.Publish(key, path => File.WriteAllBytes(path, new byte[100]));
        var then = DateTime.UtcNow - TimeSpan.FromHours(hoursAgo);
        File.SetLastWriteTimeUtc(work.Path(key), then);
        File.SetLastAccessTimeUtc(work.Path(key), then);
        return key;
    }

    private sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow - TimeSpan.FromHours(21);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
