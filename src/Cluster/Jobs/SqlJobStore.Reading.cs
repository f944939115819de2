using System.Data.Common;
using System.Text.Json;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Jobs;

public abstract partial class SqlJobStore
{
    private const string JobColumns =
        "id, owner, title, request, phase, message, priority, created, started, finished, updated, shape, units_done, units_total, tiles_failed, process";

    public async Task<StoredJob?> FindAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(connection, $"SELECT {JobColumns} FROM job WHERE id = @id", ("id", job.Value));
        var found = await ReadAll(command, ReadJob, cancellation);
        return found.Count > 0 ? found[0] : null;
    }

    public async Task<IReadOnlyList<StoredJob>> ListAsync(JobQuery query, CancellationToken cancellation)
    {
        var where = new List<string> { "1 = 1" };
        var values = new List<(string, object?)> { ("limit", query.Limit), ("offset", query.Offset) };
        void Restrict(string condition, string name, object? value)
        {
            where.Add(condition);
            values.Add((name, value));
        }

        if (query.Owner is not null)
            Restrict("owner = @owner", "owner", query.Owner);
        if (query.CreatedFrom is { } from)
            Restrict("created >= @from", "from", Micros(from));
        if (query.CreatedTo is { } to)
            Restrict("created <= @to", "to", Micros(to));
        if (query.Process is not null)
            Restrict("process = @process", "process", query.Process);
        // A job that runs has run until now; one that never started has no run time, and NULL compares as false.
        if (query.MinimumSeconds is { } least)
            Restrict("COALESCE(finished, @now) - started >= @least", "least", (long)(least * 1e6));
        if (query.MaximumSeconds is { } most)
            Restrict("COALESCE(finished, @now) - started <= @most", "most", (long)(most * 1e6));
        if (query.MinimumSeconds is not null || query.MaximumSeconds is not null)
            values.Add(("now", Now()));
        if (query.Phases is { } phases)
            where.Add($"phase IN ({string.Join(", ", phases.Select(phase => (int)phase).DefaultIfEmpty(-1))})");
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(
            connection, $"SELECT {JobColumns} FROM job WHERE {string.Join(" AND ", where)} ORDER BY created DESC, id DESC LIMIT @limit OFFSET @offset",
            [.. values]);
        return await ReadAll(command, ReadJob, cancellation);
    }

    public async Task<IReadOnlyList<StoredUnit>> UnitsAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(
            connection, "SELECT no, status, attempt, failures, worker, reason, seconds, changed FROM unit WHERE job = @job ORDER BY no", ("job", job.Value));
        return await ReadAll(
            command,
            row => new StoredUnit(
                row.GetInt32(0), (UnitStatus)row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), Text(row, 4), Text(row, 5), row.GetDouble(6), Time(row.GetInt64(7))),
            cancellation);
    }

    public async Task<IReadOnlyList<HistoryLine>> HistoryAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(
            connection, "SELECT at, unit, what, attempt, worker, reason FROM history WHERE job = @job ORDER BY number", ("job", job.Value));
        return await ReadAll(
            command,
            row => new HistoryLine(Time(row.GetInt64(0)), row.IsDBNull(1) ? null : row.GetInt32(1), row.GetString(2), row.GetInt32(3), Text(row, 4), Text(row, 5)),
            cancellation);
    }

    public async Task<IReadOnlyList<OutboxMessage>> OutboxAsync(int limit, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(connection, "SELECT number, body FROM outbox ORDER BY number LIMIT @limit", ("limit", limit));
        return await ReadAll(command, row => new OutboxMessage(row.GetInt64(0), (byte[])row.GetValue(1)), cancellation);
    }

    public async Task<IReadOnlyList<StoredNode>> NodesAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(connection, "SELECT body, seen FROM node ORDER BY name");
        return await ReadAll(command, row => new StoredNode(JsonSerializer.Deserialize<NodeHeartbeat>(row.GetString(0), Json)!, Time(row.GetInt64(1))), cancellation);
    }

    public async Task<CoordinatorStanding?> CoordinatorAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(connection, "SELECT holder, term, held FROM lease WHERE name = 'coordinator' AND holder <> '' AND held >= @now", ("now", Now()));
        var found = await ReadAll(command, row => new CoordinatorStanding(row.GetString(0), row.GetInt64(1), Time(row.GetInt64(2))), cancellation);
        return found.Count > 0 ? found[0] : null;
    }

    public async Task<DateTimeOffset> ClockAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var command = Sql(connection, Dialect.Clock);
        return Time(Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static StoredJob ReadJob(DbDataReader row) => new(
        new JobId(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetString(3), (JobPhase)row.GetInt32(4), row.GetString(5), row.GetInt32(6),
        Time(row.GetInt64(7)), row.IsDBNull(8) ? null : Time(row.GetInt64(8)), row.IsDBNull(9) ? null : Time(row.GetInt64(9)), Time(row.GetInt64(10)),
        row.IsDBNull(11) ? null : JsonSerializer.Deserialize<JobShape>(row.GetString(11), Json), row.GetInt32(12), row.GetInt32(13), row.GetInt32(14))
    {
        Process = row.GetString(15),
    };

    private static async Task<IReadOnlyList<TRow>> ReadAll<TRow>(DbCommand command, Func<DbDataReader, TRow> read, CancellationToken cancellation)
    {
        var rows = new List<TRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
