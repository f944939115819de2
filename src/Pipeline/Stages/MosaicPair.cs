using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 6: the tiles of a pair to its raw displacement field, one row of tiles at a time.</summary>
public static class MosaicPair
{
    public const string Stage = "mosaic-pair";

    public static StageKey KeyOf(IEnumerable<StageKey> tiles) => StageKey.Of(Stage, "mosaic-1", tiles.Cast<object?>());

    /// <summary>Matches the tiles that are missing, joins all, then drops them: their pixels are in the field.</summary>
    /// <param name="correlate">Makes a tile; null for one that failed after all its attempts, which becomes a flagged hole.</param>
    public static StageKey Run(
        ImagePair pair, PreparedImage reference, PreparedImage secondary, Func<Tile, StageKey?> correlate, JobPlan plan, StageContext work)
    {
        var tileKeys = plan.Tiles.Tiles.Select(tile => CorrelateTile.KeyOf(reference, secondary, tile, plan.Parameters)).ToArray();
        var key = KeyOf(tileKeys);
        var tiles = work.Store.Has(key) ? [] : plan.Tiles.Tiles.Select(correlate).ToArray();
        if (tiles.Length == 0)
            work.Journal.Skip(plan.Tiles.Tiles.Sum(plan.Cost.SecondsOfTile));
        work.Run(Stage, $"mosaic of {pair.Name}", plan.Cost.SecondsOfMosaic, key, folder =>
        {
            using var writer = new FieldWriter(folder, pair.Reference.Grid);
            for (int row = 0; row < plan.Tiles.Rows; row++)
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var rowOfTiles = plan.Tiles.RowOfTiles(row).ToArray();
                var band = new Window(0, rowOfTiles[0].Core.Y, plan.Tiles.Width, rowOfTiles[0].Core.Height);
                writer.Write(Mosaic.Join(band, rowOfTiles.Select(tile => (tile.Core, Read(tile, tiles[tile.Index], work.Store)))), 0, band.Y);
            }

            writer.Complete();
        });
        foreach (var tile in tileKeys)
            work.Store.Remove(tile);
        return key;
    }

    private static DisplacementField? Read(Tile tile, StageKey? key, StageStore store)
    {
        if (key is not { } present)
            return null;
        using var reader = new FieldReader(store.FolderOf(present));
        return reader.Read(new Window(0, 0, tile.Core.Width, tile.Core.Height));
    }
}
