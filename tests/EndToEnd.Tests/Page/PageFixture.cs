using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GdmOptEtq.EndToEnd.Tests.Run;
using GdmOptEtq.Pipeline.Simulation;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;
using Microsoft.Playwright;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>A small simulated earthquake, the whole program serving it on a free port, and a browser.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    /// <summary>Right-lateral.</summary>
    public const double SlipMetres = 4;

    public const double StrikeDegrees = 330;

    public const double SideMetres = 5400;

    public static readonly string[] Products =
    [
        "S2A_MSIL1C_20190628T182929_N0511_R027_T11SMV_20190628T222929",
        "S2A_MSIL1C_20190708T182929_N0511_R027_T11SMV_20190708T222929",
    ];

    private readonly ScratchFolder _folder = new();
    private readonly List<string> _log = [];
    private Process? _host;
    private IPlaywright? _playwright;

    public Uri Address { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    internal IBrowser Browser { get; private set; } = null!;

    /// <summary>A finished job, there before the first test.</summary>
    public string Job { get; private set; } = "";

    public string ResultOf(string job) => Path.Combine(_folder["data"], "results", job);

    public async Task InitializeAsync()
    {
        // Every test is skipped, and says why: nothing has to be started.
        if (new BrowserFactAttribute().Skip is not null)
            return;
        string scene = _folder["scene"];
        SceneSimulation.Write(scene, Scene, new Workers(2));
        await StartHostAsync(scene);
        _playwright = await Playwright.CreateAsync();
        // Without any 3D interface: the map has to draw where there is no WebGL.
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = BrowserFactAttribute.Chromium, Args = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"], Timeout = 180_000,
        });
        Job = await RunAsync(new JsonObject { ["title"] = "First look" });
    }

    private static SimulationParameters Scene => new()
    {
        Earthquake = new EarthquakeParameters { SlipMetres = SlipMetres, StrikeDegrees = StrikeDegrees, FaultLengthMetres = 8000, FaultWidthMetres = 4000 },
        Acquisitions = new AcquisitionParameters { SizePixels = (int)(SideMetres / 10), ImagesBefore = 1, ImagesAfter = 1 },
        Scene = new SceneParameters { WaterFraction = 0 },
        Errors = new GeometricErrorParameters { JitterPixels = 0, SecondJitterPixels = 0, DetectorStepPixels = 0 },
    };

    private async Task StartHostAsync(string scene)
    {
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _host = GdmProcess.Start("host", "all", "--listen", "http://127.0.0.1:0", "--data", _folder["data"], "--products", scene, "--threads", "2");
        _host.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.Add(line.Data ?? "");
            if (Regex.Match(line.Data ?? "", @"listens on (http://\S+)") is { Success: true } found)
                started.TrySetResult(found.Groups[1].Value);
            else if (line.Data is null)
                started.TrySetException(new InvalidOperationException("gdm host all ended: " + string.Join('\n', _log)));
        };
        _host.BeginErrorReadLine();
        _host.BeginOutputReadLine();
        Address = new Uri(await started.Task.WaitAsync(TimeSpan.FromMinutes(5)));
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>Runs a job by HTTP and waits for its end.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> RunAsync(JsonObject inputs, string expected = "successful")
    {
        inputs["products"] ??= new JsonArray([.. Products.Select(name => (JsonNode)name)]);
        inputs["splitDate"] ??= "2019-07-06";
        using var answer = await Client.PostAsJsonAsync("/processes/gdm-opt-etq/execution", new JsonObject { ["inputs"] = inputs });
        var accepted = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        ((int)answer.StatusCode).ShouldBe(201, accepted.ToJsonString());
        string job = accepted["jobID"]!.GetValue<string>();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(10); await Task.Delay(300))
        {
            var status = JsonNode.Parse(await Client.GetStringAsync($"/jobs/{job}"))!;
            string state = status["status"]!.GetValue<string>();
            if (state is "accepted" or "running")
                continue;
            state.ShouldBe(expected, status.ToJsonString());
            return job;
        }

        throw new TimeoutException($"Job {job} did not end.");
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null)
            await Browser.CloseAsync();
        _playwright?.Dispose();
        Client?.Dispose();
        if (_host is { HasExited: false })
        {
            _host.Kill(entireProcessTree: true);
            await _host.WaitForExitAsync();
        }

        _host?.Dispose();
        _folder.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class PageCollection : ICollectionFixture<PageFixture>
{
    public const string Name = "Page";
}
