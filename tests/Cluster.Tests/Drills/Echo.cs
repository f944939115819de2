using GdmOptEtq.Cluster.Tests.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>Publishes a copy of every message that passes the broker, some of them much later: the broker's trace says what passes.</summary>
internal sealed class Echo : IAsyncDisposable
{
    private const string Mark = "echo";

    private readonly RabbitMqServer _broker;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private int _repeated;

    private Echo(RabbitMqServer broker, IConnection connection, IChannel channel)
    {
        _broker = broker;
        _connection = connection;
        _channel = channel;
    }

    public int Repeated => _repeated;

    public static async Task<Echo> StartAsync(RabbitMqServer broker, int seed)
    {
        await broker.ControlAsync("trace_on");
        var random = new Random(seed);
        var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var echo = new Echo(broker, connection, channel);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, "amq.rabbitmq.trace", "publish.");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            var headers = message.BasicProperties.Headers!;
            var properties = (IDictionary<string, object?>)headers["properties"]!;
            if (properties.TryGetValue("headers", out object? own) && own is IDictionary<string, object?> marks && marks.ContainsKey(Mark))
                return;
            string target = System.Text.Encoding.UTF8.GetString((byte[])((IList<object?>)headers["routing_keys"]!)[0]!);
            byte[] body = message.Body.ToArray();
            await Task.Delay(random.Next(4) == 0 ? random.Next(1000) : 0);
            var copy = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, Headers = new Dictionary<string, object?> { [Mark] = "1" } };
            await channel.BasicPublishAsync("", target, mandatory: false, copy, body);
            Interlocked.Increment(ref echo._repeated);
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return echo;
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.ControlAsync("trace_off");
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
