using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Masking;

public class MaskUseTests
{
    [Fact]
    public void Each_code_removes_the_four_band_pixels_under_it_for_its_own_reason()
    {
        var codes = new Raster<byte>(3, 2, [MaskCode.Clear, MaskCode.Null, MaskCode.Cloud, MaskCode.CloudShadow, MaskCode.Snow, MaskCode.Water]);
        var reasons = MaskToValidity.Reasons(codes, new Window(0, 0, 6, 4), 2, new SpectralMaskParameters());
        Validity[] expected = [Validity.Valid, Validity.NoData, Validity.Cloud, Validity.CloudShadow, Validity.Snow, Validity.Water];
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 6; x++)
                reasons[x, y].ShouldBe(expected[y / 2 * 3 + x / 2]);
        }

        var counts = ValidityCounts.Of(reasons);
        counts.Valid.ShouldBe(4);
        counts.ByReason[Validity.Snow].ShouldBe(4);
    }

    [Fact]
    public void Cloud_and_snow_have_switches_and_water_and_null_have_none()
    {
        var codes = new Raster<byte>(3, 2, [MaskCode.Clear, MaskCode.Null, MaskCode.Cloud, MaskCode.CloudShadow, MaskCode.Snow, MaskCode.Water]);
        var off = new SpectralMaskParameters { CloudMask = false, SnowMask = false };
        MaskToValidity.Reasons(codes, new Window(0, 0, 3, 2), 1, off).Pixels
            .ShouldBe([Validity.Valid, Validity.NoData, Validity.Valid, Validity.Valid, Validity.Valid, Validity.Water]);
        off.ForComputation.ShouldBe(new SpectralMaskParameters());
    }

    [Fact]
    public void A_window_may_start_inside_a_mask_pixel_and_reach_beyond_the_mask()
    {
        var codes = new Raster<byte>(2, 1, [MaskCode.Cloud, MaskCode.Clear]);
        MaskToValidity.Reasons(codes, new Window(-1, 1, 6, 1), 2, new SpectralMaskParameters()).Pixels
            .ShouldBe([Validity.NoData, Validity.Cloud, Validity.Cloud, Validity.Valid, Validity.Valid, Validity.NoData]);
    }

    [Fact]
    public void A_score_at_the_threshold_is_kept_and_a_missing_one_is_removed()
    {
        var score = new Raster<float>(4, 1, [0.1999f, 0.2f, 1f, float.NaN]);
        var parameters = new DecorrelationParameters();
        DecorrelationMask.Compute(score, parameters, Workers.Single).Pixels
            .ShouldBe([KeepCode.Removed, KeepCode.Kept, KeepCode.Kept, KeepCode.Removed]);
        var validity = new Raster<Validity>(4, 1, [Validity.Valid, Validity.Valid, Validity.Slope, Validity.NoTexture]);
        DecorrelationMask.Flag(score, validity, parameters, Workers.Single);
        validity.Pixels.ShouldBe([Validity.Decorrelated, Validity.Valid, Validity.Slope, Validity.NoTexture]);
    }
}
