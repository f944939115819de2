using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>Matches two rasters tile by tile, so that memory depends on the tile and not on the image.</summary>
public static class TiledMatch
{
    /// <summary>Calls <paramref name="receive"/> with the field of each core, in the order of the plan.</summary>
    /// <param name="progress">Told the part done, 0 to 1.</param>
    public static void Run(
        RasterPair pair, MatchMethod method, TilingParameters tiling, Workers workers, Action<Window, DisplacementField> receive, Action<double>? progress = null)
    {
        var plan = TilePlan.Create(pair.Grid.Width, pair.Grid.Height, method.HaloPixels, tiling);
        foreach (var tile in plan.Tiles)
        {
            workers.Cancellation.ThrowIfCancellationRequested();
            // What the tile before left behind is more than a gigabyte; the collector's own budget would let that of several tiles pile up.
            GC.Collect();
            var input = pair.Read(tile.Padded);
            receive(tile.Core, Mosaic.CoreOf(method.Match(input, workers), tile.Padded, tile.Core));
            progress?.Invoke((tile.Index + 1.0) / plan.Tiles.Count);
        }
    }

    /// <summary>The whole field in memory, for pairs that fit.</summary>
    public static DisplacementField Whole(RasterPair pair, MatchMethod method, TilingParameters tiling, Workers workers)
    {
        var whole = DisplacementField.Empty(pair.Grid.Width, pair.Grid.Height, Validity.TileFailed);
        Run(pair, method, tiling, workers, (core, field) => whole.Paste(field, field.Dx.Bounds, core.X, core.Y));
        return whole;
    }
}
