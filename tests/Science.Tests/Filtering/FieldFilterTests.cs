using GdmOptEtq.Science.Filtering;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Filtering;

public sealed class FieldFilterTests
{
    private static DisplacementField Field(int width, int height, float dx, float dy)
    {
        var field = DisplacementField.Empty(width, height, Validity.Valid);
        field.Dx.Fill(dx);
        field.Dy.Fill(dy);
        field.Score.Fill(0.9f);
        return field;
    }

    [Fact]
    public void The_magnitude_not_the_component_is_limited()
    {
        var field = Field(3, 1, 0, 0);
        (field.Dx[0, 0], field.Dy[0, 0]) = (6, 8);
        (field.Dx[1, 0], field.Dy[1, 0]) = (7.2f, 7.2f);

        FieldFilter.Apply(field, 0.2, null, new FilteringParameters(), Workers.Single);

        field.Validity[0, 0].ShouldBe(Validity.Valid, "exactly 10 px is not larger than 10 px");
        field.Validity[1, 0].ShouldBe(Validity.TooLarge);
        field.Dx[1, 0].ShouldBe(float.NaN);
        field.Dy[1, 0].ShouldBe(float.NaN);
        field.Dx[2, 0].ShouldBe(0);
    }

    [Fact]
    public void Scores_compare_to_the_threshold_and_flags_of_masks_stay()
    {
        var field = Field(4, 1, 1, 1);
        field.Score[0, 0] = 0.5f;
        field.Score[1, 0] = 0.4999f;
        field.Score[2, 0] = float.NaN;
        field.Validity[3, 0] = Validity.Cloud;

        FieldFilter.Apply(field, 0.5, null, new FilteringParameters(), Workers.Single);

        field.Validity.Pixels.ShouldBe([Validity.Valid, Validity.Decorrelated, Validity.Decorrelated, Validity.Cloud]);
        float.IsNaN(field.Dx[3, 0]).ShouldBeTrue();
        var counts = ValidityCounts.Of(field.Validity);
        counts.Valid.ShouldBe(1);
        counts.ByReason[Validity.Decorrelated].ShouldBe(2);
        counts.ByReason[Validity.Cloud].ShouldBe(1);
        (counts + counts).ByReason[Validity.Decorrelated].ShouldBe(4);
    }

    [Fact]
    public void The_median_test_drops_a_spike_and_keeps_a_fault_step()
    {
        var field = Field(20, 20, 0, 0);
        for (int y = 0; y < 20; y++)
        {
            for (int x = 10; x < 20; x++)
                field.Dx[x, y] = 0.5f;
        }

        field.Dx[4, 6] = 1.5f;
        FieldFilter.Apply(field, 0.2, null, new FilteringParameters { MedianTest = true }, Workers.Single);

        field.Validity[4, 6].ShouldBe(Validity.Outlier);
        ValidityCounts.Of(field.Validity).Valid.ShouldBe(399);
    }

    [Fact]
    public void The_consistency_test_drops_what_the_way_back_does_not_confirm()
    {
        var forward = Field(20, 20, 2, -1);
        var backward = Field(20, 20, -2, 1);
        backward.Dx[12, 9] = 0;
        FieldFilter.Apply(forward, 0.2, backward, new FilteringParameters { ConsistencyTest = true }, Workers.Single);

        forward.Validity[10, 10].ShouldBe(Validity.Inconsistent);
        ValidityCounts.Of(forward.Validity).Valid.ShouldBe(399);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_threads()
    {
        DisplacementField Noisy()
        {
            var random = new Random(8);
            var field = Field(150, 130, 0, 0);
            for (int i = 0; i < field.Dx.Pixels.Length; i++)
                (field.Dx.Pixels[i], field.Dy.Pixels[i]) = ((float)random.NextDouble(), (float)random.NextDouble());
            return field;
        }

        var parameters = new FilteringParameters { MedianTest = true, MaximumDisplacement = 1.2 };
        var (one, two) = (Noisy(), Noisy());
        FieldFilter.Apply(one, 0.2, null, parameters, Workers.Single);
        FieldFilter.Apply(two, 0.2, null, parameters, new Workers(2));
        one.Validity.Pixels.ShouldBe(two.Validity.Pixels);
        ValidityCounts.Of(one.Validity).Valid.ShouldBeInRange(1, 150 * 130 - 1);
    }
}
