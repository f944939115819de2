using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Science.Tests.Synthetic;

public class GeometricErrorTests
{
    private static readonly RasterGrid Tile = new(32611, 399960, 4000020, 100, 1098, 1098);

    [Fact]
    public void The_same_seed_gives_the_same_errors_and_another_image_gives_others()
    {
        var parameters = new GeometricErrorParameters();
        var one = new GeometricError(parameters, Tile, 7, 0).At(430000, 3950000);
        new GeometricError(parameters, Tile, 7, 0).At(430000, 3950000).ShouldBe(one);
        new GeometricError(parameters, Tile, 7, 1).At(430000, 3950000).ShouldNotBe(one);
        new GeometricError(GeometricErrorParameters.None, Tile, 7, 0).At(430000, 3950000).ShouldBe((0, 0));
    }

    [Fact]
    public void Detectors_are_strips_along_the_track_numbered_from_west_to_east()
    {
        var error = new GeometricError(new GeometricErrorParameters(), Tile, 3, 0);
        var map = error.DetectorMap(Tile);
        map.Pixels.Distinct().Count().ShouldBeInRange(4, 7);
        for (int x = 1; x < Tile.Width; x++)
            map[x, 500].ShouldBeGreaterThanOrEqualTo(map[x - 1, 500]);

        // A descending track leans by tan(14 degrees): 10 km further South the same detector lies 2.5 km further West.
        double easting = Tile.Easting(400.5), northing = Tile.Northing(300.5);
        double lean = Math.Tan(14 * Math.PI / 180) * 10000;
        error.AcrossTrack(easting - lean, northing - 10000).ShouldBe(error.AcrossTrack(easting, northing), 1e-6);
        error.AlongTrack(easting, northing - 10000).ShouldBeGreaterThan(error.AlongTrack(easting, northing));
    }

    [Fact]
    public void Overlapping_polygons_meet_the_detector_map_at_the_middle_of_their_overlap()
    {
        var error = new GeometricError(new GeometricErrorParameters(), Tile, 5, 0);
        var early = error.Footprint(Tile, new DateTimeOffset(2017, 5, 1, 0, 0, 0, TimeSpan.Zero), asRaster: false);
        var late = error.Footprint(Tile, new DateTimeOffset(2019, 5, 1, 0, 0, 0, TimeSpan.Zero), asRaster: false);
        var map = error.DetectorMap(Tile);
        early.Polygons!.Count.ShouldBeInRange(map.Pixels.Distinct().Count(), map.Pixels.Distinct().Count() + 2);
        int doubly = 0;
        var disagreeing = new List<(int X, int Y)>();
        foreach (var (x, y) in from y in Enumerable.Range(0, 55) from x in Enumerable.Range(0, 1098) select (x, y: y * 20))
        {
            double easting = Tile.Easting(x + 0.5), northing = Tile.Northing(y + 0.5);
            var covering = early.Polygons!.Where(p => Inside(p, easting, northing)).Select(p => p.Detector).ToList();
            doubly += covering.Count - 1;
            bool agree = covering.Contains(map[x, y]) && late.Polygons!.Single(p => Inside(p, easting, northing)).Detector == map[x, y];
            if (!agree)
                disagreeing.Add((x, y));
        }

        disagreeing.ShouldBeEmpty();

        // Three to six overlaps of 1.5 km / cos(14 degrees) in 110 km.
        (doubly / (55.0 * 1098)).ShouldBeInRange(0.03, 0.09);
    }

    [Theory]
    [InlineData(JitterPhase.InPhase, true)]
    [InlineData(JitterPhase.Shifted, false)]
    public void Jitter_crosses_detector_boundaries_unbroken_only_when_in_phase(JitterPhase phase, bool unbroken)
    {
        var parameters = GeometricErrorParameters.None with { JitterPhase = phase };
        var error = new GeometricError(parameters, Tile, 11, 0);
        double worst = 0;
        for (double along = -30000; along < 30000; along += 130)
        {
            // Two points on the same across-track line, one detector apart.
            double track = 14 * Math.PI / 180, e = 454860 - along * Math.Sin(track), n = 3945120 - along * Math.Cos(track);
            var a = error.At(e, n);
            var b = error.At(e + 25000 * Math.Cos(track), n - 25000 * Math.Sin(track));
            worst = Math.Max(worst, Math.Abs(a.Dx - b.Dx));
        }

        if (unbroken)
            worst.ShouldBeLessThan(1e-6);
        else
            worst.ShouldBeGreaterThan(0.02);
    }

    [Fact]
    public void A_field_is_truth_plus_errors_plus_noise_with_the_wanted_share_of_holes()
    {
        var coarse = Tile.Decimate(3);
        var faults = new OkadaFault(455000, 3945000, 320, 45000, 12000, 3).Tapered(4, 0.3);
        var none = new GeometricError(GeometricErrorParameters.None, coarse, 1, 0);
        var all = new GeometricError(new GeometricErrorParameters(), coarse, 1, 1);
        var simulated = ErrorField.Create(coarse, faults, none, all, new ErrorFieldParameters(), 99, new Workers(2));
        double sum = 0, square = 0;
        int count = 0;
        for (int y = 0; y < coarse.Height; y++)
        {
            for (int x = 0; x < coarse.Width; x++)
            {
                if (simulated.Field.Validity[x, y] != Validity.Valid)
                {
                    float.IsNaN(simulated.Field.Dx[x, y]).ShouldBeTrue();
                    continue;
                }

                double residual = simulated.Field.Dx[x, y] - simulated.TruthDx[x, y] - all.At(coarse.Easting(x + 0.5), coarse.Northing(y + 0.5)).Dx;
                sum += residual;
                square += residual * residual;
                count++;
            }
        }

        Math.Sqrt(square / count).ShouldBe(0.05, 0.001);
        (sum / count).ShouldBe(0, 0.001);
        (1 - count / (366.0 * 366)).ShouldBe(0.05, 0.0001);
        simulated.TruthDy[0, 0].ShouldBe((float)(-Okada.Displacement(faults, coarse.Easting(0.5), coarse.Northing(0.5)).North / 10));
        simulated.ReferenceDetectors.Bytes.SequenceEqual(simulated.SecondaryDetectors.Bytes).ShouldBeTrue();
        ErrorField.Create(coarse, faults, none, all, new ErrorFieldParameters(), 99, Workers.Single).Field.Dx.Bytes.SequenceEqual(simulated.Field.Dx.Bytes).ShouldBeTrue();
    }

    private static bool Inside(DetectorPolygon polygon, double easting, double northing)
    {
        bool inside = false;
        for (int i = 1; i < polygon.Ring.Count; i++)
        {
            var (a, b) = (polygon.Ring[i - 1], polygon.Ring[i]);
            if (a.Northing > northing != b.Northing > northing
                && easting < a.Easting + (northing - a.Northing) * (b.Easting - a.Easting) / (b.Northing - a.Northing))
                inside = !inside;
        }

        return inside;
    }
}
