using System.Data.Common;
using Npgsql;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>The job store of a cluster.</summary>
public sealed class PostgresJobStore : SqlJobStore
{
    private readonly NpgsqlDataSource _source;

    public PostgresJobStore(string connectionString, TimeProvider time)
        : base(time)
    {
        try
        {
            _source = new NpgsqlDataSourceBuilder(connectionString).Build();
        }
        catch (ArgumentException error)
        {
            throw new JobStoreException($"The PostgreSQL connection string is not understood ({error.Message}): see cluster-config/README.md for its form.", error);
        }
    }

    protected override SqlDialect Dialect { get; } = new(
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "BYTEA",
        "DOUBLE PRECISION",
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = @name",
        "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint",
        "SELECT pg_advisory_xact_lock(7236817)");

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancellation);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new JobStoreException($"PostgreSQL refuses the user name or password ({error.MessageText}): check the settings of the job store.", error);
        }
        catch (NpgsqlException error)
        {
            throw new JobStoreException($"PostgreSQL cannot be reached ({error.Message}): check that it runs and that host and port are right.", error);
        }
    }

    protected override async Task<StoreTransaction> WriteAsync(CancellationToken cancellation)
    {
        var connection = (NpgsqlConnection)await OpenAsync(cancellation);
        try
        {
            return new StoreTransaction(connection, await connection.BeginTransactionAsync(cancellation));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
