using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Cli.Bench.Corrections;

/// <summary>One line of the table: medians over the seeds, and the worst offset.</summary>
internal sealed record CorrectionScore(
    string Earthquake, JitterPhase Jitter, string Chain, double Everywhere, double NearFault, double OffsetPercent, double WorstOffsetPercent, double LargestBlock,
    double Seconds);

/// <summary>Simulated fields of whole tiles, 100 m apart, with all error terms; each chain corrects each, and the truth says how well.</summary>
internal static class CorrectionBench
{
    public static IEnumerable<CorrectionScore> Run(
        IReadOnlyList<EarthquakeCase> earthquakes, IReadOnlyList<JitterPhase> phases, IReadOnlyList<CorrectionChain> chains, int seeds, double noisePixels,
        Workers workers)
    {
        foreach (var earthquake in earthquakes)
        {
            foreach (var phase in phases)
            {
                var results = chains.Select(_ => new List<(FieldAccuracy Accuracy, double Seconds)>()).ToArray();
                for (int seed = 1; seed <= seeds; seed++)
                {
                    var scene = Scene.Create(earthquake, phase, (ulong)seed, noisePixels, workers);
                    for (int i = 0; i < chains.Count; i++)
                    {
                        var clock = System.Diagnostics.Stopwatch.StartNew();
                        var (dx, dy) = scene.Correct(chains[i], workers);
                        double seconds = clock.Elapsed.TotalSeconds;
                        results[i].Add((FieldAccuracy.Of(dx, dy, scene.Field.TruthDx, scene.Field.TruthDy, scene.Grid, earthquake.Fault), seconds));
                    }
                }

                for (int i = 0; i < chains.Count; i++)
                {
                    double Median(Func<FieldAccuracy, double> of) => OrderStatistics.Median(results[i].Select(r => (float)of(r.Accuracy)).ToArray());
                    yield return new CorrectionScore(
                        earthquake.Name, phase, chains[i].Name, Median(a => a.RmseEverywhere), Median(a => a.RmseNearFault), Median(a => a.OffsetErrorPercent),
                        results[i].MaxBy(r => Math.Abs(r.Accuracy.OffsetErrorPercent)).Accuracy.OffsetErrorPercent, results[i].Max(r => r.Accuracy.LargestBlockError),
                        results[i].Average(r => r.Seconds));
                }
            }
        }
    }

    private sealed record Scene(RasterGrid Grid, SimulatedField Field, PairGeometry Geometry, OkadaFault? Fault)
    {
        public static Scene Create(EarthquakeCase earthquake, JitterPhase phase, ulong seed, double noisePixels, Workers workers)
        {
            var grid = EarthquakeCase.Tile;
            var errors = new GeometricErrorParameters { JitterPhase = phase };
            var reference = new GeometricError(GeometricErrorParameters.None, grid, seed, 0);
            var secondary = new GeometricError(errors, grid, seed, 1);
            var field = ErrorField.Create(
                grid, earthquake.Sources, reference, secondary, new ErrorFieldParameters { NoisePixels = noisePixels }, seed, workers);
            var time = new DateTimeOffset(2019, 6, 28, 18, 39, 21, TimeSpan.Zero);
            return new Scene(
                grid, field, PairGeometry.Create(grid, 1, reference.Footprint(grid, time, asRaster: false), secondary.Footprint(grid, time, asRaster: false)),
                earthquake.Fault);
        }

        public (Raster<float> Dx, Raster<float> Dy) Correct(CorrectionChain chain, Workers workers)
        {
            var (dx, dy) = (Field.Field.Dx.Clone(), Field.Field.Dy.Clone());
            if (chain.Parameters is null)
                return (dx, dy);
            var geometry = chain.WithFootprints ? Geometry : PairGeometry.Create(Grid, 1, null, null);
            var exclusions = chain.WithTrace && Fault is not null ? new CorrectionExclusions([[Fault.TraceStart, Fault.TraceEnd]], []) : CorrectionExclusions.None;
            var model = FieldCorrection.Estimate(new DecimatedField(Grid, 1, dx, dy), geometry, chain.Parameters, exclusions);
            model.Apply(Grid.Bounds, dx, dy, workers);
            return (dx, dy);
        }
    }
}
