using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Jobs;

// How jobs come in, and what is asked about them from outside.
public abstract partial class SqlJobStore
{
    public async Task<bool> AcceptAsync(StoredJob job, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        if (!await InsertAsync(write, job, "waiting to be planned", cancellation))
            return false;
        await AddOutbox(write, new StartJob(job.Id), cancellation);
        await write.CommitAsync(cancellation);
        return true;
    }

    public async Task<bool> EnterAsync(StoredJob job, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        if (!await InsertAsync(write, job, job.Message, cancellation))
            return false;
        await write.CommitAsync(cancellation);
        return true;
    }

    public async Task<bool> StartAsync(JobId job, string request, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        int updated = await Sql(
            write,
            "UPDATE job SET request = @request, message = 'waiting to be planned', updated = @now WHERE id = @id AND phase = 0 AND shape IS NULL",
            ("request", request), ("now", Now()), ("id", job.Value)).ExecuteNonQueryAsync(cancellation);
        if (updated == 0)
            return false;
        await AddHistory(write, job, null, "ready", 0, null, null, cancellation);
        await AddOutbox(write, new StartJob(job), cancellation);
        await write.CommitAsync(cancellation);
        return true;
    }

    public async Task NoteAsync(JobId job, string what, string? reason, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        await AddHistory(write, job, null, what, 0, null, reason, cancellation);
        await write.CommitAsync(cancellation);
    }

    private async Task<bool> InsertAsync(StoreTransaction write, StoredJob job, string message, CancellationToken cancellation)
    {
        int inserted = await Sql(
            write,
            """
            INSERT INTO job (id, owner, title, request, phase, message, priority, created, updated, units_done, units_total, tiles_failed, process)
            VALUES (@id, @owner, @title, @request, @phase, @message, @priority, @created, @created, 0, 0, 0, @process) ON CONFLICT (id) DO NOTHING
            """,
            ("id", job.Id.Value), ("owner", job.Owner), ("title", job.Title), ("request", job.Request), ("phase", (int)JobPhase.Accepted),
            ("message", message), ("priority", job.Priority), ("created", Now()), ("process", job.Process)).ExecuteNonQueryAsync(cancellation);
        if (inserted == 0)
            return false;
        await AddHistory(write, job.Id, null, "accepted", 0, null, job.Owner.Length > 0 ? $"submitted by {job.Owner}" : null, cancellation);
        return true;
    }

    public async Task RequestAsync(IMessage message, string by, CancellationToken cancellation)
    {
        await using var write = await WriteAsync(cancellation);
        await AddHistory(write, message.Job, null, $"asked: {message.GetType().Name}", 0, null, by, cancellation);
        await AddOutbox(write, message, cancellation);
        await write.CommitAsync(cancellation);
    }
}
