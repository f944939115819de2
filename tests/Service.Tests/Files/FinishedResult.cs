using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Tests.Hosts;

namespace GdmOptEtq.Service.Tests.Files;

/// <summary>An idle service whose store holds finished jobs with the folders that a test gives them.</summary>
public sealed class FinishedResult : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();

    public RunningService Service { get; private set; } = null!;

    public string Data => _folder["data"];

    public async Task InitializeAsync() => Service = await RunningService.StartAsync(Data, computing: false);

    /// <summary>Puts a job into the store that has ended as told.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> AddAsync(string folder, JobPhase phase = JobPhase.Succeeded)
    {
        var now = DateTimeOffset.UtcNow;
        var id = JobId.New(TimeProvider.System);
        string request = new System.Text.Json.Nodes.JsonObject { ["inputs"] = new System.Text.Json.Nodes.JsonArray(), ["parameters"] = new System.Text.Json.Nodes.JsonObject(), ["out"] = folder }.ToJsonString();
        await using var store = new SqliteJobStore(Path.Combine(Data, "jobs.db"), TimeProvider.System);
        await store.MigrateAsync(default);
        await store.EnterAsync(new StoredJob(id, "", "a result", request, JobPhase.Accepted, "", 0, now, null, null, now, null, 0, 0, 0), default);
        if (phase != JobPhase.Accepted)
            await store.CommitAsync([Decision.Nothing(id) with { Phase = phase }], null, default);
        return id.Value;
    }

    /// <summary>A folder with a few files of a result.</summary>
    public string NewFolder(string name)
    {
        string folder = _folder[name];
        foreach (var (file, text) in new[]
        {
            ("Analysis/MM_Mean_displacement_EW_T11SMV_20190628_to_20190713.tif", "0123456789"), ("Analysis/MM_Mean_displacement_EW_T11SMV_20190628_to_20190713.qml", "<qgis/>"),
            ("Preview/p.png", "picture"), ("README.md", "# read me"), ("job.json", "{}"), ("stac-item.json", "{}"), (".gdm-work/key", "hidden"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), text);
        }

        return folder;
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }
}
