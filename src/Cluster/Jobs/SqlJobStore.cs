using System.Data;
using System.Data.Common;
using System.Text.Json;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>
/// The job store in the SQL that SQLite and PostgreSQL share. Times are microseconds since 1970 UTC, JSON is text, so both engines keep the same values.
/// </summary>
public abstract partial class SqlJobStore : IJobStore
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly TimeProvider _time;

    protected SqlJobStore(TimeProvider time) => _time = time;

    /// <summary>Opens a connection ready for use; the caller disposes it.</summary>
    protected abstract Task<DbConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>Opens a transaction that may write, waiting for its turn; the caller disposes it.</summary>
    protected abstract Task<StoreTransaction> WriteAsync(CancellationToken cancellation);

    /// <summary>Words in which the engines differ.</summary>
    protected abstract SqlDialect Dialect { get; }

    public abstract ValueTask DisposeAsync();

    public async Task MigrateAsync(CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        if (Dialect.MigrationLock is { } guard)
            await Sql(write, guard).ExecuteNonQueryAsync(cancellation);
        await Sql(write, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").ExecuteNonQueryAsync(cancellation);
        int found = await VersionIn(write.Connection, write.Inner, cancellation);
        // Steps only add, so the tables of a newer program serve this one, too: in a rolling upgrade old nodes may be started again after the migration.
        if (found > Migrations.Current)
            return;
        for (int version = found; version < Migrations.Current; version++)
        {
            foreach (string statement in Migrations.Steps[version])
                await Sql(write, Dialect.Translate(statement)).ExecuteNonQueryAsync(cancellation);
        }

        await Sql(write, "DELETE FROM schema_version").ExecuteNonQueryAsync(cancellation);
        await Sql(write, "INSERT INTO schema_version (version) VALUES (@version)", ("version", Migrations.Current)).ExecuteNonQueryAsync(cancellation);
        await write.CommitAsync(cancellation);
    }

    public async Task<(int Found, int Needed)> VersionAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(connection, Dialect.TableExists, ("name", "schema_version"));
        bool exists = Convert.ToInt64(await command.ExecuteScalarAsync(cancellation)) > 0;
        return (exists ? await VersionIn(connection, null, cancellation) : 0, Migrations.Current);
    }

    public async Task PlanAsync(JobId job, JobShape shape, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        int planned = await Sql(
            write,
            "UPDATE job SET shape = @shape, units_total = @units, updated = @now WHERE id = @id AND shape IS NULL",
            ("shape", JsonSerializer.Serialize(shape, Json)), ("units", shape.Units), ("now", Now()), ("id", job.Value)).ExecuteNonQueryAsync(cancellation);
        if (planned == 0)
            return;
        await Sql(
            write,
            """
            WITH RECURSIVE numbered(no) AS (SELECT 0 UNION ALL SELECT no + 1 FROM numbered WHERE no + 1 < @units)
            INSERT INTO unit (job, no, status, attempt, failures, seconds, changed) SELECT @job, no, 0, 0, 0, 0, @now FROM numbered
            """,
            ("job", job.Value), ("units", shape.Units), ("now", Now())).ExecuteNonQueryAsync(cancellation);
        await write.CommitAsync(cancellation);
    }

    public Task<bool> CommitAsync(IReadOnlyList<Decision> decisions, CoordinatorLease? lease, CancellationToken cancellation) =>
        CommitAsync(decisions, lease, [], cancellation);

    public async Task<bool> CommitAsync(
        IReadOnlyList<Decision> decisions, CoordinatorLease? lease, IReadOnlyCollection<long> sent, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        var batch = new StatementBatch(write);
        if (lease is not null)
        {
            batch.Add(
                "UPDATE lease SET held = held WHERE name = 'coordinator' AND holder = @holder AND term = @term",
                ("holder", lease.Holder), ("term", lease.Term));
        }

        foreach (var decision in decisions)
        {
            foreach (var change in decision.Units)
            {
                batch.Add(
                    """
                    UPDATE unit SET status = @status, attempt = @attempt, failures = @failures, worker = @worker, reason = @reason, seconds = @seconds, changed = @now
                    WHERE job = @job AND no = @no AND attempt <= @attempt AND (status < 2 OR @status = 0)
                    """,
                    ("status", (int)change.Status), ("attempt", change.Attempt), ("failures", change.Failures), ("worker", change.Worker), ("reason", change.Reason),
                    ("seconds", change.Seconds), ("now", Now()), ("job", decision.Job.Value), ("no", change.Unit));
            }
        }

        int[] changed = await batch.RunAsync(cancellation);
        if (lease is not null && changed[0] == 0)
            return false;
        int next = lease is null ? 0 : 1;
        var counts = new Dictionary<JobId, UnitCount>();
        foreach (var decision in decisions)
        {
            foreach (var change in decision.Units)
            {
                if (changed[next++] == 0)
                    continue;
                counts[decision.Job] = counts.GetValueOrDefault(decision.Job).With(change);
                if (change.Reason is not null || change.Status != UnitStatus.Done)
                    AddHistory(batch, decision.Job, change.Unit, change.Status.ToString().ToLowerInvariant(), change.Attempt, change.Worker, change.Reason);
            }

            if (decision.Phase is { } phase)
                AddPhase(batch, decision.Job, phase, decision.Reason);
            foreach (object message in decision.Send)
                AddOutbox(batch, message);
        }

        foreach (var (job, count) in counts)
            AddCount(batch, job, count);
        Forget(batch, sent);
        await batch.RunAsync(cancellation);
        await write.CommitAsync(cancellation);
        return true;
    }

    public async Task SetPriorityAsync(JobId job, int priority, string by, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        await Sql(write, "UPDATE job SET priority = @priority, updated = @now WHERE id = @id",
            ("priority", priority), ("now", Now()), ("id", job.Value)).ExecuteNonQueryAsync(cancellation);
        await AddHistory(write, job, null, $"priority {priority}", 0, null, by, cancellation);
        await write.CommitAsync(cancellation);
    }

    public async Task<bool> DeleteAsync(JobId job, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        int deleted = await Sql(write, "DELETE FROM job WHERE id = @id AND phase >= @final",
            ("id", job.Value), ("final", (int)JobPhase.Succeeded)).ExecuteNonQueryAsync(cancellation);
        if (deleted > 0)
        {
            await Sql(write, "DELETE FROM unit WHERE job = @id", ("id", job.Value)).ExecuteNonQueryAsync(cancellation);
            await Sql(write, "DELETE FROM history WHERE job = @id", ("id", job.Value)).ExecuteNonQueryAsync(cancellation);
        }

        await write.CommitAsync(cancellation);
        return deleted > 0;
    }

    public async Task SentAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellation)
    {
        if (numbers.Count == 0)
            return;
        await using var write = await WriteAsync(cancellation);
        var batch = new StatementBatch(write);
        Forget(batch, numbers);
        await batch.RunAsync(cancellation);
        await write.CommitAsync(cancellation);
    }

    public async Task SeenAsync(IReadOnlyList<NodeHeartbeat> nodes, CancellationToken cancellation)
    {
        if (nodes.Count == 0)
            return;
        await using var write = await WriteAsync(cancellation);
        var batch = new StatementBatch(write);
        foreach (var node in nodes)
        {
            batch.Add(
                "INSERT INTO node (name, body, seen) VALUES (@name, @body, @now) ON CONFLICT (name) DO UPDATE SET body = excluded.body, seen = excluded.seen",
                ("name", node.Node), ("body", JsonSerializer.Serialize(node, Json)), ("now", Now()));
        }

        await batch.RunAsync(cancellation);
        await write.CommitAsync(cancellation);
    }

    public async Task ForgetNodeAsync(string node, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        await Sql(write, "DELETE FROM node WHERE name = @name", ("name", node)).ExecuteNonQueryAsync(cancellation);
        await write.CommitAsync(cancellation);
    }

    public async Task<CoordinatorLease?> LeaseAsync(string holder, TimeSpan duration, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        await Sql(write, "INSERT INTO lease (name, holder, term, held) VALUES ('coordinator', '', 0, 0) ON CONFLICT (name) DO NOTHING")
            .ExecuteNonQueryAsync(cancellation);
        await using var take = Sql(
            write,
            """
            UPDATE lease SET term = CASE WHEN holder = @holder THEN term ELSE term + 1 END, holder = @holder, held = @until
            WHERE name = 'coordinator' AND (holder = @holder OR held < @now) RETURNING term
            """,
            ("holder", holder), ("until", Micros(_time.GetUtcNow() + duration)), ("now", Now()));
        object? term = await take.ExecuteScalarAsync(cancellation);
        await write.CommitAsync(cancellation);
        return term is null or DBNull ? null : new CoordinatorLease(holder, Convert.ToInt64(term));
    }

    public async Task ReleaseAsync(CoordinatorLease lease, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        await Sql(write, "UPDATE lease SET holder = '', held = 0 WHERE holder = @holder AND term = @term",
            ("holder", lease.Holder), ("term", lease.Term)).ExecuteNonQueryAsync(cancellation);
        await write.CommitAsync(cancellation);
    }

    private void AddPhase(StatementBatch batch, JobId job, JobPhase phase, string? reason)
    {
        batch.Add(
            """
            UPDATE job SET phase = @phase, message = @message, updated = @now,
                started = CASE WHEN @phase = 1 AND started IS NULL THEN @now ELSE started END,
                finished = CASE WHEN @phase >= 2 THEN @now ELSE NULL END
            WHERE id = @id
            """,
            ("phase", (int)phase), ("message", reason ?? ""), ("now", Now()), ("id", job.Value));
        AddHistory(batch, job, null, phase.ToString().ToLowerInvariant(), 0, null, reason);
    }

    private void AddCount(StatementBatch batch, JobId job, UnitCount count)
    {
        // Counting anew is only needed when a retry may have undone finished units; the running count keeps a tile's cost constant.
        string done = count.Undone ? "(SELECT COUNT(*) FROM unit WHERE job = @id AND status >= 2)" : "units_done + @done";
        string failed = count.Undone || count.AnyFailed ? "(SELECT COUNT(*) FROM unit WHERE job = @id AND status = 3)" : "tiles_failed";
        (string, object?)[] values = [("now", Now()), ("id", job.Value)];
        batch.Add(
            $"UPDATE job SET units_done = {done}, tiles_failed = {failed}, updated = @now WHERE id = @id", count.Undone ? values : [.. values, ("done", count.Done)]);
    }

    private void AddHistory(StatementBatch batch, JobId job, int? unit, string what, int attempt, string? worker, string? reason) => batch.Add(
        "INSERT INTO history (job, at, unit, what, attempt, worker, reason) VALUES (@job, @at, @unit, @what, @attempt, @worker, @reason)",
        ("job", job.Value), ("at", Now()), ("unit", unit), ("what", what), ("attempt", attempt), ("worker", worker), ("reason", reason));

    private static void Forget(StatementBatch batch, IReadOnlyCollection<long> sent)
    {
        foreach (long number in sent)
            batch.Add("DELETE FROM outbox WHERE number = @number", ("number", number));
    }

    private static void AddOutbox(StatementBatch batch, object message) => batch.Add(
        "INSERT INTO outbox (body) VALUES (@body)",
        ("body", Envelope.Write(message, Guid.NewGuid().ToString("N"), message is IMessage about ? Tracing.ParentFor(about.Job) : null)));

    private Task AddHistory(
        StoreTransaction write, JobId job, int? unit, string what, int attempt, string? worker, string? reason, CancellationToken cancellation)
    {
        var batch = new StatementBatch(write);
        AddHistory(batch, job, unit, what, attempt, worker, reason);
        return batch.RunAsync(cancellation);
    }

    private static Task AddOutbox(StoreTransaction write, object message, CancellationToken cancellation)
    {
        var batch = new StatementBatch(write);
        AddOutbox(batch, message);
        return batch.RunAsync(cancellation);
    }

    private static async Task<int> VersionIn(DbConnection connection, DbTransaction? transaction, CancellationToken cancellation)
    {
        await using var command = Sql(connection, transaction, "SELECT COALESCE(MAX(version), 0) FROM schema_version", []);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellation));
    }

    internal static DbCommand Sql(StoreTransaction write, string text, params (string Name, object? Value)[] values) =>
        Sql(write.Connection, write.Inner, text, values);

    private static DbCommand Sql(DbConnection connection, string text, params (string Name, object? Value)[] values) =>
        Sql(connection, null, text, values);

    private static DbCommand Sql(DbConnection connection, DbTransaction? transaction, string text, (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        foreach (var (name, value) in values)
            Bind(command.CreateParameter, command.Parameters, name, value);
        return command;
    }

    /// <summary>Adds a parameter; one without a value needs its type said.</summary>
    internal static void Bind(Func<DbParameter> create, DbParameterCollection parameters, string name, object? value)
    {
        var parameter = create();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        if (value is null)
            parameter.DbType = name == "unit" ? DbType.Int32 : DbType.String;
        parameters.Add(parameter);
    }

    private long Now() => Micros(_time.GetUtcNow());

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    private static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);

    /// <summary>What one commit does to the counts of a job.</summary>
    private readonly record struct UnitCount(int Done, bool Undone, bool AnyFailed)
    {
        public UnitCount With(UnitChange change) => new(
            Done + (change.Status >= UnitStatus.Done ? 1 : 0), Undone || change is { Status: < UnitStatus.Done, Reason: "retried" }, AnyFailed || change.Status == UnitStatus.Failed);
    }
}
