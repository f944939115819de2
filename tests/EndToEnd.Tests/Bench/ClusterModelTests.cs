using GdmOptEtq.Cli.Bench.ClusterModel;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.EndToEnd.Tests.Bench;

public sealed class ClusterModelTests
{
    private static readonly StageTimes Times = new("test", [4], [2, 3, 4], [5], [6], [1, 2, 3], [0.5], [0.25]);

    [Fact]
    public void An_event_has_every_pair_across_the_earthquake_and_one_mosaic()
    {
        var shape = ClusterModelCommand.Event(tiles: 16, images: 4, matchTiles: 121);
        shape.Acquisitions.ShouldBe(64);
        shape.Pairs.Count.ShouldBe(64);
        shape.Tiles.ShouldBe(7744);
        shape.Stacks.ShouldBe(16);
        shape.Products.ShouldAllBe(products => products == 8 + 4 * 9 + 1);
        shape.Units.ShouldBe(64 + 7744 + 64 + 16 + 16 * 45 + 16 + 8 + 1);
        shape.Pairs.ShouldAllBe(pair => pair.Reference / 4 == pair.Stack && pair.Secondary / 4 == pair.Stack);
    }

    [Fact]
    public void One_worker_takes_the_sum_of_all_units_and_messages_that_cost_nothing_cost_nothing()
    {
        var shape = ClusterModelCommand.Event(1, 2, 12);
        var row = new ClusterSimulation(shape, Times, 1, 1, 0, 0).Run();
        row.MakespanSeconds.ShouldBe(2 * 4 + 12 * 3 + 5 + 6 + 18 * 2 + 0.5, 1e-6);
        row.SecondsAfterMatching.ShouldBe(5 + 6 + 18 * 2 + 0.5, 1e-6);
        row.MatchingEfficiency.ShouldBe(1, 1e-6);
        row.CoordinatorLoad.ShouldBe(0);
    }

    [Fact]
    public void A_raster_of_the_mosaic_takes_as_long_as_it_has_tiles()
    {
        var shape = ClusterModelCommand.Event(16, 2, 1);
        Times.Of(shape, shape.FirstOfMosaic).ShouldBe(16 * 0.25);
        Times.Of(shape, shape.Mosaic).ShouldBe(0.5);
        Times.Of(shape, shape.ProductUnit(3, 0)).ShouldBeInRange(1, 3);
    }

    [Fact]
    public void More_workers_are_never_slower_and_never_faster_than_their_share_or_the_longest_chain()
    {
        var shape = ClusterModelCommand.Event(2, 4, 40);
        double work = Times.Sum(shape, _ => true), before = double.PositiveInfinity;
        foreach (int workers in (int[])[1, 2, 4, 8, 16, 64, 256])
        {
            var row = new ClusterSimulation(shape, Times, workers, 8, 0.0002, 0.001).Run();
            row.MakespanSeconds.ShouldBeLessThanOrEqualTo(before * 1.02);
            row.MakespanSeconds.ShouldBeGreaterThan(Math.Max(work / (workers + 8), ClusterModelCommand.CriticalSeconds(shape, Times)));
            row.Efficiency.ShouldBeInRange(0, 1);
            before = row.MakespanSeconds;
        }
    }

    [Fact]
    public void A_slow_coordinator_is_what_limits_many_workers()
    {
        var shape = ClusterModelCommand.Event(1, 2, 2000);
        var row = new ClusterSimulation(shape, Times, 1000, 1, 0.05, 0.001).Run();
        row.CoordinatorLoad.ShouldBeGreaterThan(0.8);
        row.MakespanSeconds.ShouldBeGreaterThan(2000 * 0.05);
        new ClusterSimulation(shape, Times, 1000, 1, 0.0001, 0.001).Run().MakespanSeconds.ShouldBeLessThan(row.MakespanSeconds / 2);
    }

    [Fact]
    public void The_same_model_gives_the_same_figures()
    {
        var shape = ClusterModelCommand.Event(2, 4, 30);
        ModelRow Run() => new ClusterSimulation(shape, Times, 17, 3, 0.0003, 0.005).Run();
        Run().ShouldBe(Run());
    }

    [Fact]
    public async Task The_coordinator_is_measured_by_handling_every_result()
    {
        using var folder = new ScratchFolder();
        var cost = await CoordinatorCost.MeasureAsync(folder["store"], default);
        cost.Results.ShouldBe(6000);
        cost.WholeMicroseconds.ShouldBeGreaterThan(0);
        Directory.Exists(folder["store"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("""{"source":"x","prepareSeconds":[1],"correlateSeconds":[1],"aggregateSeconds":[1],"summariseSeconds":[1]}""")]
    [InlineData("""{"source":"x","prepareSeconds":[1],"correlateSeconds":[1],"aggregateSeconds":[1],"summariseSeconds":[1],"writeSeconds":[1],"publishSeconds":[1],"mosaicSecondsPerTile":[0]}""")]
    [InlineData("""{"source":"x","prepareSeconds":[1],"correlateSeconds":[],"aggregateSeconds":[1],"summariseSeconds":[1],"writeSeconds":[1],"publishSeconds":[1],"mosaicSecondsPerTile":[]}""")]
    [InlineData("""{"source":"x","prepareSeconds":[1],"correlateSeconds":[-1],"aggregateSeconds":[1],"summariseSeconds":[1],"writeSeconds":[1],"publishSeconds":[1],"mosaicSecondsPerTile":[]}""")]
    public void Times_that_are_none_are_refused_with_the_way_to_get_some(string text)
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["times.json"], text);
        Should.Throw<InputException>(() => StageTimes.Read(folder["times.json"])).Message.ShouldContain("gdm ops job times");
        Should.Throw<InputException>(() => StageTimes.Read(folder["none.json"]));
    }

    [Fact]
    public void The_measured_times_say_where_they_come_from()
    {
        StageTimes.Measured.Source.ShouldContain("2026");
        StageTimes.Measured.CorrelateSeconds.Length.ShouldBeGreaterThan(3);
    }
}
