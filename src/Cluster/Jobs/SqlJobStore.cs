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
        if (found > Migrations.Current)
            throw new JobStoreException($"The job store has version {found}, newer than the {Migrations.Current} of this program: upgrade the program.");
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
        await using var insert = Sql(
            write,
            "INSERT INTO unit (job, no, status, attempt, failures, seconds, changed) VALUES (@job, @no, 0, 0, 0, 0, @now)",
            ("job", job.Value), ("no", 0), ("now", Now()));
        await insert.PrepareAsync(cancellation);
        for (int unit = 0; unit < shape.Units; unit++)
        {
            insert.Parameters["no"].Value = unit;
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await write.CommitAsync(cancellation);
    }

    public async Task<bool> CommitAsync(IReadOnlyList<Decision> decisions, CoordinatorLease? lease, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        if (lease is not null)
        {
            int held = await Sql(
            write,
            "UPDATE lease SET held = held WHERE name = 'coordinator' AND holder = @holder AND term = @term",
                ("holder", lease.Holder), ("term", lease.Term)).ExecuteNonQueryAsync(cancellation);
            if (held == 0)
                return false;
        }

        await using var update = Sql(
            write,
            """
            UPDATE unit SET status = @status, attempt = @attempt, failures = @failures, worker = @worker, reason = @reason, seconds = @seconds, changed = @now
            WHERE job = @job AND no = @no AND attempt <= @attempt AND (status < 2 OR @status = 0)
            """,
            ("status", 0), ("attempt", 0), ("failures", 0), ("worker", ""), ("reason", ""), ("seconds", 0.0), ("now", Now()), ("job", ""), ("no", 0));
        foreach (var decision in decisions)
        {
            foreach (var change in decision.Units)
            {
                update.Parameters["status"].Value = (int)change.Status;
                update.Parameters["attempt"].Value = change.Attempt;
                update.Parameters["failures"].Value = change.Failures;
                update.Parameters["worker"].Value = (object?)change.Worker ?? DBNull.Value;
                update.Parameters["reason"].Value = (object?)change.Reason ?? DBNull.Value;
                update.Parameters["seconds"].Value = change.Seconds;
                update.Parameters["job"].Value = decision.Job.Value;
                update.Parameters["no"].Value = change.Unit;
                if (await update.ExecuteNonQueryAsync(cancellation) == 0)
                    continue;
                if (change.Reason is not null || change.Status != UnitStatus.Done)
                {
                    string what = change.Status.ToString().ToLowerInvariant();
                    await AddHistory(write, decision.Job, change.Unit, what, change.Attempt, change.Worker, change.Reason, cancellation);
                }
            }

            await UpdateJob(write, decision, cancellation);
            foreach (object message in decision.Send)
                await AddOutbox(write, message, cancellation);
        }

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

    public async Task SentAsync(IReadOnlyList<long> numbers, CancellationToken cancellation)
    {
        if (numbers.Count == 0)
            return;
        await using var write = await WriteAsync(cancellation);
        await using var delete = Sql(write, "DELETE FROM outbox WHERE number = @number", ("number", 0L));
        foreach (long number in numbers)
        {
            delete.Parameters["number"].Value = number;
            await delete.ExecuteNonQueryAsync(cancellation);
        }

        await write.CommitAsync(cancellation);
    }

    public async Task SeenAsync(IReadOnlyList<NodeHeartbeat> nodes, CancellationToken cancellation)
    {
        if (nodes.Count == 0)
            return;
        await using var write = await WriteAsync(cancellation);
        foreach (var node in nodes)
        {
            await Sql(
            write,
            "INSERT INTO node (name, body, seen) VALUES (@name, @body, @now) ON CONFLICT (name) DO UPDATE SET body = excluded.body, seen = excluded.seen",
                ("name", node.Node), ("body", JsonSerializer.Serialize(node, Json)), ("now", Now())).ExecuteNonQueryAsync(cancellation);
        }

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

    private async Task UpdateJob(StoreTransaction write, Decision decision, CancellationToken cancellation)
    {
        if (decision.Phase is { } phase)
        {
            await Sql(
            write,
            """
                UPDATE job SET phase = @phase, message = @message,
                    started = CASE WHEN @phase = 1 AND started IS NULL THEN @now ELSE started END,
                    finished = CASE WHEN @phase >= 2 THEN @now ELSE NULL END
                WHERE id = @id
                """,
                ("phase", (int)phase), ("message", decision.Reason ?? ""), ("now", Now()), ("id", decision.Job.Value)).ExecuteNonQueryAsync(cancellation);
            await AddHistory(write, decision.Job, null, phase.ToString().ToLowerInvariant(), 0, null, decision.Reason, cancellation);
        }

        if (decision.Units.Count == 0 && decision.Phase is null)
            return;
        int done = 0, undone = 0;
        foreach (var change in decision.Units)
        {
            if (change.Status >= UnitStatus.Done)
                done++;
            else if (change.Reason == "retried")
                undone++;
        }

        // Counting anew is only needed when a retry may have undone finished units; the running count keeps a tile's cost constant.
        string count = undone > 0 ? "(SELECT COUNT(*) FROM unit WHERE job = @id AND status >= 2)" : "units_done + @done";
        bool failures = undone > 0 || decision.Units.Any(change => change.Status == UnitStatus.Failed);
        string failed = failures ? "(SELECT COUNT(*) FROM unit WHERE job = @id AND status = 3)" : "tiles_failed";
        await Sql(write, $"UPDATE job SET units_done = {count}, tiles_failed = {failed}, updated = @now WHERE id = @id",
            ("done", done), ("now", Now()), ("id", decision.Job.Value)).ExecuteNonQueryAsync(cancellation);
    }

    private Task AddHistory(
        StoreTransaction write, JobId job, int? unit, string what, int attempt, string? worker, string? reason, CancellationToken cancellation) =>
        Sql(
            write,
            "INSERT INTO history (job, at, unit, what, attempt, worker, reason) VALUES (@job, @at, @unit, @what, @attempt, @worker, @reason)",
            ("job", job.Value), ("at", Now()), ("unit", unit), ("what", what), ("attempt", attempt), ("worker", worker), ("reason", reason)).ExecuteNonQueryAsync(cancellation);

    private static Task AddOutbox(StoreTransaction write, object message, CancellationToken cancellation) =>
        Sql(
            write,
            "INSERT INTO outbox (body) VALUES (@body)",
            ("body", Envelope.Write(message, Guid.NewGuid().ToString("N"), message is IMessage about ? Tracing.ParentFor(about.Job) : null))).ExecuteNonQueryAsync(cancellation);

    private static async Task<int> VersionIn(DbConnection connection, DbTransaction? transaction, CancellationToken cancellation)
    {
        await using var command = Sql(connection, transaction, "SELECT COALESCE(MAX(version), 0) FROM schema_version", []);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellation));
    }

    private static DbCommand Sql(StoreTransaction write, string text, params (string Name, object? Value)[] values) =>
        Sql(write.Connection, write.Inner, text, values);

    private static DbCommand Sql(DbConnection connection, string text, params (string Name, object? Value)[] values) =>
        Sql(connection, null, text, values);

    private static DbCommand Sql(DbConnection connection, DbTransaction? transaction, string text, (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            if (value is null && name == "unit")
                parameter.DbType = System.Data.DbType.Int32;
            else if (value is null)
                parameter.DbType = System.Data.DbType.String;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private long Now() => Micros(_time.GetUtcNow());

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    private static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);
}
