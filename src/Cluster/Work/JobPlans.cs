using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Cluster.Work;

/// <summary>The plans of a job, one per stack, and what its unit numbers mean in them.</summary>
internal sealed class JobPlans
{
    public JobPlans(JobRequest request, IReadOnlyList<JobPlan> stacks)
    {
        Request = request;
        Stacks = stacks;
        int firstImage = 0;
        var pairs = new List<PairShape>();
        for (int number = 0; number < stacks.Count; number++)
        {
            var plan = stacks[number];
            foreach (var pair in plan.Pairs)
                pairs.Add(new PairShape(firstImage + plan.IndexOf(pair.Reference), firstImage + plan.IndexOf(pair.Secondary), plan.Tiles.Tiles.Count, number));
            firstImage += plan.Images.Count;
        }

        Shape = new JobShape(firstImage, pairs, stacks.Count)
        {
            Products = [.. stacks.Select(WriteProducts.Count)],
            MosaicProducts = stacks.Count > 1 ? MosaicStacks.Count(stacks[0]) : 0,
        };
    }

    public JobRequest Request { get; }

    public IReadOnlyList<JobPlan> Stacks { get; }

    public JobShape Shape { get; }

    /// <summary>Result folder of a stack: the job's own when it is the only one, else one named after the tile inside it.</summary>
    public string Out(int stack) => Stacks.Count == 1 ? Request.Out : Path.Combine(Request.Out, Stacks[stack].Tile);

    public (JobPlan Plan, PlannedImage Image) Image(int unit)
    {
        foreach (var plan in Stacks)
        {
            if (unit < plan.Images.Count)
                return (plan, plan.Images[unit]);
            unit -= plan.Images.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(unit));
    }

    /// <summary>The plan of a tile's stack, the pair's number in that plan, and the tile's number in the pair.</summary>
    public (JobPlan Plan, int Pair, int Tile) Tile(int unit)
    {
        var (pair, tile) = Shape.TileOf(unit);
        return (Stacks[Shape.Pairs[pair].Stack], InStack(pair), tile);
    }

    public (JobPlan Plan, int Pair) Pair(int unit)
    {
        int pair = unit - Shape.FirstAggregate;
        return (Stacks[Shape.Pairs[pair].Stack], InStack(pair));
    }

    /// <summary>Failed tile units as the holes of one stack's plan.</summary>
    public IReadOnlySet<(int Pair, int Tile)> Holes(JobPlan stack, IEnumerable<int> failedTiles) =>
        failedTiles.Select(Tile).Where(hole => hole.Plan == stack).Select(hole => (hole.Pair, hole.Tile)).ToHashSet();

    private int InStack(int pair)
    {
        int stack = Shape.Pairs[pair].Stack, first = 0;
        while (Shape.Pairs[first].Stack != stack)
            first++;
        return pair - first;
    }
}
