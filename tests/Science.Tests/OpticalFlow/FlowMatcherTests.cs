using GdmOptEtq.Science.OpticalFlow;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.OpticalFlow;

public class FlowMatcherTests
{
    private static readonly OpticalFlowParameters Defaults = new();

    [Theory]
    [InlineData(0.37, -0.62)]
    [InlineData(-1.5, 2.25)]
    [InlineData(5.3, -4.1)]
    public void A_uniform_shift_is_found_with_its_sign(double dx, double dy)
    {
        var texture = new AnalyticTexture(11);
        var field = FlowMatcher.Match(MatchInput.AllValid(texture.Image(160, 140), texture.Image(160, 140, (_, _) => (dx, dy))), Defaults, new Workers(2));
        var (medianX, medianY, valid) = Medians(field, 24);
        valid.ShouldBeGreaterThan(0.99);
        medianX.ShouldBe(dx, 0.01);
        medianY.ShouldBe(dy, 0.01);
        field.Score[80, 70].ShouldBeGreaterThan(0.98f);
    }

    [Fact]
    public void Swapping_the_images_changes_the_sign()
    {
        var texture = new AnalyticTexture(12);
        Raster<float> a = texture.Image(128, 128), b = texture.Image(128, 128, (_, _) => (0.4, 0.3));
        var there = Medians(FlowMatcher.Match(MatchInput.AllValid(a, b), Defaults, Workers.Single), 20);
        var back = Medians(FlowMatcher.Match(MatchInput.AllValid(b, a), Defaults, Workers.Single), 20);
        back.Dx.ShouldBe(-there.Dx, 0.01);
        back.Dy.ShouldBe(-there.Dy, 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Gain_and_offset_of_the_secondary_do_not_matter(int rankRadius)
    {
        var texture = new AnalyticTexture(13);
        Raster<float> a = texture.Image(128, 128), b = texture.Image(128, 128, (_, _) => (-0.3, 0.7));
        for (int i = 0; i < b.Pixels.Length; i++)
            b.Pixels[i] = 0.4f * b.Pixels[i] + 250;
        var (dx, dy, _) = Medians(FlowMatcher.Match(MatchInput.AllValid(a, b), Defaults with { FlowRankRadius = rankRadius }, Workers.Single), 20);
        dx.ShouldBe(-0.3, 0.01);
        dy.ShouldBe(0.7, 0.01);
    }

    [Fact]
    public void An_inverted_image_needs_contrast_adaptation_and_is_found_with_it()
    {
        var texture = new AnalyticTexture(14);
        Raster<float> a = texture.Image(192, 192), b = texture.Image(192, 192, (_, _) => (0.6, -0.4));
        for (int i = 0; i < b.Pixels.Length; i++)
            b.Pixels[i] = 2000 - b.Pixels[i];
        var input = MatchInput.AllValid(a, b);
        var (dx, dy, _) = Medians(FlowMatcher.Match(input, Defaults with { FlowContrastAdaptation = true }, Workers.Single), 30);
        dx.ShouldBe(0.6, 0.05);
        dy.ShouldBe(-0.4, 0.05);
        var without = Medians(FlowMatcher.Match(input, Defaults, Workers.Single), 30);
        Math.Abs(without.Dx - 0.6).ShouldBeGreaterThan(0.1);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        var texture = new AnalyticTexture(15);
        var input = MatchInput.AllValid(texture.Image(130, 261, noise: 3), texture.Image(130, 261, (x, _) => (x < 65 ? 0.5 : -0.5, 0.2), noise: 3, seed: 2));
        var one = FlowMatcher.Match(input, Defaults, Workers.Single);
        foreach (int threads in new[] { 2, 5 })
        {
            var many = FlowMatcher.Match(input, Defaults, new Workers(threads));
            many.Dx.Bytes.SequenceEqual(one.Dx.Bytes).ShouldBeTrue();
            many.Dy.Bytes.SequenceEqual(one.Dy.Bytes).ShouldBeTrue();
            many.Score.Bytes.SequenceEqual(one.Score.Bytes).ShouldBeTrue();
            many.SigmaDx.Bytes.SequenceEqual(one.SigmaDx.Bytes).ShouldBeTrue();
            many.Validity.Bytes.SequenceEqual(one.Validity.Bytes).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_masked_pixel_neither_votes_nor_receives_a_value()
    {
        var texture = new AnalyticTexture(16);
        Raster<float> a = texture.Image(160, 160), b = texture.Image(160, 160, (_, _) => (0.45, -0.25));
        var cloud = new Window(60, 50, 40, 40);
        var input = MatchInput.AllValid(a, b);
        for (int y = cloud.Y; y < cloud.Bottom; y++)
        {
            for (int x = cloud.X; x < cloud.Right; x++)
            {
                // A cloud that moves by five pixels would drag the flow along.
                a[x, y] = (float)texture.At(3 * x, 3 * y);
                b[x, y] = (float)texture.At(3 * (x + 5), 3 * y);
                input.ReferenceValidity[x, y] = Validity.Cloud;
                input.SecondaryValidity[x, y] = Validity.Cloud;
            }
        }

        var field = FlowMatcher.Match(input, Defaults, Workers.Single);
        for (int y = cloud.Y; y < cloud.Bottom; y++)
        {
            for (int x = cloud.X; x < cloud.Right; x++)
            {
                (field.Validity[x, y] & Validity.Cloud).ShouldBe(Validity.Cloud);
                float.IsNaN(field.Dx[x, y]).ShouldBeTrue();
            }
        }

        field.Validity[cloud.X - 4, cloud.Y + 20].ShouldBe(Validity.Valid);
        field.Dx[cloud.X - 4, cloud.Y + 20].ShouldBe(0.45f, 0.03f);
        field.Dy[cloud.Right + 4, cloud.Y + 20].ShouldBe(-0.25f, 0.03f);
    }

    [Fact]
    public void No_value_is_NaN_without_a_flag_nor_flagged_with_a_value()
    {
        var texture = new AnalyticTexture(17);
        Raster<float> a = texture.Image(100, 90), b = texture.Image(100, 90, (_, _) => (2.2, 0));
        a[50, 40] = float.NaN;
        b[20, 20] = float.PositiveInfinity;
        b[70, 60] = float.NegativeInfinity;
        var field = FlowMatcher.Match(MatchInput.AllValid(a, b), Defaults, Workers.Single);
        for (int i = 0; i < field.Dx.Pixels.Length; i++)
        {
            bool valid = field.Validity.Pixels[i] == Validity.Valid;
            foreach (var raster in new[] { field.Dx, field.Dy, field.Score, field.SigmaDx, field.SigmaDy })
                float.IsFinite(raster.Pixels[i]).ShouldBe(valid);
        }

        field.Validity[50, 40].ShouldBe(Validity.NoData);
        (field.Validity[99, 40] & Validity.OutsideImage).ShouldBe(Validity.OutsideImage);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1234f)]
    public void A_constant_image_has_no_texture_and_no_value(float value)
    {
        var flat = new Raster<float>(64, 64).Fill(value);
        var textured = new AnalyticTexture(18).Image(64, 64);
        foreach (var input in new[] { MatchInput.AllValid(flat, flat), MatchInput.AllValid(flat, textured), MatchInput.AllValid(textured, flat) })
        {
            var field = FlowMatcher.Match(input, Defaults, Workers.Single);
            for (int i = 0; i < field.Dx.Pixels.Length; i++)
            {
                if (input.Reference == flat)
                    (field.Validity.Pixels[i] & Validity.NoTexture).ShouldBe(Validity.NoTexture);
                (field.Validity.Pixels[i] == Validity.Valid && !(field.Score.Pixels[i] <= 0.2f)).ShouldBeFalse();
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 300)]
    [InlineData(7, 5)]
    [InlineData(30, 31)]
    public void Small_images_are_matched_or_flagged_but_never_crash(int width, int height)
    {
        var texture = new AnalyticTexture(19);
        var field = FlowMatcher.Match(MatchInput.AllValid(texture.Image(width, height), texture.Image(width, height)), Defaults with { FlowLevels = 8, FlowContrastAdaptation = true }, Workers.Single);
        for (int i = 0; i < field.Dx.Pixels.Length; i++)
            float.IsFinite(field.Dx.Pixels[i]).ShouldBe(field.Validity.Pixels[i] == Validity.Valid);
        if (width == 30)
            field.Dx[15, 15].ShouldBe(0, 0.01f);
    }

    [Fact]
    public void A_prior_far_from_zero_is_searched_around()
    {
        var texture = new AnalyticTexture(20);
        var prior = DisplacementField.Empty(160, 160, Validity.Valid);
        prior.Dx.Fill(19);
        prior.Dy.Fill(-17);
        var input = MatchInput.AllValid(texture.Image(160, 160), texture.Image(160, 160, (_, _) => (19.6, -17.3))) with { Prior = prior };
        var (dx, dy, _) = Medians(FlowMatcher.Match(input, Defaults with { FlowLevels = 1 }, Workers.Single), 45);
        dx.ShouldBe(19.6, 0.02);
        dy.ShouldBe(-17.3, 0.02);
    }

    [Fact]
    public void The_core_of_a_tile_with_its_halo_equals_the_whole()
    {
        var texture = new AnalyticTexture(21);
        (double, double) Step(int x, int y) => (x + y / 3 < 250 ? 0.4 : -0.4, 0.3 * Math.Sin(x / 40.0));
        Raster<float> a = texture.Image(420, 340, noise: 10), b = texture.Image(420, 340, Step, noise: 10, seed: 2);
        var whole = FlowMatcher.Match(MatchInput.AllValid(a, b), Defaults, new Workers(2));
        int halo = FlowMatcher.Halo(Defaults);
        var core = new Window(170, 130, 110, 80);
        var padded = core.Grow(halo).Intersect(a.Bounds);
        var tile = FlowMatcher.Match(MatchInput.AllValid(a.Crop(padded), b.Crop(padded)), Defaults, new Workers(2));
        double squares = 0;
        for (int y = core.Y; y < core.Bottom; y++)
        {
            for (int x = core.X; x < core.Right; x++)
                squares += Math.Pow(whole.Dx[x, y] - tile.Dx[x - padded.X, y - padded.Y], 2) + Math.Pow(whole.Dy[x, y] - tile.Dy[x - padded.X, y - padded.Y], 2);
        }

        Math.Sqrt(squares / 2 / core.PixelCount).ShouldBeLessThan(0.01);
    }

    [Fact]
    public void About_two_thirds_of_the_errors_lie_within_one_sigma()
    {
        var texture = new AnalyticTexture(22);
        Raster<float> a = texture.Image(220, 220, noise: 40), b = texture.Image(220, 220, (_, _) => (0.3, 0.1), noise: 40, seed: 2);
        var field = FlowMatcher.Match(MatchInput.AllValid(a, b), Defaults, new Workers(2));
        int within = 0, count = 0;
        for (int y = 20; y < 200; y++)
        {
            for (int x = 20; x < 200; x++, count += 2)
            {
                within += Math.Abs(field.Dx[x, y] - 0.3) <= field.SigmaDx[x, y] ? 1 : 0;
                within += Math.Abs(field.Dy[x, y] - 0.1) <= field.SigmaDy[x, y] ? 1 : 0;
            }
        }

        ((double)within / count).ShouldBeInRange(0.5, 0.8);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("8,x")]
    [InlineData("100")]
    public void Unusable_radii_are_refused_in_one_sentence(string radii) =>
        Should.Throw<InputException>(() => (Defaults with { FlowRadii = radii }).RadiusList()).Message.ShouldContain("--flow-radii");

    private static (double Dx, double Dy, double Valid) Medians(DisplacementField field, int margin)
    {
        var (dx, dy) = (new List<float>(), new List<float>());
        int count = 0;
        for (int y = margin; y < field.Height - margin; y++)
        {
            for (int x = margin; x < field.Width - margin; x++, count++)
            {
                if (field.Validity[x, y] != Validity.Valid)
                    continue;
                dx.Add(field.Dx[x, y]);
                dy.Add(field.Dy[x, y]);
            }
        }

        return (OrderStatistics.Median(dx.ToArray()), OrderStatistics.Median(dy.ToArray()), (double)dx.Count / count);
    }
}
