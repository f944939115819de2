using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>Matches two rasters tile by tile, so that memory depends on the tile and not on the image.</summary>
public static class TiledMatch
{
    /// <summary>Calls <paramref name="receive"/> with the field of each core, in the order of the plan, and the threads that it may use.</summary>
    /// <param name="progress">Told the part done, 0 to 1.</param>
    public static void Run(
        RasterPair pair, MatchMethod method, TilingParameters tiling, Workers workers, Action<Window, DisplacementField, Workers> receive, Action<double>? progress = null)
    {
        var plan = TilePlan.Create(pair.Grid.Width, pair.Grid.Height, method.HaloPixels, tiling);
        workers.InOrder(
            plan.Tiles.Count, Matching.TilesAbreast,
            (i, share) =>
            {
                // What the tile before left behind is more than a gigabyte; the collector's own budget would let that of several tiles pile up.
                GC.Collect();
                var tile = plan.Tiles[i];
                return Mosaic.CoreOf(method.Match(pair.Read(tile.Padded), share), tile.Padded, tile.Core);
            },
            (i, field, share) =>
            {
                receive(plan.Tiles[i].Core, field, share);
                progress?.Invoke((i + 1.0) / plan.Tiles.Count);
            });
    }

    /// <summary>The whole field in memory, for pairs that fit.</summary>
    public static DisplacementField Whole(RasterPair pair, MatchMethod method, TilingParameters tiling, Workers workers)
    {
        var whole = DisplacementField.Empty(pair.Grid.Width, pair.Grid.Height, Validity.TileFailed);
        Run(pair, method, tiling, workers, (core, field, _) => whole.Paste(field, field.Dx.Bounds, core.X, core.Y));
        return whole;
    }
}
