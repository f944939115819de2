using System.Collections.Concurrent;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Worker;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cluster.Work;

/// <summary>
/// Where the pipeline meets the cluster: plans a job into numbered units, and does a unit by calling the stages that a local run calls. Every output has
/// its key in the shared work store, so doing a unit twice, on two machines, or after a crash costs nothing and changes nothing.
/// </summary>
/// <param name="workFolder">Shared by all nodes.</param>
/// <param name="demRoot">Folder or bucket of the named elevation data sets, or null.</param>
/// <param name="threads">Threads of one unit.</param>
/// <param name="clock">For times in job.json.</param>
/// <param name="compute">Where units are computed; null: on the thread pool.</param>
public sealed class PipelineWork(string workFolder, string? demRoot, int threads, TimeProvider clock, TaskScheduler? compute = null) : IJobPlanner, IUnitOfWork
{
    private const int PlansKept = 32;
    private const int StoreProbeBytes = 1 << 20;

    private readonly ConcurrentDictionary<JobId, Lazy<JobPlans>> _plans = new();

    // Opened once per process: opening sweeps the folder.
    private WorkStore? _store;

    public Task<JobShape> PlanAsync(StoredJob job, CancellationToken cancellation) => Task.Run(
        () =>
        {
            var request = JobRequest.Parse(job.Request);
            var plans = Plan(request, checkDisk: true);
            Publish(job.Id, job.Request);
            return plans.Shape;
        },
        cancellation);

    public Task DoAsync(IWorkCommand command, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => Do(command, cancellation), CancellationToken.None, TaskCreationOptions.DenyChildAttach, compute ?? TaskScheduler.Default);

    private void Do(IWorkCommand command, CancellationToken cancellation)
    {
        var journal = new StageJournal(clock);
        try
        {
            var plans = Find(command.Job);
            var work = new StageContext(_store ??= new WorkStore(workFolder), new Workers(threads, cancellation), journal);
            switch (command)
            {
                case Messages.PrepareAcquisition:
                    var (stack, image) = plans.Image(command.Unit);
                    DisplacementPipeline.Prepare(image, stack, work);
                    break;
                case Messages.CorrelateTile:
                    Correlate(plans, command.Unit, work);
                    break;
                case AggregatePair aggregate:
                    Aggregate(plans, aggregate, work);
                    break;
                case Messages.SummariseStack { ProductsFollow: true } summary:
                    Output(plans, summary.Unit - plans.Shape.FirstSummary, summary.FailedTiles, work);
                    break;
                case Messages.SummariseStack summary when summary.Unit < plans.Shape.FirstProduct:
                    Publish(plans, command.Job, summary.Unit - plans.Shape.FirstSummary, summary.FailedTiles, wholly: true, work);
                    break;
                case Messages.SummariseStack mosaic:
                    PublishMosaic(plans, command.Job, mosaic.FailedTiles, wholly: true, work);
                    break;
                case WriteProduct product:
                    Write(plans, product, work);
                    break;
                case PublishResult mosaic when mosaic.Unit == plans.Shape.Mosaic:
                    PublishMosaic(plans, command.Job, mosaic.FailedTiles, wholly: false, work);
                    break;
                case PublishResult publication:
                    Publish(plans, command.Job, publication.Unit - plans.Shape.FirstPublication, publication.FailedTiles, wholly: false, work);
                    break;
                default:
                    throw new InvalidOperationException($"No stage belongs to {command.GetType().Name}.");
            }
        }
        catch (Exception error) when (error is not OperationCanceledException && FolderProbe.Fault(workFolder, StoreProbeBytes) is { } fault)
        {
            throw new WorkStoreUnavailableException($"The work store {workFolder} cannot be written ({fault}): free some space or mend the mount; the unit waits.", error);
        }
    }

    private static void Correlate(JobPlans plans, int unit, StageContext work)
    {
        var (plan, pairNumber, tileNumber) = plans.Tile(unit);
        var pair = plan.Pairs[pairNumber];
        var (reference, secondary) = Images(plan, pairNumber, work);
        // A command that arrives late, after the pair was joined, has nothing left to do.
        if (!work.Store.Contains(MosaicPair.KeyOf(pair, reference, secondary, plan)))
            Pipeline.Stages.CorrelateTile.Run(pair, reference, secondary, plan.Tiles.Tiles[tileNumber], plan, work);
    }

    private static void Aggregate(JobPlans plans, AggregatePair command, StageContext work)
    {
        var (whole, pairNumber) = plans.Pair(command.Unit);
        var plan = whole with { Holes = plans.Holes(whole, command.FailedTiles) };
        var pair = plan.Pairs[pairNumber];
        var (reference, secondary) = Images(plan, pairNumber, work);
        var field = MosaicPair.Run(pair, reference, secondary, (tile, share) => Pipeline.Stages.CorrelateTile.Run(pair, reference, secondary, tile, plan, share), plan, work);
        CorrectPair.Run(pair, field, plan, work);
    }

    /// <summary>The stages up to the statistics of a stack; what they made before is there already.</summary>
    private static (JobPlan Plan, StackOutput Output) Output(JobPlans plans, int stack, IReadOnlyList<int> failedTiles, StageContext work)
    {
        var plan = plans.Stacks[stack] with { Holes = plans.Holes(plans.Stacks[stack], failedTiles) };
        return (plan, DisplacementPipeline.Run(plan, work));
    }

    private static List<MosaicPart> Parts(JobPlans plans, IReadOnlyList<int> failedTiles, StageContext work) =>
        [.. Enumerable.Range(0, plans.Stacks.Count).Select(stack => (Stack: stack, Made: Output(plans, stack, failedTiles, work)))
            .Select(part => new MosaicPart(part.Made.Plan, part.Made.Output.Stack, plans.Out(part.Stack)))];

    private static void Write(JobPlans plans, WriteProduct command, StageContext work)
    {
        if (command.Unit >= plans.Shape.FirstOfMosaic)
        {
            var parts = Parts(plans, command.FailedTiles, work);
            if (!IsPublished(MosaicKey(plans, command.Job, parts), MosaicSign(plans), work))
                MosaicStacks.Make(parts, command.Unit - plans.Shape.FirstOfMosaic, work);
            return;
        }

        var (stack, product) = plans.Shape.ProductOf(command.Unit);
        var (plan, output) = Output(plans, stack, command.FailedTiles, work);
        if (!IsPublished(StackKey(plans, command.Job, stack, output), StackSign(plans, stack), work))
            WriteProducts.Make(plan, output, product, work);
    }

    /// <param name="wholly">The products are no units of their own: they are made here, side by side.</param>
    private void Publish(JobPlans plans, JobId job, int stack, IReadOnlyList<int> failedTiles, bool wholly, StageContext work)
    {
        foreach (string warning in plans.Stacks[stack].Warnings)
            work.Journal.Warn(warning);
        var (plan, output) = Output(plans, stack, failedTiles, work);
        var key = StackKey(plans, job, stack, output);
        if (IsPublished(key, StackSign(plans, stack), work))
            return;
        Func<JobPlan, StackOutput, string, StageContext, DateTimeOffset, TimeProvider, IReadOnlyList<string>> publish = wholly ? WriteProducts.Run : WriteProducts.Publish;
        publish(plan, output, plans.Out(stack), work, File.GetLastWriteTimeUtc(RequestFile(job)), clock);
        work.Store.Publish(key, path => File.WriteAllText(path, plans.Out(stack)));
    }

    private static void PublishMosaic(JobPlans plans, JobId job, IReadOnlyList<int> failedTiles, bool wholly, StageContext work)
    {
        var parts = Parts(plans, failedTiles, work);
        var key = MosaicKey(plans, job, parts);
        if (IsPublished(key, MosaicSign(plans), work))
            return;
        Func<IReadOnlyList<MosaicPart>, string, StageContext, IReadOnlyList<string>> publish = wholly ? MosaicStacks.Run : MosaicStacks.Publish;
        publish(parts, plans.Request.Out, work);
        work.Store.Publish(key, path => File.WriteAllText(path, plans.Request.Out));
    }

    // A command that comes again, perhaps long after the job ended, must not touch products that users read, nor make any that nobody will fetch.
    private static bool IsPublished(WorkKey key, string sign, StageContext work) => work.Store.Contains(key) && File.Exists(sign);

    private static WorkKey StackKey(JobPlans plans, JobId job, int stack, StackOutput output) => WorkKey.Of("published", "1", [job.Value, output.Stack.Value], plans.Out(stack));

    private static string StackSign(JobPlans plans, int stack) => Path.Combine(plans.Out(stack), ProductNames.JobFile);

    private static WorkKey MosaicKey(JobPlans plans, JobId job, IReadOnlyList<MosaicPart> parts) =>
        WorkKey.Of("published", "1", [job.Value, .. parts.Select(part => part.Stack.Value)], plans.Request.Out);

    private static string MosaicSign(JobPlans plans) => Path.Combine(plans.Request.Out, ProductNames.StacItem);

    private static (PreparedImage Reference, PreparedImage Secondary) Images(JobPlan plan, int pairNumber, StageContext work)
    {
        var pair = plan.Pairs[pairNumber];
        return (DisplacementPipeline.Prepare(plan.ImageOf(pair.Reference), plan, work), DisplacementPipeline.Prepare(plan.ImageOf(pair.Secondary), plan, work));
    }

    private JobPlans Plan(JobRequest request, bool checkDisk)
    {
        var (stacks, refusals) = JobPlanning.Plan(request, workFolder, demRoot, threads, checkDisk);
        return refusals.Count == 0 ? new JobPlans(request, stacks) : throw new InputException(string.Join(' ', refusals));
    }

    private JobPlans Find(JobId job)
    {
        if (_plans.Count > PlansKept)
            _plans.Clear();
        var plan = _plans.GetOrAdd(job, id => new Lazy<JobPlans>(() => Plan(JobRequest.Parse(File.ReadAllText(RequestFile(id))), checkDisk: false)));
        try
        {
            return plan.Value;
        }
        catch
        {
            // The input may be mended before the next attempt.
            _plans.TryRemove(job, out _);
            throw;
        }
    }

    /// <summary>Where the requests of the jobs lie.</summary>
    internal static string RequestFolder(string workFolder) => Path.Combine(workFolder, "jobs");

    private string RequestFile(JobId job) => Path.Combine(RequestFolder(workFolder), $"{job}.json");

    // Workers never ask the database: what they need of a job lies beside its intermediate rasters.
    private void Publish(JobId job, string request)
    {
        string file = RequestFile(job), unfinished = $"{file}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(unfinished, request);
        File.Move(unfinished, file, overwrite: true);
    }
}
