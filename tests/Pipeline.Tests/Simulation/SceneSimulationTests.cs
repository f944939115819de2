using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline.Simulation;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Pipeline.Tests.Simulation;

public sealed class SceneSimulationTests : IDisposable
{
    private static readonly SimulationParameters Small = new()
    {
        Acquisitions = new AcquisitionParameters { SizePixels = 180, ImagesBefore = 1, ImagesAfter = 1, Bands = "B04,B8A" },
        Errors = new GeometricErrorParameters { DetectorWidthMetres = 700, DetectorOverlapMetres = 100 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("gdm-simulation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_products_are_read_back_by_the_door_of_real_ones()
    {
        var written = SceneSimulation.Write(_folder, Small, new Workers(2));
        written.Products.Count.ShouldBe(2);
        var product = SafeProduct.Open(written.Products[1]);
        product.RelativeOrbit.ShouldBe(27);
        product.SensingTime.Date.ShouldBe(new DateTime(2019, 7, 8));
        product.Grid(SafeBand.B04).Width.ShouldBe(180);
        product.Grid(SafeBand.B8A).Width.ShouldBe(90);
        product.RadiometricOffset(SafeBand.B04).ShouldBe(-1000);
        using var reader = new SafeReader(product);
        using var file = RasterFile.Open(product.BandPath(SafeBand.B04));
        var pixels = file.Read<ushort>(1);
        pixels.Pixels.Average(p => (double)p).ShouldBeInRange(1200, 3500);
    }

    [Fact]
    public void Detector_masks_are_those_whose_steps_were_rendered()
    {
        var written = SceneSimulation.Write(_folder, Small, new Workers(2));
        var grid = new RasterGrid(32611, 399960, 4000020, 10, 180, 180);
        var rendered = new GeometricError(Small.Errors, grid, (ulong)Small.Scene.Seed, 1).DetectorMap(grid);
        var footprint = SafeProduct.Open(written.Products[1]).DetectorFootprint(SafeBand.B04)!;
        int same = footprint.Detectors!.Pixels.Zip(rendered.Pixels).Count(p => p.First == p.Second);
        rendered.Pixels.Distinct().Count().ShouldBeGreaterThan(2);
        (same / (double)rendered.Pixels.Length).ShouldBeGreaterThan(0.985);
    }

    [Fact]
    public void An_old_baseline_has_overlapping_polygons_and_no_offset()
    {
        var old = Small with { Acquisitions = Small.Acquisitions with { Baseline = "02.05", EventDate = new DateOnly(2017, 7, 6), Bands = "B04" } };
        var product = SafeProduct.Open(SceneSimulation.Write(_folder, old, new Workers(2)).Products[0]);
        product.RadiometricOffset(SafeBand.B04).ShouldBe(0);
        var polygons = product.DetectorFootprint(SafeBand.B04)!.Polygons!;
        polygons.Count.ShouldBeGreaterThan(2);
        double area = polygons.Sum(p => Math.Abs(Enumerable.Range(1, p.Ring.Count - 1).Sum(i => p.Ring[i - 1].Easting * p.Ring[i].Northing - p.Ring[i].Easting * p.Ring[i - 1].Northing)) / 2);
        (area / (1800.0 * 1800)).ShouldBeInRange(1.05, 1.4);
    }

    [Fact]
    public void The_same_parameters_give_the_same_bytes_for_any_number_of_threads()
    {
        string one = Path.Combine(_folder, "one"), two = Path.Combine(_folder, "two");
        var clouded = Small with { Scene = Small.Scene with { CloudFraction = 0.1, SnowFraction = 0.05, ChangeFraction = 0.1 } };
        SceneSimulation.Write(one, clouded, Workers.Single);
        SceneSimulation.Write(two, clouded, new Workers(2));
        var files = Directory.EnumerateFiles(one, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(one, f)).ToList();
        files.Count.ShouldBeGreaterThan(20);
        files.Where(f => !File.ReadAllBytes(Path.Combine(one, f)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(two, f)))).ShouldBeEmpty();
    }

    [Fact]
    public void A_simulation_that_is_stopped_leaves_nothing_behind()
    {
        foreach (string moment in new[] { "rendering", "writing the image of 2019-07-08", "writing the truth" })
        {
            using var stop = new CancellationTokenSource();
            Should.Throw<OperationCanceledException>(() => SceneSimulation.Write(_folder, Small, new Workers(2, stop.Token), step =>
            {
                if (step.StartsWith(moment, StringComparison.Ordinal))
                    stop.Cancel();
            }));
            Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
        }
    }

    [Fact]
    public void The_truth_parts_by_the_slip_across_the_trace()
    {
        SceneSimulation.Write(_folder, Small with { Earthquake = Small.Earthquake with { StrikeDegrees = 0 } }, new Workers(2));
        using var file = RasterFile.Open(Path.Combine(_folder, "truth_ns.tif"));
        var south = file.Read<float>(1);

        // Right-lateral towards the North: the western side goes North, the eastern one South.
        (south[91, 90] - south[89, 90]).ShouldBe(3, 0.12);
        File.Exists(Path.Combine(_folder, "fault.geojson")).ShouldBeTrue();
    }

    [Fact]
    public void Without_slip_nothing_moves_and_there_is_no_trace()
    {
        SceneSimulation.Write(_folder, Small with { Earthquake = Small.Earthquake with { SlipMetres = 0 } }, new Workers(2));
        using var file = RasterFile.Open(Path.Combine(_folder, "truth_ew.tif"));
        file.Read<float>(1).Pixels.ShouldAllBe(v => v == 0);
        File.Exists(Path.Combine(_folder, "fault.geojson")).ShouldBeFalse();
    }

    [Fact]
    public void A_size_that_coarse_bands_cannot_share_is_refused_with_the_sizes_that_fit() =>
        Should.Throw<InputException>(() => SceneSimulation.Write(_folder, Small with { Acquisitions = Small.Acquisitions with { SizePixels = 200 } }, Workers.Single))
            .Message.ShouldContain("use 198 or 204");
}
