using System.Text.Json;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Service.Operations;

/// <summary>What waits where.</summary>
internal static class QueueCommands
{
    public static IReadOnlyList<OperatorCommand> All { get; } =
    [
        OperatorCommand.Of<QueueListAnswer>(
            "queue show", "Show how many messages wait in each queue, and how many processes serve it.",
            "gdm.dead holds what was rejected or returned too often.",
            "gdm ops queue show", ShowAsync),
        OperatorCommand.Of<QueuePeekAnswer>(
            "queue peek", "Look at the first messages of a queue and leave them there.",
            "The broker counts each look at a message as a delivery, and twenty deliveries make a dead letter: look, do not poll.",
            "gdm ops queue peek gdm.dead --count 5", PeekAsync,
            [new CommandArgument("queue", "Name of the queue, as 'queue show' has it.", "queue")], [CommandOption.Number("count", "Messages to look at [10].")]),
        OperatorCommand.Of<RequeueAnswer>(
            "queue requeue", "Move the dead letters back to the queues they came from.",
            "Mend what made them fail first, or they come back. Harmless for units that were done meanwhile.",
            "gdm ops queue requeue", RequeueAsync, acts: true),
    ];

    private static async Task<OperatorAnswer> ShowAsync(OperatorCall call)
    {
        var answer = new QueueListAnswer([.. (await call.Bus.DepthsAsync(call.Cancellation)).Select(depth => new QueueAnswer(depth.Queue, depth.Waiting, depth.Consumers))]);
        var rows = new List<string[]> { (string[])["queue", "waiting", "consumers"] };
        rows.AddRange(answer.Queues.Select(queue => (string[])[queue.Queue, OperatorText.Number(queue.Waiting), OperatorText.Number(queue.Consumers)]));
        return new OperatorAnswer(answer, OperatorText.Table(rows));
    }

    private static async Task<OperatorAnswer> PeekAsync(OperatorCall call)
    {
        string queue = call.Queue();
        var seen = await call.Bus.PeekAsync(queue, call.Number("count", 10, 1, 100), call.Cancellation);
        var answer = new QueuePeekAnswer(queue, [.. seen.Select(Describe)]);
        if (answer.Messages.Count == 0)
            return new OperatorAnswer(answer, $"{queue} is empty.\n");
        var rows = new List<string[]> { (string[])["message", "version", "job", "unit", "attempt"] };
        rows.AddRange(answer.Messages.Select(message => (string[])[message.Type, OperatorText.Number(message.Version), message.Job ?? "", $"{message.Unit}", $"{message.Attempt}"]));
        return new OperatorAnswer(answer, OperatorText.Table(rows));
    }

    private static async Task<OperatorAnswer> RequeueAsync(OperatorCall call)
    {
        int moved = await call.Bus.RequeueDeadAsync(call.Cancellation);
        return new OperatorAnswer(new RequeueAnswer(moved), moved == 0 ? "There are no dead letters.\n" : $"{moved} messages are back in their queues.\n");
    }

    private static PeekedMessage Describe(Envelope envelope)
    {
        string? Text(string name) => envelope.Body.ValueKind == JsonValueKind.Object && envelope.Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        int? Number(string name) => envelope.Body.ValueKind == JsonValueKind.Object && envelope.Body.TryGetProperty(name, out var value) && value.TryGetInt32(out int number) ? number : null;
        return new PeekedMessage(envelope.Type, envelope.Version, Text("job"), Number("unit"), Number("attempt"));
    }
}
