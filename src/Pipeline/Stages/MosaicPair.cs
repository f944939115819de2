using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 6: the tiles of a pair to its raw displacement field, one row of tiles at a time.</summary>
public static class MosaicPair
{
    public const string Stage = "mosaic-pair";

    /// <param name="tiles">Keys of the tiles, in order; null where one is a hole, so that a field with a hole is never taken for the whole one.</param>
    public static WorkKey KeyOf(IEnumerable<WorkKey?> tiles) => StageKeys.Of(Stage, "mosaic-1", tiles.Select(tile => tile is { } key ? (object)key : "hole"));

    /// <summary>Key of the field of <paramref name="pair"/>, known before any tile is matched.</summary>
    public static WorkKey KeyOf(ImagePair pair, PreparedImage reference, PreparedImage secondary, JobPlan plan) => KeyOf(TileKeys(pair, reference, secondary, plan));

    /// <summary>Matches the tiles that are missing, joins all, then drops them: their pixels are in the field.</summary>
    /// <param name="correlate">Makes a tile; not asked for those that are holes of the plan.</param>
    public static WorkKey Run(
        ImagePair pair, PreparedImage reference, PreparedImage secondary, Action<Tile, StageContext> correlate, JobPlan plan, StageContext work)
    {
        var tileKeys = TileKeys(pair, reference, secondary, plan);
        var key = KeyOf(tileKeys);
        if (work.Store.Contains(key))
            work.Journal.Skip(plan.Tiles.Tiles.Sum(plan.Cost.SecondsOfTile));
        else
            work.Workers.Abreast(tileKeys.Length, Matching.TilesAbreast, (i, share) =>
            {
                if (tileKeys[i] is not null)
                    correlate(plan.Tiles.Tiles[i], work.With(share));
            });
        work.Run(Stage, $"mosaic of {pair.Name}", plan.Cost.SecondsOfMosaic, key, WorkEntry.FieldLayout(plan.Tiles.Width, plan.Tiles.Height), writer =>
        {
            for (int row = 0; row < plan.Tiles.Rows; row++)
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var rowOfTiles = plan.Tiles.RowOfTiles(row).ToArray();
                var band = new Window(0, rowOfTiles[0].Core.Y, plan.Tiles.Width, rowOfTiles[0].Core.Height);
                writer.WriteField(Mosaic.Join(band, rowOfTiles.Select(tile => (tile.Core, Read(tileKeys[tile.Index], work.Store)))), 0, band.Y);
            }
        });
        // The neighbours of a hole are kept: a retry of the job then matches only what is missing.
        if (!tileKeys.Contains(null))
        {
            foreach (var tile in tileKeys)
                work.Store.Remove(tile!.Value);
        }

        return key;
    }

    private static WorkKey?[] TileKeys(ImagePair pair, PreparedImage reference, PreparedImage secondary, JobPlan plan)
    {
        int number = plan.Pairs.ToList().IndexOf(pair);
        return [.. plan.Tiles.Tiles.Select(tile =>
            plan.Holes.Contains((number, tile.Index)) ? null : (WorkKey?)CorrelateTile.KeyOf(reference, secondary, tile, plan.Parameters))];
    }

    private static DisplacementField? Read(WorkKey? key, WorkStore store)
    {
        if (key is not { } present)
            return null;
        using var entry = store.Open(present);
        return entry.ReadField();
    }
}
