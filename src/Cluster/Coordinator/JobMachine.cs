using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>
/// The coordinator's mind: (state, message) to decision, without a clock, a store or a bus. Every rule of a job's life is here and nowhere else.
/// </summary>
public static class JobMachine
{
    /// <summary>What follows from <paramref name="message"/>; empty when it is late, repeated, or about a finished job.</summary>
    public static Decision Decide(JobState job, IMessage message, JobPolicy policy) => message switch
    {
        CancelJob cancel => Cancel(job, cancel.Reason),
        RetryJob => Retry(job),
        WorkFailed failed => Current(job, failed) ? Fail(job, failed.Unit, failed.Worker, failed.Reason, failed.Final, policy) : Decision.Nothing(job.Id),
        WorkReturned returned => Current(job, returned) ? HandBack(job, returned.Unit, returned.Worker) : Decision.Nothing(job.Id),
        AcquisitionPrepared done => Complete(job, done, done.Seconds),
        TileCorrelated done => Complete(job, done, done.Seconds),
        PairAggregated done => Complete(job, done, done.Seconds),
        StackSummarised done => Complete(job, done, done.Seconds),
        ProductWritten done => Complete(job, done, done.Seconds),
        ResultPublished done => Complete(job, done, done.Seconds),
        _ => Decision.Nothing(job.Id),
    };

    /// <summary>The planned job begins.</summary>
    public static Decision Begin(JobId job, JobShape shape) =>
        new(job, [], JobPhase.Running, $"planned: {shape.Acquisitions} acquisitions, {shape.Pairs.Count} pairs, {shape.Tiles} tiles", []);

    /// <summary>The job cannot be planned: it ends before it began.</summary>
    public static Decision Refuse(JobId job, string reason) => new(job, [], JobPhase.Failed, reason, []);

    /// <summary>The next unit whose needs are met, or -1. Later stages come first, so that pairs are finished before new ones are begun.</summary>
    public static int NextReady(JobState job)
    {
        if (job.IsFinal || job.Shape is not { } shape)
            return -1;
        for (int unit = shape.Units - 1; unit >= shape.FirstAggregate; unit--)
        {
            if (job.Status(unit) != UnitStatus.Waiting)
                continue;
            if (NeedsMet(job, shape, unit))
                return unit;
            // What one product of a stack waits for, all of them wait for: there are many, and this is asked for every tile.
            if (unit >= shape.FirstProduct && unit < shape.FirstPublication)
                unit = shape.ProductUnit(shape.ProductOf(unit).Stack, 0);
        }

        for (int unit = 0; unit < shape.Acquisitions; unit++)
        {
            if (job.Status(unit) == UnitStatus.Waiting)
                return unit;
        }

        return NextReadyTile(job, shape);
    }

    /// <summary>The decision that puts <paramref name="unit"/> into its queue as a new attempt.</summary>
    public static Decision Dispatch(JobState job, int unit)
    {
        int attempt = job.Attempt(unit) + 1;
        return new Decision(job.Id, [new UnitChange(unit, UnitStatus.Dispatched, attempt, job.Failures(unit))], null, null, [Command(job, unit, attempt)]);
    }

    /// <summary>The worker of a dispatched unit is gone or hangs.</summary>
    public static Decision Expire(JobState job, int unit, string? worker, string reason, JobPolicy policy) =>
        job.IsFinal || job.Status(unit) != UnitStatus.Dispatched ? Decision.Nothing(job.Id) : Fail(job, unit, worker, reason, final: false, policy);

    private static bool Current(JobState job, IWorkEvent message) =>
        !job.IsFinal && message.Unit >= 0 && message.Unit < (job.Shape?.Units ?? 0)
        && job.Status(message.Unit) == UnitStatus.Dispatched && job.Attempt(message.Unit) == message.Attempt;

    // A result counts whatever its attempt: the output key makes all attempts equal, and the first to finish wins.
    private static Decision Complete(JobState job, IWorkEvent message, double seconds)
    {
        if (job.IsFinal || message.Unit < 0 || message.Unit >= (job.Shape?.Units ?? 0) || job.Status(message.Unit) >= UnitStatus.Done)
            return Decision.Nothing(job.Id);
        var change = new UnitChange(message.Unit, UnitStatus.Done, job.Attempt(message.Unit), job.Failures(message.Unit), message.Worker, null, seconds);
        if (job.Count(UnitStatus.Waiting) + job.Count(UnitStatus.Dispatched) > 1)
            return new Decision(job.Id, [change], null, null, []);
        int gaps = job.Count(UnitStatus.Failed);
        return new Decision(
            job.Id,
            [change],
            gaps == 0 ? JobPhase.Succeeded : JobPhase.SucceededWithGaps,
            gaps == 0 ? "every product is on the disk" : $"every product is on the disk; {gaps} tiles failed and are flagged holes",
            []);
    }

    private static Decision Fail(JobState job, int unit, string? worker, string reason, bool final, JobPolicy policy)
    {
        var shape = job.Shape!;
        int failures = job.Failures(unit) + 1;
        if (!final && failures < policy.MaximumAttempts)
            return new Decision(job.Id, [new UnitChange(unit, UnitStatus.Waiting, job.Attempt(unit), failures, worker, reason)], null, null, []);
        var change = new UnitChange(unit, UnitStatus.Failed, job.Attempt(unit), failures, worker, reason);
        if (shape.StageOf(unit) == UnitStage.Correlate)
        {
            bool lastOfAll = shape.Tiles == CountFailedTiles(job, shape) + 1;
            return lastOfAll
                ? new Decision(job.Id, [change], JobPhase.Failed, $"every tile failed; the last reason: {reason}", [])
                : new Decision(job.Id, [change], null, null, []);
        }

        return new Decision(job.Id, [change], JobPhase.Failed, $"{shape.Describe(unit)} failed after {failures} attempts: {reason}", []);
    }

    private static Decision HandBack(JobState job, int unit, string worker) =>
        new(job.Id, [new UnitChange(unit, UnitStatus.Waiting, job.Attempt(unit), job.Failures(unit), worker, "handed back")], null, null, []);

    private static Decision Cancel(JobState job, string reason) =>
        job.IsFinal
            ? Decision.Nothing(job.Id)
            : new Decision(job.Id, [], JobPhase.Cancelled, reason, [new NodeControl(NodeOrder.DropJob, null, job.Id)]);

    private static Decision Retry(JobState job)
    {
        if (job.Shape is not { } shape || job.Phase is not (JobPhase.Failed or JobPhase.SucceededWithGaps or JobPhase.Cancelled))
            return Decision.Nothing(job.Id);
        var again = new HashSet<int>();
        for (int unit = 0; unit < shape.Units; unit++)
        {
            if (job.Status(unit) is UnitStatus.Failed or UnitStatus.Dispatched)
                again.Add(unit);
        }

        // What was made from a hole must be made anew once the hole may close.
        foreach (int unit in again.Where(unit => shape.StageOf(unit) == UnitStage.Correlate).ToList())
            again.Add(shape.AggregateUnit(shape.TileOf(unit).Pair));
        foreach (int unit in again.Where(unit => shape.StageOf(unit) == UnitStage.Aggregate).ToList())
            again.Add(shape.SummaryUnit(shape.Pairs[unit - shape.FirstAggregate].Stack));
        if (shape.SplitsProducts)
        {
            foreach (int unit in again.Where(unit => shape.StageOf(unit) == UnitStage.Summarise).ToList())
                again.UnionWith(Enumerable.Range(shape.ProductUnit(unit - shape.FirstSummary, 0), shape.Products[unit - shape.FirstSummary]));
            foreach (int unit in again.Where(unit => unit >= shape.FirstProduct && unit < shape.FirstPublication).ToList())
                again.Add(shape.PublicationUnit(shape.ProductOf(unit).Stack));
        }

        // The mosaic reads what the stacks publish.
        bool isAnew = again.Any(unit => unit >= (shape.SplitsProducts ? shape.FirstPublication : shape.FirstSummary) && unit < shape.FirstOfMosaic);
        if (shape.Mosaic >= 0 && isAnew)
            again.UnionWith(Enumerable.Range(shape.FirstOfMosaic, shape.MosaicProducts));
        if (shape.Mosaic >= 0 && (isAnew || again.Any(unit => unit >= shape.FirstOfMosaic)))
            again.Add(shape.Mosaic);
        var changes = again.Order().Select(unit => new UnitChange(unit, UnitStatus.Waiting, job.Attempt(unit), 0, null, "retried")).ToList();
        return new Decision(job.Id, changes, JobPhase.Running, $"retried: {changes.Count} units", [new NodeControl(NodeOrder.KeepJob, null, job.Id)]);
    }

    private static bool NeedsMet(JobState job, JobShape shape, int unit)
    {
        switch (shape.StageOf(unit))
        {
            case UnitStage.Aggregate:
                return job.OpenTiles(unit - shape.FirstAggregate) == 0 && Prepared(job, shape.Pairs[unit - shape.FirstAggregate]);
            case UnitStage.Summarise when unit != shape.Mosaic:
                int stack = unit - shape.FirstSummary;
                return Enumerable.Range(0, shape.Pairs.Count).All(pair => shape.Pairs[pair].Stack != stack || job.Status(shape.AggregateUnit(pair)) == UnitStatus.Done);
            case UnitStage.Write when unit < shape.FirstPublication:
                return job.Status(shape.SummaryUnit(shape.ProductOf(unit).Stack)) == UnitStatus.Done;
            case UnitStage.Publish when unit < shape.FirstOfMosaic:
                int published = unit - shape.FirstPublication;
                return AllDone(job, shape.ProductUnit(published, 0), shape.Products[published]);
            case UnitStage.Write:
                return AllDone(job, shape.FirstPublication, shape.Stacks);
            default:
                return shape.SplitsProducts ? AllDone(job, shape.FirstOfMosaic, shape.MosaicProducts) : AllDone(job, shape.FirstSummary, shape.Stacks);
        }
    }

    private static bool AllDone(JobState job, int first, int count)
    {
        for (int unit = first; unit < first + count; unit++)
        {
            if (job.Status(unit) != UnitStatus.Done)
                return false;
        }

        return true;
    }

    private static bool Prepared(JobState job, PairShape pair) =>
        job.Status(pair.Reference) == UnitStatus.Done && job.Status(pair.Secondary) == UnitStatus.Done;

    private static int NextReadyTile(JobState job, JobShape shape)
    {
        int unit = job.FirstMaybeReadyTile;
        while (unit < shape.FirstAggregate)
        {
            var (pair, tile) = shape.TileOf(unit);
            if (!Prepared(job, shape.Pairs[pair]))
            {
                unit += shape.Pairs[pair].Tiles - tile;
                continue;
            }

            int end = unit - tile + shape.Pairs[pair].Tiles;
            for (; unit < end; unit++)
            {
                if (job.Status(unit) == UnitStatus.Waiting)
                    return unit;
            }
        }

        return -1;
    }

    private static int CountFailedTiles(JobState job, JobShape shape) => FailedTiles(job, shape).Count;

    private static List<int> FailedTiles(JobState job, JobShape shape) =>
        job.Count(UnitStatus.Failed) == 0
            ? []
            : [.. Enumerable.Range(shape.Acquisitions, shape.Tiles).Where(unit => job.Status(unit) == UnitStatus.Failed)];

    private static object Command(JobState job, int unit, int attempt)
    {
        var shape = job.Shape!;
        switch (shape.StageOf(unit))
        {
            case UnitStage.Prepare:
                return new PrepareAcquisition(job.Id, unit, attempt);
            case UnitStage.Correlate:
                return new CorrelateTile(job.Id, unit, attempt);
            case UnitStage.Summarise:
                return new SummariseStack(job.Id, unit, attempt, FailedTiles(job, shape)) { ProductsFollow = shape.SplitsProducts };
            case UnitStage.Write:
                return new WriteProduct(job.Id, unit, attempt, FailedTiles(job, shape));
            case UnitStage.Publish:
                return new PublishResult(job.Id, unit, attempt, FailedTiles(job, shape));
            default:
                return new AggregatePair(job.Id, unit, attempt, FailedTiles(job, shape));
        }
    }
}
