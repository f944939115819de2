using FsCheck;
using FsCheck.Fluent;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Pairing;

namespace GdmOptEtq.Science.Tests.Pairing;

public class PairFormationTests
{
    private static readonly RasterGrid Grid = new(32611, 399960, 4000020, 10, 1100, 1100);

    private static readonly Gen<(int Count, int Minimum, int Maximum, bool Both)> Ranges =
        from count in Gen.Choose(2, 9)
        from minimum in Gen.Choose(1, 6)
        from maximum in Gen.Choose(minimum, 9)
        from both in Gen.Elements(true, false)
        select (count, minimum, maximum, both);

    [Fact]
    public void With_a_split_date_every_image_before_meets_every_image_after_whatever_the_ranges()
    {
        var pairs = PairFormation.Form(Every5Days(4), new PairingParameters { SplitDate = new DateOnly(2019, 7, 6), MinimumMatchingRange = 1, MaximumMatchingRange = 1 });
        pairs.Select(p => p.Name).ShouldBe([
            "T11SMV_20190628_vs_20190708", "T11SMV_20190628_vs_20190713", "T11SMV_20190703_vs_20190708", "T11SMV_20190703_vs_20190713"]);
    }

    [Fact]
    public void An_image_of_the_split_date_itself_is_after()
    {
        var pairs = PairFormation.Form(Every5Days(2), new PairingParameters { SplitDate = new DateOnly(2019, 7, 3) });
        pairs.ShouldHaveSingleItem().Secondary.DateStamp.ShouldBe("20190703");
    }

    [Fact]
    public void The_order_of_the_images_does_not_matter() => Prop.ForAll(Ranges.ToArbitrary(), r =>
    {
        var images = Every5Days(r.Count);
        return PairFormation.Form(images, Parameters(r)).SequenceEqual(PairFormation.Form([.. images.Reverse()], Parameters(r)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_split_the_distance_in_acquisitions_is_inside_the_range_and_no_pair_is_missing() => Prop.ForAll(Ranges.ToArbitrary(), r =>
    {
        var images = Every5Days(r.Count);
        var pairs = PairFormation.Form(images, Parameters(r));
        int expected = 0;
        for (int i = 0; i < r.Count; i++)
            expected += Math.Max(0, Math.Min(r.Maximum, r.Count - 1 - i) - r.Minimum + 1);
        return pairs.Count == expected * (r.Both ? 2 : 1) && pairs.Distinct().Count() == pairs.Count
            && pairs.All(p => Math.Abs(Position(images, p.Reference) - Position(images, p.Secondary)) is var d && d >= r.Minimum && d <= r.Maximum);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Forward_and_backward_adds_each_pair_the_other_way_round() => Prop.ForAll(Ranges.ToArbitrary(), r =>
    {
        var pairs = PairFormation.Form(Every5Days(r.Count), Parameters(r));
        return pairs.Where(p => p.IsBackward).Select(p => new ImagePair(p.Secondary, p.Reference)).SequenceEqual(r.Both ? pairs.Where(p => !p.IsBackward) : [])
            && pairs.All(p => p.IsBackward == p.DurationDays < 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_fault_of_the_images_is_one_sentence_with_its_remedy()
    {
        var images = Every5Days(2);
        PairFormation.Refusals(images, new PairingParameters()).ShouldBeEmpty();
        Single([images[0]]).ShouldContain("Only one image");
        Single([]).ShouldContain("No image");
        Single([images[0], images[1] with { Tile = "T11SNV" }]).ShouldContain("T11SMV, T11SNV");
        Single([images[0], images[1] with { Grid = Grid with { OriginX = 0 } }]).ShouldContain("another grid");
        Single([images[0], images[1] with { SensingTime = images[0].SensingTime.AddHours(1) }]).ShouldContain("one day");
        Single(images, new PairingParameters { SplitDate = new DateOnly(2020, 1, 1) }).ShouldContain("2019-06-28 to 2019-07-03");
        Single(images, new PairingParameters { SplitDate = new DateOnly(2019, 6, 28) }).ShouldContain("give a date after 2019-06-28");
        Single(images, new PairingParameters { MinimumMatchingRange = 2 }).ShouldContain("give at most 1");
        Single(images, new PairingParameters { MinimumMatchingRange = 3, MaximumMatchingRange = 2 }).ShouldContain("exchange");

        static string Single(IReadOnlyList<Acquisition> images, PairingParameters? parameters = null) =>
            PairFormation.Refusals(images, parameters ?? new PairingParameters()).ShouldHaveSingleItem();
    }

    [Fact]
    public void Several_faults_are_all_named()
    {
        var images = Every5Days(3);
        PairFormation.Refusals([images[0], images[1] with { Tile = "T11SNV" }, images[2] with { Tile = "T11SNV", SensingTime = images[1].SensingTime }],
            new PairingParameters { MinimumMatchingRange = 3, MaximumMatchingRange = 2 }).Count.ShouldBe(3);
    }

    private static int Position(Acquisition[] images, Acquisition image) => Array.IndexOf(images, image);

    private static PairingParameters Parameters((int Count, int Minimum, int Maximum, bool Both) r) => new()
    {
        MinimumMatchingRange = r.Minimum,
        MaximumMatchingRange = r.Maximum,
        MatchingDirection = r.Both ? MatchingDirection.ForwardBackward : MatchingDirection.Forward,
    };

    private static Acquisition[] Every5Days(int count) => Enumerable.Range(0, count).Select(i =>
    {
        var time = new DateTimeOffset(2019, 6, 28, 18, 29, 29, TimeSpan.Zero).AddDays(5 * i);
        return new Acquisition(new AcquisitionId($"S2B_{time:yyyyMMdd}_T11SMV"), time, "T11SMV", "Sentinel-2B", 27, Grid);
    }).ToArray();
}
