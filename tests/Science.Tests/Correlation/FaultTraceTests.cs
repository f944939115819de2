using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Correlation;

public class FaultTraceTests
{
    private const int Size = 288;

    [Theory]
    [InlineData(0.3, 0, 4, 0.1)]
    [InlineData(0.3, 40, 4, 0.1)]
    [InlineData(0.3, 115, 4, 0.1)]
    [InlineData(0.2, 160, 10, 0.25)]
    [InlineData(0.5, 75, 4, 0.1)]
    public void A_small_step_stays_sharp_and_whole_whatever_its_direction(double step, double degrees, double widest, double share)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        double Away(double x, double y) => (x - Size / 2 + 0.3) * sin + (y - Size / 2 + 0.3) * cos;
        // Slip along the fault on a motion that varies over hundreds of pixels.
        (double, double) Motion(double x, double y)
        {
            double along = Away(x, y) > 0 ? step / 2 : -step / 2;
            return (along * cos + 0.1 * Math.Sin(y / 90), -along * sin + 0.15 * Math.Cos(x / 110));
        }

        var field = Correlator.Match(new MovingGround(21).Pair(Size, Size, Motion, 15), new(), new Workers(2));
        var (offset, width) = Profile(field, step, (x, y) => (Away(x, y), cos * (field.Dx[x, y] - 0.1 * Math.Sin(y / 90.0)) - sin * (field.Dy[x, y] - 0.15 * Math.Cos(x / 110.0))));
        width.ShouldBeLessThan(widest);
        foreach (int distance in new[] { 3, 5, 10, 20 })
            offset(distance).ShouldBe(step, share * step, $"{distance} px from the fault");
    }

    [Fact]
    public void Waves_of_the_ground_are_not_taken_for_faults()
    {
        var input = new MovingGround(22).Pair(Size, Size, (x, y) => (0.3 * Math.Sin((x + y) / 50), 0.3 * Math.Cos((x - y) / 60)), 15);
        var field = Correlator.Match(input, new(), new Workers(2));
        double sum = 0;
        for (int y = 30; y < Size - 30; y++)
            for (int x = 30; x < Size - 30; x++)
                sum += Math.Pow(field.Dx[x, y] - 0.3 * Math.Sin((x + y) / 50.0), 2) + Math.Pow(field.Dy[x, y] - 0.3 * Math.Cos((x - y) / 60.0), 2);
        Math.Sqrt(sum / 2 / (Size - 60) / (Size - 60)).ShouldBeLessThan(0.03);
    }

    [Fact]
    public void A_step_along_part_of_the_image_ends_where_the_ground_does_not_break()
    {
        // Slip that fades to nothing halfway down the image.
        double Slip(double y) => 0.5 * Math.Clamp((Size / 2 - y) / 60, 0, 1);
        var input = new MovingGround(23).Pair(Size, Size, (x, y) => (0, x < Size / 2 ? Slip(y) / 2 : -Slip(y) / 2), 15);
        var field = Correlator.Match(input, new(), new Workers(2));
        double Jump(int fromRow, int toRow) => Enumerable.Range(fromRow, toRow - fromRow).Average(y => field.Dy[Size / 2 - 5, y] - field.Dy[Size / 2 + 4, y]);
        Jump(30, 80).ShouldBe(0.5, 0.05);
        Jump(Size / 2 + 20, Size - 30).ShouldBe(0, 0.03);
    }

    /// <summary>Offset between both sides at a distance, and the width in which the mean profile rises from a tenth to nine tenths of the step.</summary>
    private static (Func<int, double> Offset, double Width) Profile(DisplacementField field, double step, Func<int, int, (double Away, double Along)> read)
    {
        var (sums, counts) = (new double[81], new int[81]);
        for (int y = 40; y < field.Height - 40; y++)
            for (int x = 40; x < field.Width - 40; x++)
            {
                var (away, along) = read(x, y);
                int bin = (int)Math.Floor(away) + 40;
                if (bin is >= 0 and < 80 && field.Validity[x, y] == Validity.Valid)
                    (sums[bin], counts[bin]) = (sums[bin] + along, counts[bin] + 1);
            }

        double At(int bin) => sums[bin] / counts[bin] / step;
        int first = 39, last = 40;
        while (first > 0 && At(first) > -0.4)
            first--;
        while (last < 79 && At(last) < 0.4)
            last++;
        return (distance => step * (At(39 + distance) + At(40 + distance) - At(40 - distance) - At(39 - distance)) / 2, last - first - 1);
    }
}
