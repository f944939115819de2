using System.Text;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;

namespace GdmOptEtq.Service.Operations;

/// <summary>A job as a tree: acquisitions, pairs with their tiles, summaries.</summary>
internal static class JobTree
{
    public static JobTreeAnswer Of(StoredJob job, IReadOnlyList<StoredUnit> units, IReadOnlyList<StoredNode> nodes)
    {
        if (job.Shape is not { } shape)
            return new JobTreeAnswer(job.Id.Value, job.Phase, job.Message, [], [], []);
        var holders = Holders(job, nodes);
        UnitAnswer Unit(int number)
        {
            var unit = units[number];
            string? worker = unit.Status == UnitStatus.Dispatched ? holders.GetValueOrDefault(number) : unit.Worker;
            return new UnitAnswer(number, shape.Describe(number), unit.Status, unit.Attempt, unit.Failures, worker, unit.Reason, Math.Round(unit.Seconds, 3));
        }

        var pairs = new List<PairAnswer>();
        for (int pair = 0; pair < shape.Pairs.Count; pair++)
        {
            var tiles = Enumerable.Range(shape.TileUnit(pair, 0), shape.Pairs[pair].Tiles).ToList();
            int Count(UnitStatus status) => tiles.Count(tile => units[tile].Status == status);
            pairs.Add(new PairAnswer(
                pair + 1, Count(UnitStatus.Waiting), Count(UnitStatus.Dispatched), Count(UnitStatus.Done), Count(UnitStatus.Failed),
                [.. tiles.Where(tile => units[tile].Status is UnitStatus.Dispatched or UnitStatus.Failed).Select(Unit)], Unit(shape.AggregateUnit(pair))));
        }

        return new JobTreeAnswer(
            job.Id.Value, job.Phase, job.Message, [.. Enumerable.Range(0, shape.Acquisitions).Select(Unit)], pairs, [.. Enumerable.Range(shape.FirstSummary, shape.Units - shape.FirstSummary).Select(Unit)]);
    }

    /// <summary>Who says in its last heartbeat that it works on which unit of the job.</summary>
    public static Dictionary<int, string> Holders(StoredJob job, IReadOnlyList<StoredNode> nodes)
    {
        var holders = new Dictionary<int, string>();
        foreach (var node in nodes)
        {
            foreach (var running in node.Heartbeat.Running.Where(running => running.Job == job.Id))
                holders[running.Unit] = node.Heartbeat.Node;
        }

        return holders;
    }

    public static string Text(JobTreeAnswer job)
    {
        var text = new StringBuilder($"{job.Job} is {JobCommands.Camel(job.Phase.ToString())}: {OperatorText.Clean(job.Message)}\n");
        foreach (var unit in job.Acquisitions)
            text.Append("|- ").Append(Line(unit));
        foreach (var pair in job.Pairs)
        {
            text.Append($"|- pair {pair.Pair}: {pair.TilesDone} tiles done, {pair.TilesInWork} out, {pair.TilesWaiting} waiting, {pair.TilesFailed} failed\n");
            foreach (var tile in pair.Tiles)
                text.Append("|  |- ").Append(Line(tile));
            text.Append("|  `- ").Append(Line(pair.Aggregation));
        }

        foreach (var unit in job.Summaries)
            text.Append("`- ").Append(Line(unit));
        return text.ToString();
    }

    private static string Line(UnitAnswer unit)
    {
        string state = unit.Status switch
        {
            UnitStatus.Done => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"done by {unit.Worker} in {unit.Seconds:0.0} s"),
            UnitStatus.Dispatched => unit.Worker is null ? $"in the queue, attempt {unit.Attempt}" : $"with {unit.Worker}, attempt {unit.Attempt}",
            UnitStatus.Failed => $"FAILED after {unit.Failures} attempts, the last by {unit.Worker}: {unit.Reason}",
            _ => unit.Reason is null ? "waiting" : $"waiting again ({unit.Reason})",
        };
        return OperatorText.Clean($"{unit.What}: {state}") + "\n";
    }
}
