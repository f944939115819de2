using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Science.Tests.Synthetic;

public class SceneTests
{
    private static readonly RasterGrid Grid = new(32611, 399960, 4000020, 10, 360, 360);

    private static readonly SceneParameters Quiet = new() { Seed = 4, NoiseFactor = 0, ChangeFraction = 0, ReliefMetres = 0 };

    [Theory]
    [InlineData(0.37, 0.0)]
    [InlineData(-0.5, 0.25)]
    [InlineData(0.1, -0.73)]
    public void A_rendered_subpixel_shift_is_that_shift_in_its_phases(double dx, double dy)
    {
        var scene = Shifted(dx, dy);
        var images = scene.RenderWindow(new Window(54, 54, 252, 252), [0, 1], [SceneBands.B04], 0).Bands;
        var (measuredX, measuredY) = PhaseShift.Measure(images[0][0], images[1][0]);
        measuredX.ShouldBe(dx, 0.001);
        measuredY.ShouldBe(dy, 0.001);
    }

    [Fact]
    public void A_window_is_the_same_bytes_as_that_part_of_the_whole_for_any_number_of_threads()
    {
        var parameters = new SceneParameters { Seed = 9, CloudFraction = 0.2, ChangeFraction = 0.1, SnowFraction = 0.05 };
        var faults = new OkadaFault(403400, 3999420, 320, 2400, 1200, 3).Tapered(3, 0.2);

        // Wider than the tiles that threads share out, and the window across the seam.
        var scene = Scene(parameters, faults, new GeometricErrorParameters(), grid: Grid with { Width = 420, Height = 120 });
        int[] bands = [1, 8, 10];
        var whole = scene.Render([0, 1], bands, 1000, new Workers(2));
        var single = scene.Render([0, 1], bands, 1000, Workers.Single);
        var window = new Window(324, 36, 66, 48);
        var part = scene.RenderWindow(window, [0, 1], bands, 1000);
        for (int i = 0; i < 2; i++)
        {
            for (int b = 0; b < bands.Length; b++)
            {
                int scale = SceneBands.Resolution[bands[b]] / 10;
                single.Bands[i][b].Bytes.SequenceEqual(whole.Bands[i][b].Bytes).ShouldBeTrue();
                whole.Bands[i][b].Crop(new Window(window.X / scale, window.Y / scale, window.Width / scale, window.Height / scale))
                    .Bytes.SequenceEqual(part.Bands[i][b].Bytes).ShouldBeTrue();
            }

            whole.Classes[i].Crop(window).Bytes.SequenceEqual(part.Classes[i].Bytes).ShouldBeTrue();
        }
    }

    [Fact]
    public void Motion_between_nodes_is_Okadas_motion()
    {
        var grid = new RasterGrid(32611, 399960, 4000020, 10, 1098, 1098);
        var faults = new OkadaFault(405450, 3994530, 320, 7700, 3600, 3).Tapered(5, 0.15);
        var motion = new GroundMotion(faults, grid, new Workers(2));
        double worst = 0;
        for (int k = 0; k < 4000; k++)
        {
            double easting = grid.Easting(1098 * (k * 0.61803398875 % 1)), northing = grid.Northing(1098 * (k * 0.754877666 % 1));
            var (east, north, _) = Okada.Displacement(faults, easting, northing);
            var (dx, dy) = motion.At(easting, northing);
            worst = Math.Max(worst, Math.Max(Math.Abs(dx - east / 10), Math.Abs(dy + north / 10)));
        }

        worst.ShouldBeLessThan(0.0002);
    }

    [Fact]
    public void Noise_has_the_specified_strength()
    {
        var still = new SceneParameters { Seed = 2, ChangeFraction = 0, ReliefMetres = 0 };
        var a = Scene(still, [], GeometricErrorParameters.None).RenderWindow(new Window(0, 0, 240, 240), [0], [SceneBands.B04], 0).Bands[0][0];
        var b = Scene(still with { NoiseFactor = 0 }, [], GeometricErrorParameters.None).RenderWindow(new Window(0, 0, 240, 240), [0], [SceneBands.B04], 0).Bands[0][0];
        double square = 0, expected = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            double noise = a.Pixels[i] - (double)b.Pixels[i];
            square += noise * noise;
            expected += 0.224 * b.Pixels[i] * 1e-4 / (142.0 * 142) * 1e8 + 1 / 6.0;
        }

        (square / expected).ShouldBe(1, 0.03);
    }

    [Fact]
    public void Temporal_change_leaves_the_correlation_it_promises()
    {
        foreach (double change in new[] { 0.1, 0.3 })
        {
            var images = Scene(Quiet with { ChangeFraction = change, WaterFraction = 0 }, [], GeometricErrorParameters.None)
                .RenderWindow(new Window(0, 0, 360, 360), [0, 1], [SceneBands.B04], 0).Bands;
            Correlation(images[0][0], images[1][0]).ShouldBe(Math.Sqrt(1 - change), 0.12);
        }
    }

    [Theory]
    [InlineData(45)]
    [InlineData(200)]
    public void Clouds_are_bright_and_their_shadows_lie_away_from_the_sun(double sunAzimuth)
    {
        var parameters = Quiet with { CloudFraction = 0.15 };
        var clouded = Scene(parameters, [], GeometricErrorParameters.None, sunAzimuth);
        var clear = Scene(Quiet, [], GeometricErrorParameters.None, sunAzimuth);
        var rendering = clouded.RenderWindow(Grid.Bounds, [0], [SceneBands.B04, 7], 0);
        var with = rendering.Bands[0];
        var without = clear.RenderWindow(Grid.Bounds, [0], [SceneBands.B04, 7], 0).Bands[0];
        var classes = rendering.Classes[0];
        double reach = 2000 * Math.Tan(35 * Math.PI / 180) / 10, view = 2000 * Math.Tan(5 * Math.PI / 180) / 10;
        double az = sunAzimuth * Math.PI / 180, vaa = 105 * Math.PI / 180;

        // Seen cloud at P: its true place is P + view (sin, -cos); its shadow lies at the true place minus reach (sin, -cos) of the sun.
        int dx = (int)Math.Round(view * Math.Sin(vaa) - reach * Math.Sin(az)), dy = (int)Math.Round(-view * Math.Cos(vaa) + reach * Math.Cos(az));
        int hits = 0, misses = 0, cloud = 0, bright = 0;
        for (int y = 0; y < Grid.Height; y++)
        {
            for (int x = 0; x < Grid.Width; x++)
            {
                if (classes[x, y] != 2)
                    continue;
                cloud++;
                bright += with[0][x, y] > 2000 ? 1 : 0;
                int sx = x + dx, sy = y + dy;
                if (!Grid.Bounds.Contains(sx, sy) || classes[sx, sy] == 2 || without[1][sx, sy] < 1000)
                    continue;
                if (with[1][sx, sy] < 0.75 * without[1][sx, sy])
                    hits++;
                else
                    misses++;
            }
        }

        bright.ShouldBe(cloud);
        (cloud / (double)Grid.Bounds.PixelCount).ShouldBe(0.15, 0.08);
        (hits / (double)(hits + misses)).ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public void Covers_have_the_spectral_class_of_their_name()
    {
        foreach (var cover in Enum.GetValues<LandCover>())
        {
            float nir = SceneBands.Bare(cover, 8), red = SceneBands.Bare(cover, 3), green = SceneBands.Bare(cover, 2), swir = SceneBands.Bare(cover, 11), blue = SceneBands.Bare(cover, 1);
            float ndvi = (nir - red) / (nir + red), ndsi = (green - swir) / (green + swir);
            ((ndvi < 0.01 && nir < 0.11) || (ndvi > 0 && ndvi < 0.1 && nir < 0.05)).ShouldBe(cover == LandCover.Water);
            (ndsi > 0.15 && nir > 0.11 && green > 0.1).ShouldBe(cover == LandCover.Snow);
            if (cover != LandCover.Snow)
                (blue - 0.5 * red - 0.08).ShouldBeLessThan(0.01);
        }
    }

    private static Scene Shifted(double dx, double dy)
    {
        // A shift without randomness: a uniform motion stands in for the earthquake.
        var still = new GeometricError(GeometricErrorParameters.None, Grid, 1, 0);
        return new Scene(Quiet, Grid, GroundMotion.Uniform(dx, dy, Grid), [new SceneImage(0, false, still), new SceneImage(1, true, still)]);
    }

    private static Scene Scene(SceneParameters parameters, IReadOnlyList<OkadaFault> faults, GeometricErrorParameters errors, double sunAzimuth = 150, RasterGrid? grid = null) => new(
        parameters, grid ?? Grid, new GroundMotion(faults, grid ?? Grid, Workers.Single),
        [.. new[] { 0, 1 }.Select(i => new SceneImage(i, i > 0, new GeometricError(errors, grid ?? Grid, 5, i)) { SunAzimuthDegrees = sunAzimuth })]);

    private static double Correlation(Raster<ushort> a, Raster<ushort> b)
    {
        double n = a.Pixels.Length, sa = a.Pixels.Sum(v => (double)v), sb = b.Pixels.Sum(v => (double)v), saa = 0, sbb = 0, sab = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            double u = a.Pixels[i] - sa / n, v = b.Pixels[i] - sb / n;
            saa += u * u;
            sbb += v * v;
            sab += u * v;
        }

        return sab / Math.Sqrt(saa * sbb);
    }
}
