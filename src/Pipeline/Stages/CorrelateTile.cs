using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 5: one tile of a pair to the displacement of its core.</summary>
public static class CorrelateTile
{
    public const string Stage = "correlate-tile";

    public static WorkKey KeyOf(PreparedImage reference, PreparedImage secondary, Tile tile, JobParameters parameters)
    {
        var method = Matching.Of(parameters);
        return StageKeys.Of(Stage, method.Version, reference.Key, secondary.Key, tile.Core, tile.Padded, parameters.Matching.Method, method.KeyText);
    }

    public static WorkKey Run(ImagePair pair, PreparedImage reference, PreparedImage secondary, Tile tile, JobPlan plan, StageContext work)
    {
        var key = KeyOf(reference, secondary, tile, plan.Parameters);
        work.Run(Stage, $"matching {pair.Name}, tile {tile.Index + 1} of {plan.Tiles.Tiles.Count}", plan.Cost.SecondsOfTile(tile), key,
            WorkEntry.FieldLayout(tile.Core.Width, tile.Core.Height), writer =>
        {
            using WorkEntry first = work.Store.Open(reference.Key), second = work.Store.Open(secondary.Key);
            var input = new MatchInput(
                first.Read<float>(PreparedImage.Band, tile.Padded), second.Read<float>(PreparedImage.Band, tile.Padded),
                first.Read<Validity>(PreparedImage.Validity, tile.Padded), second.Read<Validity>(PreparedImage.Validity, tile.Padded));
            var core = Mosaic.CoreOf(Match(input, plan.Parameters, work.Workers), tile.Padded, tile.Core);
            AddReasons(core, input, tile);
            writer.WriteField(core, 0, 0);
        });
        return key;
    }

    private static DisplacementField Match(MatchInput input, JobParameters parameters, Workers workers)
    {
        // What the tile before left behind is more than a gigabyte; the collector's own budget would let that of several tiles pile up.
        GC.Collect();
        // Sea, clouds and the part beyond the swath: nothing to match, so nothing is spent on it.
        bool anything = input.ReferenceValidity.Pixels.AsSpan().Contains(Validity.Valid) && input.SecondaryValidity.Pixels.AsSpan().Contains(Validity.Valid);
        return anything ? Matching.Of(parameters).Match(input, workers) : DisplacementField.Empty(input.Width, input.Height, Validity.NoTexture);
    }

    /// <summary>A pixel without value learns why: what the masks of both dates say there, in place of the matcher's bare "cannot".</summary>
    private static void AddReasons(DisplacementField core, MatchInput input, Tile tile)
    {
        var inside = tile.Core.RelativeTo(tile.Padded);
        for (int y = 0; y < core.Height; y++)
        {
            var reference = input.ReferenceValidity.Row(inside.Y + y).Slice(inside.X, inside.Width);
            var secondary = input.SecondaryValidity.Row(inside.Y + y).Slice(inside.X, inside.Width);
            var flags = core.Validity.Row(y);
            for (int x = 0; x < flags.Length; x++)
            {
                var masked = reference[x] | secondary[x];
                if (flags[x] != Validity.Valid && masked != Validity.Valid)
                    flags[x] = masked;
                else if (reference[x] != Validity.Valid)
                    flags[x] |= reference[x];
            }
        }
    }
}
