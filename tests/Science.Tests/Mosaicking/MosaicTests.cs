using GdmOptEtq.Science.Mosaicking;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Science.Tests.Mosaicking;

public class MosaicTests
{
    private const int Width = 700, Height = 520, Halo = 37;
    private static readonly TilePlan Plan = TilePlan.Create(Width, Height, Halo, new TilingParameters { TileSize = 200 });

    [Fact]
    public void Tiles_put_together_are_the_field_they_were_cut_from()
    {
        var field = Numbered();
        for (int row = 0; row < Plan.Rows; row++)
        {
            var band = BandOf(row);
            var joined = Mosaic.Join(band, Plan.RowOfTiles(row).Select(t => (t.Core, (DisplacementField?)Mosaic.CoreOf(field.Crop(t.Padded), t.Padded, t.Core))));
            joined.Dx.Pixels.ShouldBe(field.Dx.Crop(band).Pixels);
            joined.Dy.Pixels.ShouldBe(field.Dy.Crop(band).Pixels);
            joined.Validity.Pixels.ShouldBe(field.Validity.Crop(band).Pixels);
        }
    }

    [Fact]
    public void A_failed_tile_is_a_hole_with_its_reason_and_nothing_else_is_touched()
    {
        var field = Numbered();
        var band = BandOf(1);
        var failed = Plan.RowOfTiles(1).ElementAt(1);
        var joined = Mosaic.Join(band, Plan.RowOfTiles(1).Select(t => (t.Core, t == failed ? null : Mosaic.CoreOf(field.Crop(t.Padded), t.Padded, t.Core))));
        for (int y = 0; y < band.Height; y++)
        {
            for (int x = 0; x < band.Width; x++)
            {
                bool hole = failed.Core.Contains(x + band.X, y + band.Y);
                float.IsNaN(joined.Dx[x, y]).ShouldBe(hole);
                joined.Validity[x, y].ShouldBe(hole ? Validity.TileFailed : Validity.Valid);
            }
        }
    }

    [Fact]
    public void A_field_of_another_size_than_its_window_is_refused() =>
        Should.Throw<ArgumentException>(() => Mosaic.CoreOf(Numbered(), Plan.Tiles[0].Padded, Plan.Tiles[0].Core));

    private static Window BandOf(int row)
    {
        var core = Plan.RowOfTiles(row).First().Core;
        return new Window(0, core.Y, Width, core.Height);
    }

    private static DisplacementField Numbered()
    {
        var field = DisplacementField.Empty(Width, Height, Validity.Valid);
        for (int i = 0; i < field.Dx.Pixels.Length; i++)
            (field.Dx.Pixels[i], field.Dy.Pixels[i], field.Score.Pixels[i], field.SigmaDx.Pixels[i], field.SigmaDy.Pixels[i]) = (i, -i, 1, 2, 3);
        return field;
    }
}
