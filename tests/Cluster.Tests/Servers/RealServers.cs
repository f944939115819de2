namespace GdmOptEtq.Cluster.Tests.Servers;

/// <summary>One PostgreSQL and one RabbitMQ for all tests of a collection.</summary>
public sealed class RealServers : IAsyncLifetime
{
    public PostgresServer? Postgres { get; private set; }

    public RabbitMqServer? RabbitMq { get; private set; }

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is null)
            await (Postgres = new PostgresServer()).StartAsync();
        if (RabbitMqServer.Missing is null)
            await (RabbitMq = new RabbitMqServer()).StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (Postgres is not null)
            await Postgres.DisposeAsync();
        if (RabbitMq is not null)
            await RabbitMq.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class RealServersCollection : ICollectionFixture<RealServers>
{
    public const string Name = "real servers";
}

/// <summary>A test that needs a real PostgreSQL.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}

/// <summary>A test that needs a real RabbitMQ.</summary>
public sealed class RabbitMqFactAttribute : FactAttribute
{
    public RabbitMqFactAttribute() => Skip = RabbitMqServer.Missing;
}
