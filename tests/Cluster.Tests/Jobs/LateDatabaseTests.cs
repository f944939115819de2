using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Cluster.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GdmOptEtq.Cluster.Tests.Jobs;

public sealed class LateDatabaseTests
{
    [PostgresFact]
    public async Task A_coordinator_waits_for_a_database_that_comes_up_after_it()
    {
        using var folder = new ScratchFolder();
        await using var database = new PostgresServer();
        var settings = new NodeSettings { Data = folder.Path, Store = database.ConnectionString + ";Timeout=1", Bus = $"amqp://127.0.0.1:{ServerProcess.FreePort()}/" };
        await using var node = new ClusterNode(settings, [NodeRoles.Coordinator], "test", TimeProvider.System, NullLoggerFactory.Instance);
        var prepared = node.PrepareStoreAsync(default);
        await Task.Delay(300);
        prepared.IsCompleted.ShouldBeFalse();
        await database.StartAsync();
        await prepared;
        (await node.Store.VersionAsync(default)).Found.ShouldBe(Migrations.Current);
    }

    [PostgresFact]
    public async Task A_wrong_password_is_not_waited_for()
    {
        using var folder = new ScratchFolder();
        await using var database = new PostgresServer();
        await database.StartAsync();
        await using var store = new PostgresJobStore(database.ConnectionString.Replace("secret", "wrong", StringComparison.Ordinal), TimeProvider.System);
        (await Should.ThrowAsync<JobStoreException>(() => store.MigrateAsync(default))).MayPass.ShouldBeFalse();
    }
}
