using System.Data.Common;

namespace GdmOptEtq.Cluster.Jobs;

/// <summary>A connection with a transaction that may write; undone unless committed. Disposing gives back the writer's turn, where there is one.</summary>
public sealed class StoreTransaction(DbConnection connection, DbTransaction inner, Action? turnOver = null) : IAsyncDisposable
{
    public DbConnection Connection => connection;

    public DbTransaction Inner => inner;

    public Task CommitAsync(CancellationToken cancellation) => inner.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await inner.DisposeAsync();
            await connection.DisposeAsync();
        }
        finally
        {
            turnOver?.Invoke();
        }
    }
}
