using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Science.Tests.Correction;

/// <summary>A scene of 11 km, hardly larger than its earthquake and seen by one detector.</summary>
public sealed class SmallSceneTests
{
    private const int Factor = 10;
    private static readonly RasterGrid Full = new(32611, 399960, 4000020, 10, 1100, 1100);
    private static readonly RasterGrid Coarse = Full.Decimate(Factor);
    private static readonly DateTimeOffset Date = new(2019, 6, 28, 18, 39, 21, TimeSpan.Zero);

    private static (CorrectionModel Model, double PlaneErrorPixels, double JitterLeftPixels) Correct(
        double slipMetres, double jitterPixels, PlaneProtection protection = PlaneProtection.Dislocation, double noisePixels = 0.02, ulong seed = 3, double strikeDegrees = 320)
    {
        OkadaFault[] faults = slipMetres == 0 ? [] : [new(Coarse.Easting(55.5), Coarse.Northing(54.7), strikeDegrees, 7700, 3700, slipMetres)];
        var parameters = new GeometricErrorParameters { JitterPixels = jitterPixels, SecondJitterPixels = 0, DetectorStepPixels = 0, RampPixels = 0.05, DetectorWidthMetres = 40000 };
        var reference = new GeometricError(GeometricErrorParameters.None, Full, seed, 0);
        var secondary = new GeometricError(parameters, Full, seed, 1);
        var field = ErrorField.Create(Coarse, faults, reference, secondary, new ErrorFieldParameters { NoisePixels = noisePixels, MaskedPatchRadiusMetres = 300 }, seed, new Workers(2));
        var model = FieldCorrection.Estimate(
            new DecimatedField(Full, Factor, field.Field.Dx, field.Field.Dy),
            PairGeometry.Create(Full, Factor, reference.Footprint(Full, Date, false), secondary.Footprint(Full, Date, true)),
            new CorrectionParameters { PlaneProtection = protection }, CorrectionExclusions.None);

        var (removed, _) = model.Surface(Full.Bounds, new Workers(2));
        var left = new Raster<float>(Coarse.Width, Coarse.Height);
        for (int y = 0; y < Coarse.Height; y++)
        {
            for (int x = 0; x < Coarse.Width; x++)
                left[x, y] = field.Field.Dx[x, y] - field.TruthDx[x, y] - removed[Factor * x + Factor / 2, Factor * y + Factor / 2];
        }

        var plane = RobustPlane.Fit(left, null, 2)!.Value;
        double squares = 0, count = 0;
        for (int i = 0; i < left.Pixels.Length; i++)
        {
            double rest = left.Pixels[i] - plane.At(RobustPlane.Centred(i % Coarse.Width, Coarse.Width), RobustPlane.Centred(i / Coarse.Width, Coarse.Height));
            (squares, count) = double.IsFinite(rest) ? (squares + rest * rest, count + 1) : (squares, count);
        }

        return (model, Math.Max(Math.Abs(plane.A), Math.Abs(plane.B)), Math.Sqrt(Math.Max(0, squares / count - noisePixels * noisePixels)));
    }

    [Fact]
    public void The_plane_leaves_the_far_field_of_the_earthquake_alone()
    {
        var with = Correct(3, 0);
        var without = Correct(3, 0, PlaneProtection.None);

        with.Model.Report.Rupture.ShouldNotBeNull();
        with.PlaneErrorPixels.ShouldBeLessThan(0.01);
        without.PlaneErrorPixels.ShouldBeGreaterThan(3 * with.PlaneErrorPixels);
    }

    [Theory]
    [InlineData(290)]
    [InlineData(280)]
    [InlineData(0)]
    [InlineData(50)]
    public void An_earthquake_along_the_rows_of_the_detector_is_not_taken_for_jitter(double strikeDegrees)
    {
        var (model, planeError, left) = Correct(3, 0.02, strikeDegrees: strikeDegrees);

        model.Report.Rupture.ShouldNotBeNull().StrikeSlipPixels.ShouldBe(-0.3, 0.05);
        planeError.ShouldBeLessThan(0.005);
        left.ShouldBeLessThan(0.02);
    }

    [Fact]
    public void The_doubt_about_the_plane_is_of_the_size_of_its_error()
    {
        var (model, planeError, _) = Correct(3, 0.02);
        var variance = model.PlaneVarianceDx;
        var quiet = Correct(0, 0.02).Model.PlaneVarianceDx;

        (planeError / Math.Sqrt(Math.Max(variance.AA, variance.BB))).ShouldBeInRange(0.1, 3);
        quiet.AA.ShouldBeLessThan(0.25 * variance.AA, "without an earthquake there is nothing to mistake the plane for");
    }

    [Fact]
    public void Jitter_below_the_minimum_is_removed_when_all_parts_of_the_swath_show_it()
    {
        var (model, _, left) = Correct(0, 0.02);

        model.Jitter.Count.ShouldBe(1);
        model.Jitter[0].RmsDx.ShouldBeInRange(0.008, new CorrectionParameters().JitterMinimum);
        left.ShouldBeLessThan(0.006, "of 0.014 px");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Noise_is_not_taken_for_jitter(int seed) => Correct(0, 0, noisePixels: 0.05, seed: (ulong)seed).Model.Jitter.ShouldBeEmpty();

    [Fact]
    public void The_variance_of_a_plane_adds_to_the_standard_error()
    {
        var error = new Raster<float>(2, 1).Fill(3);
        error[1, 0] = float.NaN;

        Square(new Plane(0, 0, 0.4)).AddTo(error, new Window(0, 0, 2, 1), Full, 10, Workers.Single);

        error[0, 0].ShouldBe(5, 1e-5f);
        error[1, 0].ShouldBe(float.NaN);
    }

    [Fact]
    public void The_variance_of_a_plane_is_its_square_where_the_plane_is_what_is_in_doubt()
    {
        var doubt = new Plane(0.3, -0.2, 0.1);

        Square(doubt).At(0.5, -1).ShouldBe(doubt.At(0.5, -1) * doubt.At(0.5, -1), 1e-12);
        (0.25 * Square(doubt) + Square(doubt)).At(1, 1).ShouldBe(1.25 * 0.04, 1e-12);
        Square(doubt).StandardErrors.ShouldBe(new Plane(0.3, 0.2, 0.1));
    }

    private static PlaneVariance Square(Plane p) => new(p.A * p.A, p.A * p.B, p.B * p.B, p.A * p.C, p.B * p.C, p.C * p.C);
}
