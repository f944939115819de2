using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline.Tests.LocalRun;

/// <summary>The four tiny images, written once for all tests of a class, and jobs on them.</summary>
public sealed class TinyJob : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public TinyJob() => Products = TinyScene.WriteAll(_folder["scene"]);

    public static JobParameters Parameters { get; } = new()
    {
        Pairing = new PairingParameters { SplitDate = DateOnly.Parse(TinyScene.SplitDate) },
        Terrain = new TerrainParameters { Dem = ["none"] },
        Tiling = new TilingParameters { TileSize = 128 },
    };

    public string[] Products { get; }

    public string FolderOf(string name) => _folder[name];

    public RunPlaces Places(string name) => new(_folder[name], RunPlaces.DefaultWork(_folder[name]), null);

    public JobPlan Plan(JobParameters parameters, RunPlaces places, params string[] products)
    {
        var outcome = Planner.Plan(parameters, products.Length > 0 ? products : Products, places, 2);
        outcome.Refusals.ShouldBeEmpty();
        return outcome.Plan!;
    }

    /// <summary>Runs the job; the stages that ran, with how often, come back beside the result.</summary>
    public (JobResult Result, IReadOnlyDictionary<string, StageRecord> Stages) Run(
        JobParameters parameters, RunPlaces places, int threads = 2, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        var journal = new StageJournal(TimeProvider.System, progress);
        var result = LocalRunner.Run(Plan(parameters, places), places, threads, journal, TimeProvider.System, cancellation);
        return (result, journal.Stages.ToDictionary(s => s.Stage));
    }

    public static JobParameters With(params (string Name, string Value)[] changes)
    {
        var reasons = new List<string>();
        var parameters = ParameterSchema<JobParameters>.Instance.Read(
            changes.Select(c => new KeyValuePair<string, IReadOnlyList<string>>(c.Name, [c.Value])), Parameters, reasons);
        reasons.ShouldBeEmpty();
        return parameters;
    }

    public void Dispose() => _folder.Dispose();
}
