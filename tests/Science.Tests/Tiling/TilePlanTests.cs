using FsCheck;
using FsCheck.Fluent;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Science.Tests.Tiling;

public class TilePlanTests
{
    private static readonly Gen<(int Width, int Height, int Halo, int Size)> Cuts =
        from width in Gen.Choose(1, 700)
        from height in Gen.Choose(1, 700)
        from halo in Gen.Choose(0, 200)
        from size in Gen.Choose(128, 400)
        select (width, height, halo, size);

    [Fact]
    public void Cores_tile_the_image_exactly_once() => Prop.ForAll(Cuts.ToArbitrary(), cut =>
    {
        var plan = Plan(cut);
        var count = new Raster<byte>(cut.Width, cut.Height);
        foreach (var tile in plan.Tiles)
        {
            for (int y = tile.Core.Y; y < tile.Core.Bottom; y++)
            {
                for (int x = tile.Core.X; x < tile.Core.Right; x++)
                    count[x, y]++;
            }
        }

        return count.Pixels.All(c => c == 1);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Padded_windows_are_the_core_and_its_halo_inside_the_image() => Prop.ForAll(Cuts.ToArbitrary(), cut =>
    {
        var plan = Plan(cut);
        var image = new Window(0, 0, cut.Width, cut.Height);
        return plan.Tiles.All(tile => tile.Padded == tile.Core.Grow(cut.Halo).Intersect(image)
            && image.Contains(tile.Padded) && tile.Padded.Contains(tile.Core));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cores_start_at_multiples_of_the_tile_size_and_none_is_a_sliver() => Prop.ForAll(Cuts.ToArbitrary(), cut =>
    {
        var plan = Plan(cut);
        return plan.Tiles.All(tile => tile.Core.X % cut.Size == 0 && tile.Core.Y % cut.Size == 0
            && (tile.Core.Width * 4 >= cut.Size || tile.Core.Width == cut.Width) && (tile.Core.Height * 4 >= cut.Size || tile.Core.Height == cut.Height)
            && tile.Core.Width * 4 <= 5 * cut.Size);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_full_Sentinel_2_band_is_cut_into_tiles_of_the_default_size()
    {
        var plan = TilePlan.Create(10980, 10980, 64, new TilingParameters());
        plan.Tiles.Count.ShouldBe(49);
        plan.Tiles[8].Core.ShouldBe(new Window(1536, 1536, 1536, 1536));
        plan.Tiles[8].Padded.ShouldBe(new Window(1472, 1472, 1664, 1664));
        plan.Tiles[48].Core.ShouldBe(new Window(9216, 9216, 1764, 1764));
    }

    private static TilePlan Plan((int Width, int Height, int Halo, int Size) cut) =>
        TilePlan.Create(cut.Width, cut.Height, cut.Halo, new TilingParameters { TileSize = cut.Size });
}
