using System.Text.Json;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Science.Tests.Correction;

/// <summary>Whole tiles at 100 m with all error terms; the limits are those of the specification's section 15 and of the requirements.</summary>
public sealed class FieldCorrectionTests
{
    private static readonly RasterGrid Grid = EarthquakeCase.Tile;
    private static readonly DateTimeOffset Date = new(2019, 6, 28, 18, 39, 21, TimeSpan.Zero);

    private sealed record Scene(SimulatedField Field, PairGeometry Geometry, EarthquakeCase Case)
    {
        private CorrectionModel? byDefault;

        /// <summary>By default parameters, estimated once.</summary>
        public CorrectionModel Default => byDefault ??= Estimate();

        public CorrectionModel Estimate(CorrectionParameters? parameters = null, PairGeometry? geometry = null) => FieldCorrection.Estimate(
            new DecimatedField(Grid, 1, Field.Field.Dx, Field.Field.Dy), geometry ?? Geometry, parameters ?? new(), CorrectionExclusions.None);

        public (Raster<float> Dx, Raster<float> Dy) Apply(CorrectionModel model, CorrectionParts parts = CorrectionParts.All)
        {
            var (dx, dy) = (Field.Field.Dx.Clone(), Field.Field.Dy.Clone());
            model.Apply(Grid.Bounds, dx, dy, new Workers(2), parts);
            return (dx, dy);
        }

        public FieldAccuracy Accuracy(CorrectionModel model, CorrectionParts parts = CorrectionParts.All)
        {
            var (dx, dy) = Apply(model, parts);
            return FieldAccuracy.Of(dx, dy, Field.TruthDx, Field.TruthDy, Grid, Case.Fault);
        }
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, JitterPhase), Scene> Scenes = new();

    /// <summary>A whole tile takes seconds to simulate: each is made once.</summary>
    private static Scene Create(EarthquakeCase earthquake, JitterPhase phase) => Scenes.GetOrAdd((earthquake.Name, phase), _ => Make(earthquake, phase, 11));

    private static Scene Make(EarthquakeCase earthquake, JitterPhase phase, ulong seed)
    {
        var reference = new GeometricError(GeometricErrorParameters.None, Grid, seed, 0);
        var secondary = new GeometricError(new GeometricErrorParameters { JitterPhase = phase }, Grid, seed, 1);
        var field = ErrorField.Create(Grid, earthquake.Sources, reference, secondary, new ErrorFieldParameters(), seed, new Workers(2));
        return new Scene(field, PairGeometry.Create(Grid, 1, reference.Footprint(Grid, Date, false), secondary.Footprint(Grid, Date, true)), earthquake);
    }

    [Theory]
    [InlineData("ridgecrest", JitterPhase.Shifted, 0.10, 0.17)]
    [InlineData("east-west", JitterPhase.InPhase, 0.17, 0.50)]
    [InlineData("along-track", JitterPhase.Shifted, 0.17, 0.44)]
    [InlineData("segmented", JitterPhase.Shifted, 0.17, 0.30)]
    public void The_default_chain_leaves_little_and_keeps_the_earthquake(string name, JitterPhase phase, double near, double everywhere)
    {
        var scene = Create(EarthquakeCase.All.Single(c => c.Name == name), phase);
        var accuracy = scene.Accuracy(scene.Default);

        accuracy.RmseNearFault.ShouldBeLessThanOrEqualTo(near);
        accuracy.RmseEverywhere.ShouldBeLessThanOrEqualTo(everywhere);
        Math.Abs(accuracy.OffsetErrorPercent).ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public void The_row_profile_of_coregis_eats_an_east_west_fault_and_the_default_does_not()
    {
        var scene = Create(EarthquakeCase.EastWest, JitterPhase.InPhase);

        scene.Accuracy(scene.Estimate(new CorrectionParameters { CorrectionMode = CorrectionMode.Coregis, PlaneProtection = PlaneProtection.None }))
            .OffsetErrorPercent.ShouldBeLessThan(-3);
        Math.Abs(scene.Accuracy(scene.Default).OffsetErrorPercent).ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public void Without_jitter_next_to_nothing_is_removed_for_it()
    {
        var scene = Create(EarthquakeCase.None, JitterPhase.None);
        var model = scene.Default;

        var (jitterX, jitterY) = model.Surface(Grid.Bounds, new Workers(2), CorrectionParts.Jitter);
        TrackProfile.Rms(jitterX.Pixels).ShouldBeLessThanOrEqualTo(0.01);
        TrackProfile.Rms(jitterY.Pixels).ShouldBeLessThanOrEqualTo(0.01);
        scene.Accuracy(model).LargestBlockError.ShouldBeLessThanOrEqualTo(0.3);
    }

    /// <summary>Seed 2 has few sub-swaths at two corners of the tile; in seed 5 a detector sees 0.2 km2 of a third corner and nothing else.</summary>
    [Theory]
    [InlineData(JitterPhase.Shifted, 2)]
    [InlineData(JitterPhase.InPhase, 5)]
    public void Without_an_earthquake_none_comes_out_in_any_square_kilometre(JitterPhase phase, int seed)
    {
        var scene = Make(EarthquakeCase.None, phase, (ulong)seed);

        scene.Accuracy(scene.Default).LargestBlockError.ShouldBeLessThanOrEqualTo(0.3);
    }

    [Fact]
    public void The_model_survives_json_and_windows_and_leaves_missing_pixels_missing()
    {
        var scene = Create(EarthquakeCase.Ridgecrest, JitterPhase.Shifted);
        var model = scene.Default;
        var (dx, dy) = scene.Apply(model);
        var back = JsonSerializer.Deserialize<CorrectionModel>(JsonSerializer.Serialize(model)).ShouldNotBeNull();
        var window = new Window(333, 501, 400, 123);
        var (partX, partY) = (scene.Field.Field.Dx.Crop(window), scene.Field.Field.Dy.Crop(window));
        back.Apply(window, partX, partY, Workers.Single);

        for (int y = 0; y < window.Height; y++)
        {
            for (int x = 0; x < window.Width; x++)
            {
                if (float.IsNaN(dx[window.X + x, window.Y + y]))
                    float.IsNaN(partX[x, y]).ShouldBeTrue();
                else
                    partX[x, y].ShouldBe(dx[window.X + x, window.Y + y], 2e-6f);
            }
        }

        for (int i = 0; i < dx.Pixels.Length; i++)
        {
            if (float.IsNaN(dx.Pixels[i]) != float.IsNaN(scene.Field.Field.Dx.Pixels[i]) || float.IsNaN(dy.Pixels[i]) != float.IsNaN(scene.Field.Field.Dy.Pixels[i]))
                Assert.Fail($"Pixel {i} is missing on one side of the correction only.");
        }

        model.Report.Stages.Select(s => s.Name).ShouldBe(["raw", "detector steps", "plane", "jitter"]);
        model.Report.Stages[^1].Quality.StandardDeviationDx.ShouldBeLessThan(model.Report.Stages[0].Quality.StandardDeviationDx);
        model.Report.JitterCorrelation.ShouldNotBeNull();
        model.Report.Rupture.ShouldNotBeNull().StrikeDegrees.ShouldSatisfyAllConditions(
            strike => Math.Abs(Math.Sin((strike - 320) * Math.PI / 180)).ShouldBeLessThan(0.2));
    }

    [Fact]
    public void Polygons_and_rasters_of_one_footprint_give_the_same_regions()
    {
        var error = new GeometricError(new GeometricErrorParameters(), Grid, 15, 1);
        var before2018 = new DateTimeOffset(2017, 3, 1, 10, 0, 0, TimeSpan.Zero);
        var fromRaster = PairGeometry.Create(Grid, 1, error.Footprint(Grid, Date, true), error.Footprint(Grid, Date, true));
        foreach (var date in (DateTimeOffset[])[Date, before2018])
        {
            var fromPolygons = PairGeometry.Create(Grid, 1, error.Footprint(Grid, date, false), error.Footprint(Grid, date, false));
            fromPolygons.Warnings.ShouldBeEmpty();
            fromPolygons.TrackAngleDegrees.ShouldBe(14, 0.3);
            var (a, b) = (DetectorSteps.Labels(fromRaster.Layout!, 1, Grid.Width, Grid.Height), DetectorSteps.Labels(fromPolygons.Layout!, 1, Grid.Width, Grid.Height));
            for (int y = 0; y < Grid.Height; y++)
            {
                // The tile cuts the overlap at its edges, and its middle with it.
                for (int x = 16; x < Grid.Width - 16; x++)
                {
                    int detector = fromPolygons.Layout!.Regions[b[x, y]].ReferenceDetector;
                    bool near = new[] { x - 1, x, x + 1 }.Any(k => fromRaster.Layout!.Regions[a[k, y]].ReferenceDetector == detector);
                    if (!near)
                        Assert.Fail($"Detector {detector} at ({x}, {y}) is more than one pixel off.");
                }
            }
        }
    }

    [Fact]
    public void Missing_and_broken_footprints_fall_back_to_the_track_angle_with_a_sentence_each()
    {
        var good = new GeometricError(new GeometricErrorParameters(), Grid, 16, 1).Footprint(Grid, Date, false);
        var broken = good with { Polygons = [new DetectorPolygon(3, [(400000, 4000000), (400100, 4000000)])] };
        var elsewhere = good with { Polygons = [new DetectorPolygon(3, [(0, 0), (100, 0), (100, 100), (0, 100)])] };

        foreach (var (footprint, words) in new (DetectorFootprint?, string)[]
        {
            (null, "is missing"), (broken, "broken polygon"), (elsewhere, "does not touch the tile"),
            (good with { Polygons = [] }, "holds no polygon"), (good with { Polygons = null }, "neither polygons nor a raster"),
        })
        {
            var geometry = PairGeometry.Create(Grid, 1, good, footprint);
            geometry.Layout.ShouldBeNull();
            geometry.Warnings.ShouldHaveSingleItem().ShouldContain(words);
            geometry.TrackAngleDegrees.ShouldBe(13.8, 1.5);
        }
    }

    [Fact]
    public void Without_footprints_the_boundaries_are_found_in_the_field()
    {
        var scene = Create(EarthquakeCase.Ridgecrest, JitterPhase.Shifted);
        var raw = scene.Accuracy(scene.Estimate(new CorrectionParameters { DetectorSteps = DetectorStepMethod.None }));
        var found = scene.Accuracy(scene.Estimate(geometry: PairGeometry.Create(Grid, 1, null, null) with { TrackAngleDegrees = 14 }));

        found.RmseEverywhere.ShouldBeLessThan(0.7 * raw.RmseEverywhere);
        Math.Abs(found.OffsetErrorPercent).ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void Fields_without_information_come_back_as_they_are_with_one_sentence()
    {
        var small = new RasterGrid(32611, 399960, 4000020, 100, 60, 50);
        var geometry = PairGeometry.Create(small, 1, null, null) with { Warnings = [] };
        var empty = new DecimatedField(small, 1, new Raster<float>(60, 50).Fill(float.NaN), new Raster<float>(60, 50).Fill(float.NaN));
        var constant = new DecimatedField(small, 1, new Raster<float>(60, 50).Fill(0.3f), new Raster<float>(60, 50).Fill(-0.2f));

        var ofEmpty = FieldCorrection.Estimate(empty, geometry, new(), CorrectionExclusions.None);
        ofEmpty.Report.Warnings.ShouldHaveSingleItem().ShouldContain("no valid pixel");
        var (dx, _) = ofEmpty.Surface(small.Bounds, Workers.Single);
        dx.Pixels.ShouldAllBe(v => v == 0);

        var ofConstant = FieldCorrection.Estimate(constant, geometry, new(), new CorrectionExclusions([[(0, 0), (100, 100)]], [[(0, 0), (9, 0), (9, 9)]]));
        ofConstant.Report.Warnings.Count.ShouldBe(3);
        ofConstant.Report.Warnings[0].ShouldContain("fault trace lies outside");
        ofConstant.Report.Warnings[1].ShouldContain("stable area holds no valid pixel");
        ofConstant.Report.Warnings[2].ShouldContain("constant");
        var (left, right) = (constant.Dx.Clone(), constant.Dy.Clone());
        ofConstant.Apply(small.Bounds, left, right, Workers.Single);
        left.Pixels.Concat(right.Pixels).ShouldAllBe(v => Math.Abs(v) < 1e-6);
    }

    [Fact]
    public void The_wavelet_method_takes_stripes_out_too()
    {
        var scene = Create(EarthquakeCase.Ridgecrest, JitterPhase.Shifted);
        var without = scene.Accuracy(scene.Default, CorrectionParts.DetectorSteps | CorrectionParts.Plane);
        var with = scene.Accuracy(scene.Estimate(new CorrectionParameters { JitterMethod = JitterMethod.Wavelet }));

        with.RmseNearFault.ShouldBeLessThan(0.5 * without.RmseNearFault);
        Math.Abs(with.OffsetErrorPercent).ShouldBeLessThanOrEqualTo(4);
    }
}
