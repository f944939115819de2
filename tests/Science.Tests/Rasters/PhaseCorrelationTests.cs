using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tests.OpticalFlow;

namespace GdmOptEtq.Science.Tests.Rasters;

public class PhaseCorrelationTests
{
    [Theory]
    [InlineData(0.3, -0.45)]
    [InlineData(5.25, -7.6)]
    public void A_shift_is_found_with_its_sign(double dx, double dy)
    {
        var texture = new AnalyticTexture(31, count: 500, highestFrequency: 0.35);
        var shift = PhaseCorrelation.Shift(texture.Image(120, 120, noise: 5), texture.Image(120, 120, (_, _) => (dx, dy), noise: 5, seed: 2), 28, 28, 64);
        shift.ShouldNotBeNull();
        shift.Value.Dx.ShouldBe(dx, 0.05);
        shift.Value.Dy.ShouldBe(dy, 0.05);
    }

    [Fact]
    public void A_flat_window_or_one_outside_the_image_has_no_shift()
    {
        var flat = new Raster<float>(80, 80).Fill(7);
        PhaseCorrelation.Shift(flat, flat, 0, 0, 64).ShouldBeNull();
        var textured = new AnalyticTexture(32).Image(80, 80);
        PhaseCorrelation.Shift(textured, textured, 30, 0, 64).ShouldBeNull();
        textured[20, 20] = float.NaN;
        PhaseCorrelation.Shift(textured, textured, 0, 0, 64).ShouldBeNull();
    }
}
