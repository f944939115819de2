using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>The job store of one process: a file, one writer at a time, readers undisturbed (write-ahead log).</summary>
public sealed class SqliteJobStore : SqlJobStore
{
    private readonly string _connection;
    private readonly SemaphoreSlim _writer = new(1, 1);

    public SqliteJobStore(string path, TimeProvider time)
        : base(time) =>
        _connection = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, DefaultTimeout = 30 }.ToString();

    protected override SqlDialect Dialect { get; } = new(
        "INTEGER PRIMARY KEY AUTOINCREMENT", "BLOB", "REAL", "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = @name",
        "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", null);

    public override ValueTask DisposeAsync()
    {
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            await connection.OpenAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 30000";
            await command.ExecuteNonQueryAsync(cancellation);
            return connection;
        }
        catch (SqliteException error)
        {
            await connection.DisposeAsync();
            throw new JobStoreException($"The job store {connection.DataSource} cannot be opened ({error.Message}): check that the folder exists and can be written.", error);
        }
    }

    // BEGIN IMMEDIATE takes the write lock at once; within this process the semaphore queues the writers instead of letting them spin on it.
    protected override async Task<StoreTransaction> WriteAsync(CancellationToken cancellation)
    {
        await _writer.WaitAsync(cancellation);
        DbConnection? connection = null;
        try
        {
            connection = await OpenAsync(cancellation);
            return new StoreTransaction(connection, ((SqliteConnection)connection).BeginTransaction(deferred: false), () => _writer.Release());
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            _writer.Release();
            throw;
        }
    }
}
