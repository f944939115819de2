using GdmOptEtq.Pipeline.Accuracy;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Profiles;
using GdmOptEtq.Pipeline.Simulation;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Profiles;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Pipeline.Tests.Accuracy;

/// <summary>From four rendered images with every error that the simulation knows to the slip that a seismologist reads.</summary>
public sealed class WholeChainTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Four_cloudy_images_with_all_errors_give_the_slip_and_an_honest_error()
    {
        var simulation = new SimulationParameters
        {
            Scene = new SceneParameters { CloudFraction = 0.1 },
            Errors = new SimulationParameters().Errors with { DetectorWidthMetres = 8000 },
        };
        string scene = _folder["scene"], result = _folder["result"];
        var written = SceneSimulation.Write(scene, simulation, new Workers(2));
        var parameters = new JobParameters
        {
            Pairing = new PairingParameters { SplitDate = simulation.Acquisitions.EventDate },
            Terrain = new TerrainParameters { Dem = [Path.Combine(scene, "dem.tif")] },
        };
        var places = new RunPlaces(result, RunPlaces.DefaultWork(result), null);
        var outcome = Planner.Plan(parameters, [.. written.Products], places, 2);
        outcome.Refusals.ShouldBeEmpty();
        LocalRunner.Run(outcome.Plan!, places, 2, new StageJournal(TimeProvider.System, null), TimeProvider.System, CancellationToken.None);

        var accuracy = ResultAccuracy.Of(result, outcome.Plan!, scene, simulation.Earthquake.StrikeDegrees);
        foreach (var component in (ComponentErrors[])[accuracy.EastWest, accuracy.NorthSouth])
        {
            Math.Abs(component.Median).ShouldBeLessThan(0.15);
            component.CoveragePercent.ShouldBeGreaterThan(80);
            component.WithinOneSigmaPercent.ShouldBeInRange(60, 76);
        }

        double.Hypot(accuracy.EastWest.RmseFar, accuracy.NorthSouth.RmseFar).ShouldBeLessThan(0.8);

        // The part of the rupture with the whole slip, as one swath: right-lateral is negative.
        using var displacement = MeanDisplacement.Open(result);
        var trace = displacement.Trace(Path.Combine(scene, "fault.geojson"))[1];
        var profile = displacement.Profiles([trace], new FaultProfileParameters { HalfLength = 2.5, Width = 5, Spacing = 5 }, new Workers(2)).ShouldHaveSingleItem();
        // 2.89 +- 0.20 m was measured, 2.95 +- 0.15 m in the same scene without clouds.
        profile.Parallel.Offset.ShouldBe(-simulation.Earthquake.SlipMetres, 0.2);
        profile.Parallel.Sigma.ShouldBeInRange(0.05, 0.4);
        Math.Abs(profile.Parallel.Offset + simulation.Earthquake.SlipMetres).ShouldBeLessThan(2 * profile.Parallel.Sigma);
    }
}
