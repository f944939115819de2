using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline;

/// <summary>What a job will do, checked: made by <see cref="Planner"/> only.</summary>
/// <param name="Parameters">Completed parameters.</param>
/// <param name="Images">Images in order of time.</param>
/// <param name="Pairs">Pairs in the order of their work.</param>
/// <param name="Tiles">How each pair is cut.</param>
/// <param name="Terrain">Where elevations come from.</param>
/// <param name="Cost">What it will take.</param>
/// <param name="Warnings">What the user should know before, one sentence each.</param>
public sealed record JobPlan(
    JobParameters Parameters, IReadOnlyList<PlannedImage> Images, IReadOnlyList<ImagePair> Pairs, TilePlan Tiles, TerrainChoice Terrain, CostEstimate Cost,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Tiles that failed after all their attempts (numbers of pair and tile): flagged holes in the result. Empty in a local run, which stops instead.</summary>
    public IReadOnlySet<(int Pair, int Tile)> Holes { get; init; } = new HashSet<(int, int)>();

    /// <summary>Fault trace and stable area, where the user gave them.</summary>
    public GroundKnowledge Ground { get; init; } = GroundKnowledge.None;

    public string Tile => Images[0].Acquisition.Tile;

    public RasterGrid Grid => Images[0].Acquisition.Grid;

    public PlannedImage ImageOf(Acquisition acquisition) => Images.First(i => i.Acquisition.Id == acquisition.Id);

    public int IndexOf(Acquisition acquisition) => Images.ToList().FindIndex(i => i.Acquisition.Id == acquisition.Id);

    /// <summary>Products and job.json, by their names relative to the result folder.</summary>
    public IReadOnlyList<string> Products => ProductNames.All(this);

    /// <summary>Whether the image has the bands for a spectral mask; without them, and with both mask switches off, it is used unmasked.</summary>
    public static bool HasSpectralMask(PlannedImage image) => Stages.MaskAcquisition.CanRun(image);
}

/// <summary>A plan, or all reasons why there is none.</summary>
/// <param name="Plan">Null when there are refusals.</param>
/// <param name="Refusals">One sentence each, with its remedy.</param>
public sealed record PlanOutcome(JobPlan? Plan, IReadOnlyList<string> Refusals);
