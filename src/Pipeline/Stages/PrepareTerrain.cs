using System.Security.Cryptography;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Elevation on the grid of the images, and the slope mask made from it; once per job.</summary>
public static class PrepareTerrain
{
    public const string Stage = "prepare-terrain";

    private const string ElevationFile = "elevation.tif";

    private const string SlopeFile = "slope-mask.tif";

    public static StageKey KeyOf(JobPlan plan) => StageKey.Of(
        Stage, SlopeMask.MethodVersion, [plan.Grid, .. plan.Terrain.Files.Select(Content), StageKey.Text(plan.Parameters.SlopeMask)]);

    public static StageKey Run(JobPlan plan, StageContext work)
    {
        var key = KeyOf(plan);
        work.Run(Stage, "terrain", plan.Cost.SecondsOfTerrain, key, folder =>
        {
            if (plan.Terrain.Files.Count == 0)
                return;
            var sources = plan.Terrain.Files.Select(file => RasterFile.Open(file)).ToArray();
            try
            {
                var grid = plan.Grid;
                using var elevation = WorkRaster.Create(Path.Combine(folder, ElevationFile), grid, PixelType.Float32, new BandAttributes("elevation", "m", double.NaN));
                using var slope = WorkRaster.Create(Path.Combine(folder, SlopeFile), grid, PixelType.Byte, new BandAttributes("slope mask"));
                foreach (var block in StageContext.RowBlocks(grid))
                {
                    work.Workers.Cancellation.ThrowIfCancellationRequested();
                    var window = new Window(0, block.Y - SlopeMask.Halo, grid.Width, block.Height + 2 * SlopeMask.Halo).Intersect(grid.Bounds);
                    var heights = Warp.ToGrid(sources, grid.Crop(window));
                    var mask = SlopeMask.Compute(heights, grid.PixelSizeMetres, plan.Parameters.SlopeMask, work.Workers);
                    elevation.Write(1, heights.Crop(block.RelativeTo(window)), block.X, block.Y);
                    slope.Write(1, mask.Crop(block.RelativeTo(window)), block.X, block.Y);
                }

                elevation.Complete();
                slope.Complete();
            }
            finally
            {
                foreach (var source in sources)
                    source.Dispose();
            }
        });
        return key;
    }

    /// <summary>The slope mask on the grid of the images; null when there is no terrain.</summary>
    internal static RasterFile? OpenSlopeMask(StageStore store, StageKey terrain) => Open(store, terrain, SlopeFile);

    /// <summary>Elevations averaged onto the coarser <paramref name="grid"/> of the same ground; null when there is no terrain.</summary>
    internal static Raster<float>? ReadElevation(StageStore store, StageKey terrain, RasterGrid grid)
    {
        using var file = Open(store, terrain, ElevationFile);
        return file?.Read<float>(1, file.Bounds, grid.Width, grid.Height, Resampling.Average);
    }

    private static RasterFile? Open(StageStore store, StageKey terrain, string name) =>
        File.Exists(store.FileOf(terrain, name)) ? RasterFile.Open(store.FileOf(terrain, name)) : null;

    internal static string Content(string file)
    {
        if (!File.Exists(file))
            return $"{file} {VsiFile.Length(file)}";
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
