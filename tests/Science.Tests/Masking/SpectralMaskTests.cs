using System.Security.Cryptography;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using Xunit.Abstractions;

namespace GdmOptEtq.Science.Tests.Masking;

public class SpectralMaskTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(35, false)]
    [InlineData(125, false)]
    [InlineData(215, false)]
    [InlineData(305, false)]
    [InlineData(35, true)]
    [InlineData(125, true)]
    [InlineData(215, true)]
    [InlineData(305, true)]
    public void Clouds_and_their_shadows_are_found_wherever_the_sun_stands_on_flat_and_on_hilly_ground(double sunAzimuth, bool hills)
    {
        var scene = Cloudy(new SceneAngles(40, sunAzimuth, ViewField.Constant(7, 100)), hills ? Hills : null);
        var result = scene.Mask(withTerrain: hills);
        double cloud = AnalyticScene.Agreement(result.Codes, MaskCode.Cloud, scene.Cloud), shadow = AnalyticScene.Agreement(result.Codes, MaskCode.CloudShadow, scene.Shadow);
        output.WriteLine($"sun {sunAzimuth}, hills {hills}: cloud {cloud:0.000}, shadow {shadow:0.000}, {result.Findings.MatchedShadows} of {result.Findings.CloudObjects} matched");
        cloud.ShouldBeGreaterThanOrEqualTo(0.85);
        shadow.ShouldBeGreaterThanOrEqualTo(0.75);
    }

    [Fact]
    public void The_same_mask_comes_out_for_any_number_of_threads()
    {
        var scene = Cloudy(new SceneAngles(50, 160, ViewField.Constant(9, 290)), Hills);
        scene.IsNull = (x, y) => x + y < 90;
        string[] hashes = new[] { 1, 2, 5 }.Select(threads => Convert.ToHexString(SHA256.HashData(scene.Mask(true, 3, threads).Codes.Bytes))).ToArray();
        hashes.ShouldAllBe(hash => hash == hashes[0]);
    }

    [Fact]
    public void Clouds_move_the_other_way_when_seen_from_the_other_side_and_still_find_their_shadow()
    {
        foreach (double viewAzimuth in new[] { 100.0, 280 })
        {
            var scene = Cloudy(new SceneAngles(30, 150, ViewField.Constant(11, viewAzimuth)), null);
            var result = scene.Mask(withTerrain: false);
            AnalyticScene.Agreement(result.Codes, MaskCode.CloudShadow, scene.Shadow).ShouldBeGreaterThanOrEqualTo(0.75);
        }
    }

    [Fact]
    public void A_lake_is_water_and_a_shadow_wholly_on_it_is_left_out()
    {
        var angles = new SceneAngles(45, 180);
        var scene = new AnalyticScene(300, 300, angles) { IsWater = (_, y) => y < 150 };
        scene.Clouds.Add((150, 170, 16, 1500));
        scene.Clouds.Add((60, 250, 14, 900));
        var result = scene.Mask(withTerrain: false);
        // 1500 m at 45 degrees are 75 pixels to the North: the first shadow lies on the lake, the second on land.
        result.Codes[150, 95].ShouldBe(MaskCode.Water);
        result.Codes[60, 205].ShouldBe(MaskCode.CloudShadow);
        result.PixelsByCode[MaskCode.Water].ShouldBeInRange(44_000, 45_300);
        AnalyticScene.Agreement(result.Codes, MaskCode.Cloud, scene.Cloud).ShouldBeGreaterThanOrEqualTo(0.85);
    }

    [Fact]
    public void A_snow_field_is_snow_and_not_cloud()
    {
        var scene = new AnalyticScene(500, 400, new SceneAngles(60, 170)) { IsSnow = (x, _) => x < 330 };
        scene.Clouds.Add((420, 200, 20, 1200));
        var result = scene.Mask(withTerrain: false);
        result.Notes.ShouldContain(note => note.Contains("spectral-contextual"));
        result.PixelsByCode[MaskCode.Snow].ShouldBeGreaterThan((long)(0.95 * 330 * 400));
        result.Codes[420, 200].ShouldBe(MaskCode.Cloud);
    }

    [Fact]
    public void Two_clouds_may_share_a_shadow()
    {
        var scene = new AnalyticScene(300, 300, new SceneAngles(45, 180));
        scene.Clouds.Add((150, 230, 18, 1600));
        scene.Clouds.Add((150, 185, 18, 700));
        var result = scene.Mask(withTerrain: false);
        AnalyticScene.Agreement(result.Codes, MaskCode.CloudShadow, scene.Shadow).ShouldBeGreaterThanOrEqualTo(0.75);
        result.Findings.MatchedShadows.ShouldBe(2);
    }

    private static AnalyticScene Cloudy(SceneAngles angles, Func<double, double, double>? terrain)
    {
        var scene = new AnalyticScene(420, 380, angles, terrain);
        scene.Clouds.AddRange([(210, 190, 30, 1500), (110, 250, 18, 1100), (300, 110, 22, 1300), (320, 270, 14, 1700), (120, 120, 12, 1200), (205, 300, 9, 1400), (220, 80, 16, 1600)]);
        return scene;
    }

    /// <summary>Hills of 250 m with slopes up to about 12 degrees, on a tilted plain.</summary>
    private static double Hills(double x, double y) => 150 + 0.3 * x + 125 * Math.Sin(x / 36) * Math.Cos(y / 41);
}
