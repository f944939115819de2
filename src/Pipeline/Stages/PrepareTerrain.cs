using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>The slope mask on the grid of the images; once per job, and not at all without an elevation model.</summary>
public static class PrepareTerrain
{
    public const string Stage = "prepare-terrain";

    internal const string SlopeMaskRaster = "slopeMask";

    /// <returns>Null when there is no terrain: then nothing is steep.</returns>
    public static WorkKey? Run(JobPlan plan, StageContext work)
    {
        if (!plan.Terrain.IsAvailable)
            return null;
        var grid = plan.Grid;
        var key = StageKeys.Of(Stage, SlopeMask.MethodVersion, grid, plan.Terrain.Content, StageKeys.Text(plan.Parameters.SlopeMask));
        work.Run(Stage, "slopes of the terrain", plan.Cost.SecondsOfTerrain, key, [RasterLayout.Of<byte>(SlopeMaskRaster, grid.Width, grid.Height)], writer =>
        {
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var window = new Window(0, block.Y - SlopeMask.Halo, grid.Width, block.Height + 2 * SlopeMask.Halo).Intersect(grid.Bounds);
                var elevation = plan.Terrain.Source.Read(grid.Crop(window)).Elevation;
                var mask = SlopeMask.Compute(elevation, grid.PixelSizeMetres, plan.Parameters.SlopeMask, work.Workers);
                writer.Write(SlopeMaskRaster, mask.Crop(block.RelativeTo(window)), block.X, block.Y);
            }
        });
        return key;
    }
}
