using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Masking;

/// <summary>The packed and bucketed kernels against slow twins that say what they mean.</summary>
public class MaskKernelTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 63, 9 }, { 64, 20 }, { 65, 31 }, { 200, 70 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Dilation_and_erosion_do_what_their_element_says(int width, int height)
    {
        var mask = Random(width, height, 0.1);
        foreach (var element in new[] { StructuringElement.Square(3), StructuringElement.Disc(5), StructuringElement.Disc(10), StructuringElement.Disc(3), StructuringElement.Square(70) })
        {
            var dilated = Morphology.Dilate(mask, element, new Workers(2));
            var eroded = Morphology.Erode(mask.Clone().Invert(), element, new Workers(2));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    bool any = Around(mask, element, x, y);
                    dilated[x, y].ShouldBe(any);
                    eroded[x, y].ShouldBe(!any);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_majority_is_five_of_nine(int width, int height)
    {
        var mask = Random(width, height, 0.5);
        var majority = Morphology.Majority(mask, new Workers(2));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int votes = 0;
                for (int dy = -1; dy <= 1; dy++)
                {
                    for (int dx = -1; dx <= 1; dx++)
                        votes += mask[Math.Clamp(x + dx, 0, width - 1), Math.Clamp(y + dy, 0, height - 1)] ? 1 : 0;
                }

                majority[x, y].ShouldBe(votes >= 5, $"({x}, {y}) of {width} x {height}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Objects_are_the_pixels_that_a_king_can_reach(int width, int height)
    {
        var mask = Random(width, height, 0.4);
        var objects = new ConnectedObjects(mask);
        var labels = objects.Labels();
        var expected = new Raster<int>(width, height).Fill(-1);
        int count = 0;
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            if (!mask[i % width, i / width] || expected.Pixels[i] >= 0)
                continue;
            var open = new Stack<(int X, int Y)>([(i % width, i / width)]);
            while (open.TryPop(out var p))
            {
                if (p.X < 0 || p.Y < 0 || p.X >= width || p.Y >= height || !mask[p.X, p.Y] || expected[p.X, p.Y] >= 0)
                    continue;
                expected[p.X, p.Y] = count;
                for (int d = 0; d < 9; d++)
                    open.Push((p.X + d % 3 - 1, p.Y + d / 3 - 1));
            }

            count++;
        }

        labels.Pixels.ShouldBe(expected.Pixels);
        objects.Count.ShouldBe(count);
        objects.Areas().Sum().ShouldBe((int)mask.Count());
        objects.Select(_ => true).AndNot(mask).Any().ShouldBeFalse();
    }

    [Fact]
    public void Holes_are_filled_to_the_lowest_pass_to_the_border()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 20; trial++)
        {
            int width = random.Next(1, 30), height = random.Next(1, 30);
            var level = Enumerable.Range(0, width * height).Select(_ => (ushort)random.Next(0, 400)).ToArray();
            var deep = HoleFilling.DeeperThan(level, width, height, 60);
            int[] filled = SlowFill(level, width, height);
            for (int i = 0; i < level.Length; i++)
                deep[i % width, i / width].ShouldBe(filled[i] - level[i] > 60);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Percentiles_over_a_scene_equal_those_of_the_sorted_values(int count)
    {
        var random = new Random(count);
        var values = Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4 - 2)).ToArray();
        values[0] = -0.0f;
        double[] percents = [0, 0.001, 2, 17.5, 50, 82.5, 99.999, 100];
        var found = ScenePercentile.Of(1, count, (y, to) =>
        {
            to[0] = values[y];
            return 1;
        }, new Workers(2), percents);
        for (int i = 0; i < percents.Length; i++)
            found[i].ShouldBe(OrderStatistics.Percentile((float[])values.Clone(), percents[i]), 1e-7);
        ScenePercentile.Of(1, 3, (_, _) => 0, Workers.Single, 50)[0].ShouldBe(double.NaN);
    }

    [Fact]
    public void Mirrored_indices_repeat_the_border_pixel() =>
        Enumerable.Range(-7, 17).Select(i => AbsoluteSnow.Mirror(i, 3)).ShouldBe([0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2]);

    [Fact]
    public void View_directions_are_averaged_as_vectors_across_detectors_and_filled_from_the_nearest_node()
    {
        double[] Grid(double left, double right) => [left, right, left, right];
        // Azimuths 350 and 10 degrees on the same node: the mean looks North, not South.
        var first = new AngleGrid(5000, 2, 2, Grid(8, double.NaN), Grid(350, double.NaN));
        var second = new AngleGrid(5000, 2, 2, Grid(8, double.NaN), Grid(10, double.NaN));
        var field = ViewField.FromDetectors([first, second])!;
        var (east, north) = field.At(0, 0);
        east.ShouldBe(0, 1e-12);
        north.ShouldBe(Math.Tan(8 * Math.PI / 180) * Math.Cos(10 * Math.PI / 180), 1e-12);
        field.At(4000, 3000).North.ShouldBe(north, 1e-12);
        ViewField.FromDetectors([new AngleGrid(5000, 1, 1, [double.NaN], [double.NaN])]).ShouldBeNull();
    }

    [Fact]
    public void A_hollow_open_to_the_border_is_filled_up_to_the_surroundings()
    {
        ushort[] level = [500, 100, 500, 500, 100, 500, 500, 500, 500];
        HoleFilling.DeeperThan(level, 3, 3, 200).Any().ShouldBeFalse();
        var deep = HoleFilling.DeeperThan(level, 3, 3, 200, 450);
        deep.Count().ShouldBe(2);
        (deep[1, 0] && deep[1, 1]).ShouldBeTrue();
    }

    private static BitMask Random(int width, int height, double share)
    {
        var random = new Random(width + height);
        return BitMask.Where(width, height, Workers.Single, (_, isSet) =>
        {
            for (int x = 0; x < isSet.Length; x++)
                isSet[x] = random.NextDouble() < share;
        });
    }

    private static bool Around(BitMask mask, StructuringElement element, int x, int y)
    {
        for (int dy = 1 - element.HalfWidths.Length; dy < element.HalfWidths.Length; dy++)
        {
            int half = element.HalfWidths[Math.Abs(dy)];
            for (int dx = -half; dx <= half; dx++)
            {
                if (x + dx >= 0 && y + dy >= 0 && x + dx < mask.Width && y + dy < mask.Height && mask[x + dx, y + dy])
                    return true;
            }
        }

        return false;
    }

    private static int[] SlowFill(ushort[] level, int width, int height)
    {
        var filled = new int[level.Length];
        for (int i = 0; i < level.Length; i++)
            filled[i] = OnBorder(i) ? level[i] : int.MaxValue;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 0; i < level.Length; i++)
            {
                if (OnBorder(i))
                    continue;
                int lowest = Math.Min(Math.Min(filled[i - 1], filled[i + 1]), Math.Min(filled[i - width], filled[i + width]));
                int next = Math.Max(level[i], lowest);
                changed |= next < filled[i];
                filled[i] = Math.Min(filled[i], next);
            }
        }

        return filled;

        bool OnBorder(int i) => i % width == 0 || i % width == width - 1 || i / width == 0 || i / width == height - 1;
    }
}
