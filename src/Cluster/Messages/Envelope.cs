using System.Text.Json;
using System.Text.Json.Serialization;

namespace GdmOptEtq.Cluster.Messages;

/// <summary>
/// How a message travels: its type by name, the protocol version that its reader must know, and the trace it belongs to.
/// Rolling upgrade: unknown members are ignored, so members may be added at the same version; a reader that meets a higher version than its own
/// hands the message back for a newer process.
/// </summary>
public sealed record Envelope(string Type, int Version, string MessageId, string? TraceParent, JsonElement Body)
{
    /// <summary>Raise only when an old reader would act wrongly on a new message.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JobIdConverter(), new JsonStringEnumConverter() },
    };

    private static readonly Dictionary<string, Type> Types = new Type[]
    {
        typeof(StartJob), typeof(CancelJob), typeof(RetryJob),
        typeof(PrepareAcquisition), typeof(CorrelateTile), typeof(AggregatePair), typeof(SummariseStack),
        typeof(AcquisitionPrepared), typeof(TileCorrelated), typeof(PairAggregated), typeof(StackSummarised), typeof(WorkFailed), typeof(WorkReturned),
        typeof(NodeHeartbeat), typeof(NodeControl),
    }.ToDictionary(type => type.Name);

    public static byte[] Write(object message, string messageId, string? traceParent) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new Envelope(message.GetType().Name, CurrentVersion, messageId, traceParent, JsonSerializer.SerializeToElement(message, message.GetType(), Json)), Json);

    /// <summary>The envelope of <paramref name="bytes"/>; throws <see cref="JsonException"/> when they are none.</summary>
    public static Envelope Read(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<Envelope>(bytes, Json) ?? throw new JsonException("The message is the JSON value null.");

    /// <summary>The message inside, or null when its type is unknown or its version newer than this program.</summary>
    public object? Open() =>
        Version <= CurrentVersion && Types.TryGetValue(Type, out var type) ? Body.Deserialize(type, Json) : null;

    private sealed class JobIdConverter : JsonConverter<JobId>
    {
        public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            string? text = reader.GetString();
            return JobId.IsWellFormed(text) ? new JobId(text!) : throw new JsonException("A job id holds letters, digits, '-' and '_', 64 at most.");
        }

        public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
