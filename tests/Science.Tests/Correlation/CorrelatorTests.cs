using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Correlation;

public class CorrelatorTests
{
    private static readonly CorrelationParameters Default = new();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.37, -0.25)]
    [InlineData(-1.6, 2.2)]
    [InlineData(3.1, -3.3)]
    public void A_shift_of_any_fraction_is_found_with_its_sign(double shiftX, double shiftY)
    {
        var field = Correlator.Match(new MovingGround(1).Pair(128, 128, (_, _) => (shiftX, shiftY)), Default, new Workers(2));
        MovingGround.Rms(field.Dx, shiftX, 12).ShouldBeLessThan(0.01);
        MovingGround.Rms(field.Dy, shiftY, 12).ShouldBeLessThan(0.01);
        field.Score[64, 64].ShouldBeGreaterThan(0.95f);
        field.SigmaDx[64, 64].ShouldBeInRange(1e-5f, 0.05f);
        field.Validity[64, 64].ShouldBe(Validity.Valid);
    }

    [Fact]
    public void A_step_of_twelve_pixels_is_found_with_range_twenty()
    {
        var input = new MovingGround(2).Pair(384, 256, (x, _) => (0, x < 192 ? 6 : -6));
        var field = Correlator.Match(input, Default with { SpatialMatchingRange = 20 }, new Workers(2));
        for (int x = 40; x < 344; x += 8)
            if (Math.Abs(x - 192) > 24)
                field.Dy[x, 128].ShouldBe(x < 192 ? 6 : -6, 0.25f);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        var input = new MovingGround(3).Pair(150, 133, (x, y) => (x < 75 ? 0.4 : -0.4, 0.1));
        var one = Correlator.Match(input, Default, Workers.Single);
        var three = Correlator.Match(input, Default, new Workers(3));
        three.Dx.Bytes.SequenceEqual(one.Dx.Bytes).ShouldBeTrue();
        three.Dy.Bytes.SequenceEqual(one.Dy.Bytes).ShouldBeTrue();
        three.Score.Bytes.SequenceEqual(one.Score.Bytes).ShouldBeTrue();
        three.SigmaDx.Bytes.SequenceEqual(one.SigmaDx.Bytes).ShouldBeTrue();
        three.Validity.Bytes.SequenceEqual(one.Validity.Bytes).ShouldBeTrue();
    }

    [Fact]
    public void Invalid_pixels_neither_vote_nor_get_a_value()
    {
        var input = new MovingGround(4).Pair(160, 160, (_, _) => (0.6, -0.3));
        for (int y = 50; y < 90; y++)
            for (int x = 40; x < 80; x++)
            {
                input.Reference[x, y] = 1e6f * ((x * 31 + y * 17) % 7);
                input.ReferenceValidity[x, y] = Validity.Cloud;
                input.Secondary[x + 50, y] = float.NaN;
                input.SecondaryValidity[x + 50, y] = Validity.NoData;
            }

        var field = Correlator.Match(input, Default, new Workers(2));
        field.Validity[60, 70].ShouldBe(Validity.Cloud);
        field.Validity[110, 70].ShouldBe(Validity.NoData);
        float.IsNaN(field.Dx[60, 70]).ShouldBeTrue();
        int values = 0;
        for (int i = 0; i < field.Dx.Pixels.Length; i++)
        {
            (field.Validity.Pixels[i] == Validity.Valid).ShouldBe(float.IsFinite(field.Dx.Pixels[i]));
            if (field.Validity.Pixels[i] != Validity.Valid)
                continue;
            values++;
            int x = i % 160, y = i / 160;
            if (x is > 8 and < 145 && y is > 8 and < 145)
            {
                field.Dx.Pixels[i].ShouldBe(0.6f, 0.2f);
                field.Dy.Pixels[i].ShouldBe(-0.3f, 0.2f);
            }
        }

        values.ShouldBeGreaterThan(160 * 160 * 8 / 10);
    }

    [Fact]
    public void Constant_images_are_flagged_as_without_texture()
    {
        var constant = new Raster<float>(64, 64).Fill(500);
        var field = Correlator.Match(MatchInput.AllValid(constant, constant.Clone()), Default, Workers.Single);
        field.Validity.Pixels.ShouldAllBe(flags => flags == Validity.NoTexture);
        field.Dx.Pixels.ShouldAllBe(value => float.IsNaN(value));
    }

    [Fact]
    public void Nothing_valid_gives_flags_and_no_value()
    {
        var empty = new Raster<float>(64, 64).Fill(float.NaN);
        var field = Correlator.Match(MatchInput.AllValid(empty, empty.Clone()), Default, Workers.Single);
        field.Validity.Pixels.ShouldAllBe(flags => flags.HasFlag(Validity.NoData));
    }

    [Fact]
    public void A_motion_beyond_the_range_is_flagged_or_uncorrelated_but_never_a_confident_corner()
    {
        var field = Correlator.Match(new MovingGround(5).Pair(160, 160, (_, _) => (9, 0)), Default, new Workers(2));
        for (int i = 0; i < field.Dx.Pixels.Length; i++)
            if (field.Validity.Pixels[i] == Validity.Valid)
            {
                MathF.Abs(field.Dx.Pixels[i]).ShouldBeLessThanOrEqualTo(4.0001f);
                if (i % 160 is > 20 and < 140 && i / 160 is > 20 and < 140)
                    field.Score.Pixels[i].ShouldBeLessThan(0.95f);
            }
    }

    [Fact]
    public void A_prior_moves_the_search()
    {
        var input = new MovingGround(6).Pair(128, 128, (_, _) => (9.3, -7.4));
        var prior = DisplacementField.Empty(128, 128, Validity.Valid);
        prior.Dx.Fill(8);
        prior.Dy.Fill(-8);
        var field = Correlator.Match(input with { Prior = prior }, Default, new Workers(2));
        field.Dx[64, 64].ShouldBe(9.3f, 0.02f);
        field.Dy[64, 64].ShouldBe(-7.4f, 0.02f);
    }

    [Fact]
    public void A_cloud_over_most_of_the_image_leaves_no_false_breaks_beside_it()
    {
        var input = new MovingGround(5).Pair(320, 256, (x, y) => (0.3 + 0.0005 * y, -0.2), noise: 25);
        double clear = Error(Correlator.Match(input, Default, new Workers(2)));
        for (int y = 0; y < 256; y++)
            for (int x = 0; x < 200; x++)
                input.ReferenceValidity[x, y] = Validity.Cloud;
        Error(Correlator.Match(input, Default, new Workers(2))).ShouldBeLessThan(1.5 * clear);

        static double Error(DisplacementField field)
        {
            double sum = 0;
            int count = 0;
            for (int y = 24; y < 232; y++)
                for (int x = 224; x < 300; x++, count++)
                    sum += Math.Pow(field.Dx[x, y] - 0.3 - 0.0005 * y, 2) + Math.Pow(field.Dy[x, y] + 0.2, 2);
            return Math.Sqrt(sum / count);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(15)]
    public void Beside_holes_the_field_is_not_bent_by_what_was_continued_into_them(double noise)
    {
        static double Dx(double x, double y) => 0.4 * Math.Sin(y / 60) + 0.001 * x;
        static double Dy(double x, double y) => 0.3 * Math.Cos(x / 70);
        static bool Within(int x, int y, int centreX, int centreY, int radius) => (x - centreX) * (x - centreX) + (y - centreY) * (y - centreY) < radius * radius;
        var input = new MovingGround(12).Pair(320, 288, (x, y) => (Dx(x, y), Dy(x, y)), noise);
        var whole = Correlator.Match(input, Default, new Workers(2));
        for (int y = 0; y < 288; y++)
            for (int x = 0; x < 320; x++)
            {
                if (Within(x, y, 110, 130, 55))
                    input.ReferenceValidity[x, y] = Validity.Cloud;
                if (Within(x, y, 220, 160, 50))
                    input.SecondaryValidity[x, y] = Validity.Cloud;
            }

        var holed = Correlator.Match(input, Default, new Workers(2));
        double error = 0, errorOfWhole = 0;
        int count = 0, withinSigma = 0;
        for (int y = 30; y < 258; y++)
            for (int x = 30; x < 290; x++)
            {
                if (holed.Validity[x, y] != Validity.Valid || !(Within(x, y, 110, 130, 67) || Within(x, y, 220, 160, 62)))
                    continue;
                double ex = holed.Dx[x, y] - Dx(x, y), ey = holed.Dy[x, y] - Dy(x, y);
                error += ex * ex + ey * ey;
                errorOfWhole += Math.Pow(whole.Dx[x, y] - Dx(x, y), 2) + Math.Pow(whole.Dy[x, y] - Dy(x, y), 2);
                count += 2;
                withinSigma += (Math.Abs(ex) < holed.SigmaDx[x, y] ? 1 : 0) + (Math.Abs(ey) < holed.SigmaDy[x, y] ? 1 : 0);
            }

        // Half of the pixels are missing there and the field is held from one side: twice the error is what is left to pay.
        Math.Sqrt(error / errorOfWhole).ShouldBeLessThan(3);
        ((double)withinSigma / count).ShouldBeInRange(0.55, 0.85);
    }

    [Fact]
    public void Images_of_different_size_and_parameters_outside_their_range_are_refused_in_a_sentence()
    {
        var small = new Raster<float>(32, 32);
        var large = new Raster<float>(33, 32);
        Should.Throw<InputException>(() => Correlator.Match(MatchInput.AllValid(small, large), Default, Workers.Single)).Message.ShouldContain("differ in size");
        foreach (var wrong in new[] { Default with { SpatialMatchingRange = 0 }, Default with { SpatialMatchingRange = 1e9 }, Default with { WindowSize = 8 }, Default with { Regularization = double.NaN } })
            Should.Throw<InputException>(() => Correlator.Match(MatchInput.AllValid(small, small), wrong, Workers.Single));
    }

    [Fact]
    public void One_big_tile_and_many_small_ones_agree_in_their_cores_and_at_the_seam()
    {
        var input = new MovingGround(8).Pair(448, 320, (x, y) => (0.3 * Math.Sin(y / 30.0) + (x > y + 60 ? 0.4 : -0.4), 0.2 * Math.Cos(x / 40.0)), 4);
        int halo = Correlator.Halo(Default);
        var whole = Correlator.Match(input, Default, new Workers(2));
        var mosaic = new Raster<float>(448, 320);
        double sum = 0;
        int count = 0;
        foreach (var core in new[] { new Window(96, 96, 128, 128), new Window(224, 96, 128, 128) })
        {
            var padded = core.Grow(halo).Intersect(new Window(0, 0, 448, 320));
            var tile = Correlator.Match(
                new MatchInput(input.Reference.Crop(padded), input.Secondary.Crop(padded), input.ReferenceValidity.Crop(padded), input.SecondaryValidity.Crop(padded)), Default, new Workers(2));
            for (int y = core.Y; y < core.Bottom; y++)
                for (int x = core.X; x < core.Right; x++, count++)
                {
                    double ex = tile.Dx[x - padded.X, y - padded.Y] - whole.Dx[x, y], ey = tile.Dy[x - padded.X, y - padded.Y] - whole.Dy[x, y];
                    sum += (ex * ex + ey * ey) / 2;
                    mosaic[x, y] = tile.Dx[x - padded.X, y - padded.Y];
                }
        }

        Math.Sqrt(sum / count).ShouldBeLessThan(0.01);
        // A seam that could be seen would be a rougher column than the same one of the whole; a fault crosses it, so other columns tell nothing.
        double Step(Raster<float> field) => Math.Sqrt(Enumerable.Range(96, 128).Average(y => Math.Pow(field[224, y] - field[223, y], 2)));
        Step(mosaic).ShouldBeLessThan(1.05 * Step(whole.Dx));
    }

    [Fact]
    public void More_regularization_gives_a_smoother_field()
    {
        var input = new MovingGround(9).Pair(128, 128, (_, _) => (0.3, 0.1), 40);
        double before = double.MaxValue;
        foreach (double regularization in new[] { 0, 0.1, 0.3, 1, 5 })
        {
            var field = Correlator.Match(input, Default with { Regularization = regularization }, new Workers(2));
            double roughness = 0;
            for (int y = 16; y < 112; y++)
                for (int x = 16; x < 112; x++)
                    roughness += Math.Pow(field.Dx[x + 1, y] - field.Dx[x, y], 2) + Math.Pow(field.Dx[x, y + 1] - field.Dx[x, y], 2);
            roughness.ShouldBeLessThan(before, $"regularization {regularization}");
            before = roughness;
        }
    }

    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(90, 0, -4)]
    [InlineData(45, 3, -3)]
    [InlineData(135, -3, -3)]
    [InlineData(180, -4, 0)]
    [InlineData(270, 0, 4)]
    public void The_direction_counts_counter_clockwise_from_East_and_rows_go_South(double degrees, int x, int y)
    {
        var (offsetX, offsetY) = Refinement.DirectionOffset(degrees);
        (Math.Sign(offsetX), Math.Sign(offsetY)).ShouldBe((Math.Sign(x), Math.Sign(y)));
        (offsetX * y - offsetY * x).ShouldBe(0);
    }

    [Fact]
    public void Smoothing_along_the_true_direction_beats_smoothing_across_it()
    {
        // Strips along 45 degrees (from South-West to North-East): constant along x + y... where y counts South, that is along (1, -1).
        var input = new MovingGround(10).Pair(192, 192, (x, y) => (0.25 * Math.Sin((x + y) / 9.0), 0), 30);
        double Error(double degrees)
        {
            var field = Correlator.Match(input, Default with { UseRegularizationDirection = true, FaultDirection = degrees }, new Workers(2));
            double sum = 0;
            for (int y = 20; y < 172; y++)
                for (int x = 20; x < 172; x++)
                    sum += Math.Pow(field.Dx[x, y] - 0.25 * Math.Sin((x + y) / 9.0), 2);
            return Math.Sqrt(sum / (152 * 152));
        }

        Error(45).ShouldBeLessThan(0.9 * Error(135));
    }

    [Fact]
    public void Sub_pixel_shifts_are_not_drawn_to_whole_or_half_pixels()
    {
        var ground = new MovingGround(11);
        for (int step = 0; step <= 4; step++)
        {
            double shift = step / 8.0;
            var field = Correlator.Match(ground.Pair(112, 112, (_, _) => (shift, -shift)), Default, new Workers(2));
            OrderStatistics.Median(field.Dx.Crop(new Window(20, 20, 72, 72)).Pixels).ShouldBe(shift, 0.005);
            OrderStatistics.Median(field.Dy.Crop(new Window(20, 20, 72, 72)).Pixels).ShouldBe(-shift, 0.005);
        }
    }
}
