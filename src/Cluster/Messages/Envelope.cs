using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GdmOptEtq.Cluster.Messages;

/// <summary>
/// How a message travels: its type by name, the protocol version that its reader must know, and the trace it belongs to.
/// Rolling upgrade: unknown members are ignored and missing ones have a default, so members may be added at the same version (a minor change); a reader that
/// meets a higher version than its own (a major change) hands the message back, or to the dead letters, with its reason.
/// </summary>
public sealed record Envelope(string Type, int Version, string MessageId, string? TraceParent, JsonElement Body)
{
    /// <summary>Raise only when an old reader would act wrongly on a new message.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Why the message lies among the dead letters; null elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JobIdConverter(), new JsonStringEnumConverter() },
    };

    private static readonly Dictionary<string, Type> Types = new Type[]
    {
        typeof(StartJob), typeof(CancelJob), typeof(RetryJob),
        typeof(PrepareAcquisition), typeof(CorrelateTile), typeof(AggregatePair), typeof(SummariseStack), typeof(WriteProduct), typeof(PublishResult),
        typeof(AcquisitionPrepared), typeof(TileCorrelated), typeof(PairAggregated), typeof(StackSummarised), typeof(ProductWritten), typeof(ResultPublished), typeof(WorkFailed), typeof(WorkReturned),
        typeof(NodeHeartbeat), typeof(NodeControl),
    }.ToDictionary(type => type.Name);

    public static byte[] Write(object message, string messageId, string? traceParent) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new Envelope(message.GetType().Name, CurrentVersion, messageId, traceParent, JsonSerializer.SerializeToElement(message, message.GetType(), Json)), Json);

    /// <summary>The envelope of <paramref name="bytes"/>; throws <see cref="JsonException"/> when they are none.</summary>
    public static Envelope Read(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<Envelope>(bytes, Json) ?? throw new JsonException("The message is the JSON value null.");

    /// <summary>As <see cref="Read"/>, but what is no message shows as one of an unknown type, for whoever only looks.</summary>
    public static Envelope ReadAnything(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (JsonException)
        {
            return new Envelope("unreadable", 0, "", null, JsonSerializer.SerializeToElement<object?>(null)) { Reason = "These bytes are no message of this program." };
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>As <see cref="Open"/>, and null also when the body is not what its type says.</summary>
    public object? OpenOrNull()
    {
        try
        {
            return Open();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The message inside if it is about a job and this program understands it.</summary>
    public bool TryOpen([NotNullWhen(true)] out IMessage? message) => (message = OpenOrNull() as IMessage) is not null;

    /// <summary>One sentence for the operator of <paramref name="node"/>.</summary>
    public string WhyNotUnderstood(string node) =>
        Version > CurrentVersion ? $"The message {Type} has version {Version}, and {node} understands {CurrentVersion} at most: upgrade it, then send the dead letters again."
        : Types.ContainsKey(Type) ? $"The body of a message {Type} is not what {node} expects: compare the versions of the nodes."
        : $"{node} does not know messages of the type {Type}: upgrade it, then send the dead letters again.";

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
