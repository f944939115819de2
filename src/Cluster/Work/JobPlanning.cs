using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cluster.Work;

/// <summary>Plans a request: one plan for each Sentinel-2 tile among its products, or all reasons against it.</summary>
public static class JobPlanning
{
    /// <param name="request">Checked parameters and paths of products.</param>
    /// <param name="workFolder">Where intermediate rasters would go.</param>
    /// <param name="demRoot">Folder or bucket of the named elevation data sets, or null.</param>
    /// <param name="threads">For the estimate of the time.</param>
    /// <param name="checkDisk">Whether a disk that is too full is a reason against it.</param>
    /// <returns>Plans in the order of their tiles' names; none when there are refusals, one sentence each.</returns>
    public static (IReadOnlyList<JobPlan> Stacks, IReadOnlyList<string> Refusals) Plan(JobRequest request, string workFolder, string? demRoot, int threads, bool checkDisk = true)
    {
        var refusals = new List<string>();
        var tileOf = new List<(string Input, string Tile)>();
        foreach (string input in request.Inputs)
        {
            try
            {
                tileOf.Add((input, SafeProduct.Open(input, request.Parameters.Images.Tile).Tile));
            }
            catch (InputException cause)
            {
                refusals.Add(cause.Message);
            }
        }

        if (refusals.Count > 0)
            return ([], refusals);
        var stacks = new List<JobPlan>();
        var tiles = tileOf.GroupBy(product => product.Tile, product => product.Input).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        foreach (var tile in tiles)
        {
            string output = tiles.Count == 1 ? request.Out : Path.Combine(request.Out, tile.Key);
            var outcome = Planner.Plan(request.Parameters, [.. tile], new RunPlaces(output, workFolder, demRoot), threads, checkDisk);
            refusals.AddRange(outcome.Refusals);
            if (outcome.Plan is { } plan)
                stacks.Add(plan);
        }

        return refusals.Count == 0 ? (stacks, []) : ([], refusals.Distinct().ToList());
    }
}
