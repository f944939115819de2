using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Masking;

/// <summary>Scenes at the edge of what the statistics bear: each ends in a mask and a note, never in an exception or a threshold that is no number.</summary>
public class DegenerateSceneTests
{
    private static readonly SceneAngles Angles = new(40, 150);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_scene_that_is_all_cloud_has_no_clear_pixels_and_says_so(bool shadowWhereUnmatchable)
    {
        var scene = new AnalyticScene(200, 200, Angles);
        scene.Clouds.Add((100, 100, 1000, 500));
        var result = SpectralMask.Compute(
            scene.Render(), Angles, null, null, new SpectralMaskParameters { ShadowWhereUnmatchable = shadowWhereUnmatchable }, Workers.Single);
        result.PercentOfValid(MaskCode.Cloud).ShouldBe(100);
        result.Notes.ShouldContain(note => note.Contains("too few for cloud probabilities"));
    }

    [Theory]
    [InlineData(true, MaskCode.CloudShadow)]
    [InlineData(false, MaskCode.Clear)]
    public void What_is_left_between_clouds_over_almost_everything_is_shadow_or_not_as_asked(bool shadowWhereUnmatchable, byte expected)
    {
        var scene = new AnalyticScene(300, 300, Angles);
        scene.Clouds.AddRange([(150, 70, 250, 500), (150, 400, 160, 500)]);
        scene.Render();
        var result = SpectralMask.Compute(
            scene.Render(), Angles, null, null, new SpectralMaskParameters { ShadowWhereUnmatchable = shadowWhereUnmatchable }, Workers.Single);
        long free = scene.Cloud.Pixels.LongCount(c => c == 0);
        free.ShouldBeInRange(1, (long)(0.09 * 90_000), "the scene must be cloudy enough for this test");
        result.PixelsByCode[expected].ShouldBeGreaterThan(0);
        result.PixelsByCode[expected == MaskCode.Clear ? MaskCode.CloudShadow : MaskCode.Clear].ShouldBe(0);
        result.Notes.ShouldContain(note => note.StartsWith("Shadows:", StringComparison.Ordinal) || note.StartsWith("Clouds: only", StringComparison.Ordinal));
    }

    [Fact]
    public void A_scene_that_is_all_smooth_snow_is_snow()
    {
        var scene = new AnalyticScene(360, 360, Angles) { IsSnow = (_, _) => true, Roughness = 0.004f };
        var result = scene.Mask(withTerrain: false, dilation: 3);
        result.PercentOfValid(MaskCode.Snow).ShouldBeGreaterThan(95);
        Finite(result);
    }

    [Fact]
    public void A_scene_that_is_all_rough_snow_cannot_be_told_from_cloud_and_says_so()
    {
        var result = new AnalyticScene(360, 360, Angles) { IsSnow = (_, _) => true }.Mask(withTerrain: false, dilation: 3);
        result.PercentOfValid(MaskCode.Cloud).ShouldBe(100);
        result.Notes.ShouldContain(note => note.Contains("too few for cloud probabilities"));
    }

    [Fact]
    public void A_scene_that_is_all_water_is_water_and_takes_its_land_threshold_from_the_water()
    {
        var scene = new AnalyticScene(200, 200, Angles) { IsWater = (_, _) => true };
        scene.Clouds.Add((100, 100, 20, 900));
        var result = scene.Mask(withTerrain: false);
        result.PercentOfValid(MaskCode.Water).ShouldBeGreaterThan(90);
        result.Codes[100, 100].ShouldBe(MaskCode.Cloud);
        result.Notes.ShouldContain(note => note.Contains("no clear land"));
        Finite(result);
    }

    [Fact]
    public void A_narrow_strip_of_swath_keeps_its_clouds_and_nothing_leaks_outside()
    {
        var scene = new AnalyticScene(300, 300, Angles) { IsNull = (x, y) => x + y > 200 };
        scene.Clouds.Add((70, 90, 14, 800));
        var result = scene.Mask(withTerrain: true, dilation: 3);
        for (int y = 0; y < 300; y++)
        {
            for (int x = 0; x < 300; x++)
                (result.Codes[x, y] == MaskCode.Null).ShouldBe(x + y > 200);
        }

        result.Codes[70, 90].ShouldBe(MaskCode.Cloud);
        result.Codes[53, 61].ShouldBe(MaskCode.CloudShadow, "800 m at 50 degrees are 34 pixels towards 330 degrees");
        Finite(result);
    }

    [Fact]
    public void Nothing_valid_gives_null_everywhere()
    {
        var result = new AnalyticScene(50, 40, Angles) { IsNull = (_, _) => true }.Mask(withTerrain: false);
        result.PixelsByCode[MaskCode.Null].ShouldBe(2000);
        result.Notes.ShouldContain(note => note.Contains("No pixel of the scene is valid"));
    }

    [Fact]
    public void A_single_pixel_gives_a_mask() =>
        new AnalyticScene(1, 1, Angles).Mask(withTerrain: true).Codes.Pixels.Length.ShouldBe(1);

    [Fact]
    public void The_saturated_core_of_a_cloud_is_cloud_although_its_colour_is_not_white()
    {
        var scene = new AnalyticScene(250, 250, Angles);
        scene.Clouds.Add((120, 140, 25, 1200));
        var bands = scene.Render();
        foreach (var (x, y) in Disc(120, 140, 10))
        {
            // Blue at its limit while the others are not: whiteness would reject it, were the saturation not known.
            bands.Blue[x, y] = 6.5535f;
            bands.Flags[x, y] = PixelFlags.SaturatedBlue;
        }

        var result = SpectralMask.Compute(bands, Angles, null, null, new SpectralMaskParameters { CloudDilationPixels = 0, CloudMajority = false }, Workers.Single);
        foreach (var (x, y) in Disc(120, 140, 9))
            result.Codes[x, y].ShouldBe(MaskCode.Cloud);
    }

    [Theory]
    [InlineData(2, "too low")]
    [InlineData(12, "less reliable")]
    public void A_low_sun_is_told(double elevation, string words)
    {
        var scene = new AnalyticScene(200, 200, Angles with { SunZenithDegrees = 50 });
        scene.Clouds.Add((100, 100, 15, 700));
        scene.Render();
        scene.Angles = scene.Angles with { SunZenithDegrees = 90 - elevation };
        var result = scene.Mask(withTerrain: false);
        result.Notes.ShouldContain(note => note.Contains(words));
    }

    [Fact]
    public void Bands_that_are_missing_are_left_out_with_a_note()
    {
        var scene = new AnalyticScene(250, 250, Angles);
        scene.Clouds.Add((120, 140, 25, 1200));
        var bands = scene.Render() with { Cirrus = null, Nir = null };
        var result = SpectralMask.Compute(bands, Angles, null, null, new SpectralMaskParameters { CloudDilationPixels = 0 }, Workers.Single);
        AnalyticScene.Agreement(result.Codes, MaskCode.Cloud, scene.Cloud).ShouldBeGreaterThan(0.85);
        result.Notes.ShouldContain(note => note.StartsWith("Cirrus: left out", StringComparison.Ordinal));
        result.Notes.ShouldContain(note => note.StartsWith("Cloud displacement index: left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Terrain_of_zeros_is_none_and_gaps_in_terrain_are_filled()
    {
        var scene = new AnalyticScene(200, 200, Angles, (x, y) => 300 + x);
        scene.Clouds.Add((100, 120, 15, 1500));
        var zeros = SpectralMask.Compute(scene.Render(), Angles, new Raster<float>(200, 200), null, new SpectralMaskParameters(), Workers.Single);
        zeros.Notes.ShouldContain(note => note.Contains("taken as none"));
        scene.Elevation[5, 5] = float.NaN;
        var gaps = SpectralMask.Compute(scene.Render(), Angles, scene.Elevation, null, new SpectralMaskParameters(), Workers.Single);
        gaps.PixelsByCode[MaskCode.CloudShadow].ShouldBeGreaterThan(0);
        Finite(gaps);
    }

    [Fact]
    public void Water_occurrence_finds_water_that_its_spectrum_hides_and_the_sea_where_it_is_unknown()
    {
        var scene = new AnalyticScene(200, 200, Angles) { IsWater = (x, _) => x < 60 };
        var occurrence = new Raster<float>(200, 200);
        for (int y = 0; y < 200; y++)
        {
            for (int x = 0; x < 200; x++)
                occurrence[x, y] = x < 40 ? float.NaN : x < 70 ? 90 : 0;
        }

        var result = SpectralMask.Compute(scene.Render(), Angles, null, occurrence, new SpectralMaskParameters(), Workers.Single);
        result.Codes[65, 100].ShouldBe(MaskCode.Water, "turbid by spectrum, often under water");
        result.Codes[10, 100].ShouldBe(MaskCode.Water);
        result.Codes[80, 100].ShouldBe(MaskCode.Clear);
        result.Findings.WaterOccurrenceThreshold.ShouldBe(85);
    }

    private static void Finite(SpectralMaskResult result)
    {
        double.IsFinite(result.Findings.LandThreshold).ShouldBeTrue();
        double.IsFinite(result.Findings.WaterThreshold).ShouldBeTrue();
        double.IsFinite(result.Findings.HazeLow).ShouldBeTrue();
    }

    private static IEnumerable<(int X, int Y)> Disc(int x0, int y0, int radius) =>
        from dy in Enumerable.Range(-radius, 2 * radius + 1)
        from dx in Enumerable.Range(-radius, 2 * radius + 1)
        where dx * dx + dy * dy <= radius * radius
        select (x0 + dx, y0 + dy);
}
