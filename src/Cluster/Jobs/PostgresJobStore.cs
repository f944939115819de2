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
            var builder = new NpgsqlDataSourceBuilder(connectionString);
            // The same few statements come thousands of times: parsed and planned once per connection.
            if (builder.ConnectionStringBuilder.MaxAutoPrepare == 0)
                builder.ConnectionStringBuilder.MaxAutoPrepare = 40;
            builder.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
            // No statement of ours leaves anything behind in its session.
            builder.ConnectionStringBuilder.NoResetOnClose = true;
            _source = builder.Build();
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
            throw new JobStoreException($"PostgreSQL cannot be reached ({error.Message}): check that it runs and that host and port are right.", error)
            {
                // 57: starting up or shutting down; 53: too many connections.
                MayPass = error is not PostgresException { SqlState: var state } || state.StartsWith("57", StringComparison.Ordinal) || state.StartsWith("53", StringComparison.Ordinal),
            };
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
