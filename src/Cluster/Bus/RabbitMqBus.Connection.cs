using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GdmOptEtq.Cluster.Bus;

public sealed partial class RabbitMqBus
{
    private async Task<IChannel> PublisherAsync(CancellationToken cancellation)
    {
        if (_publisher is { IsOpen: true })
            return _publisher;
        await ForgetAsync(_publisher);
        return _publisher = await ChannelAsync(confirms: true, cancellation);
    }

    private async Task ForgetPublisherAsync(IChannel? failed)
    {
        await _publishing.WaitAsync(CancellationToken.None);
        try
        {
            await ForgetAsync(failed);
        }
        finally
        {
            _publishing.Release();
        }
    }

    // Several senders may see the same channel fail; the one that another has opened since is left alone.
    private async Task ForgetAsync(IChannel? failed)
    {
        if (failed is null || failed != _publisher)
            return;
        _publisher = null;
        try
        {
            await failed.DisposeAsync();
        }
        catch (Exception)
        {
            // It belonged to a connection that is gone.
        }
    }

    private async Task<IChannel> ChannelAsync(bool confirms, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_connection is not { IsOpen: true })
            {
                if (_connection is not null)
                    await _connection.DisposeAsync();
                _connection = null;
                _connection = await _factory.CreateConnectionAsync(cancellation);
                await DeclareAsync(_connection, cancellation);
            }

            return await _connection.CreateChannelAsync(new CreateChannelOptions(confirms, confirms), cancellation);
        }
        catch (BrokerUnreachableException error) when (error.InnerException is AuthenticationFailureException or PossibleAuthenticationFailureException)
        {
            throw new BusException($"RabbitMQ at {Address} refuses the user name or password: check the settings of the bus.", error.InnerException);
        }
        catch (BrokerUnreachableException error)
        {
            throw new BusException($"RabbitMQ at {Address} cannot be reached: check that it runs and that host and port are right.", error);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == 406)
        {
            throw new BusException(
                $"A queue of RabbitMQ at {Address} was declared with other arguments ({error.ShutdownReason.ReplyText}): delete that queue while no job runs, the next start makes it anew.",
                error);
        }
        finally
        {
            _gate.Release();
        }
    }

    private string Address => $"{_factory.HostName}:{_factory.Port}";

    private static async Task DeclareAsync(IConnection connection, CancellationToken cancellation)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        await channel.QueueDeclareAsync(
            Queues.Dead, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellation);
        foreach (string queue in Queues.Durable)
        {
            var arguments = new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-delivery-limit"] = DeliveryLimit,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = Queues.Dead,
            };
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
        }

        await channel.QueueDeclareAsync(
            Queues.Heartbeats, durable: false, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-message-ttl"] = 15000, ["x-max-length"] = 10000 }, cancellationToken: cancellation);
        await channel.ExchangeDeclareAsync(Queues.Control, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellation);
    }

    private static async Task ClosedAsync(IChannel channel, CancellationToken cancellation)
    {
        var closed = new TaskCompletionSource();
        channel.ChannelShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        if (channel.IsOpen)
            await closed.Task.WaitAsync(cancellation);
    }

    private static async Task PauseAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(ReconnectPause, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The caller's loop sees it.
        }
    }
}
