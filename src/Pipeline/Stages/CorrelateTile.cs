using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Arrow 5: one tile of a pair to the displacement of its core.</summary>
public static class CorrelateTile
{
    public const string Stage = "correlate-tile";

    public static StageKey KeyOf(PreparedImage reference, PreparedImage secondary, Tile tile, JobParameters parameters) => StageKey.Of(
        Stage, Matching.MethodVersion(parameters), reference.Key, secondary.Key, tile.Core, tile.Padded, parameters.Matching.Method, Matching.KeyText(parameters));

    public static StageKey Run(ImagePair pair, PreparedImage reference, PreparedImage secondary, Tile tile, JobPlan plan, StageContext work)
    {
        var key = KeyOf(reference, secondary, tile, plan.Parameters);
        work.Run(Stage, $"matching {pair.Name}, tile {tile.Index + 1} of {plan.Tiles.Tiles.Count}", plan.Cost.SecondsOfTile(tile), key, folder =>
        {
            var input = new MatchInput(
                reference.ReadBand(work.Store, tile.Padded), secondary.ReadBand(work.Store, tile.Padded),
                reference.ReadValidity(work.Store, tile.Padded), secondary.ReadValidity(work.Store, tile.Padded));
            var core = Mosaic.CoreOf(Match(input, plan.Parameters, work.Workers), tile.Padded, tile.Core);
            AddReasons(core, input, tile);
            using var writer = new FieldWriter(folder, pair.Reference.Grid.Crop(tile.Core));
            writer.Write(core, 0, 0);
            writer.Complete();
        });
        return key;
    }

    private static DisplacementField Match(MatchInput input, JobParameters parameters, Workers workers)
    {
        // Sea, clouds and the part beyond the swath: nothing to match, so nothing is spent on it.
        bool anything = input.ReferenceValidity.Pixels.AsSpan().Contains(Validity.Valid) && input.SecondaryValidity.Pixels.AsSpan().Contains(Validity.Valid);
        return anything ? Matching.Match(input, parameters, workers) : DisplacementField.Empty(input.Width, input.Height, Validity.NoTexture);
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
