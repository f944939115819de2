using System.Diagnostics;
using GdmOptEtq.Cluster.Tests.Servers;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>A process <c>gdm host ROLE</c> of its own, started from the built program.</summary>
internal sealed class GdmNode : IDisposable
{
    private static readonly string Program = Path.Combine(
        SharedData.RepositoryRoot, "src/Cli/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0/gdm.dll");

    private readonly Process _process;
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource _listening = new();

    public GdmNode(string role, string name, IReadOnlyDictionary<string, string> settings)
    {
        Role = role;
        Name = name;
        var command = new List<string> { "dotnet", Program, "host", role, "--node", name, "--listen", "http://127.0.0.1:0" };
        foreach (var (setting, value) in settings)
            command.AddRange(["--" + setting, value]);
        _process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public string Role { get; }

    public string Name { get; }

    public int ProcessId => _process.Id;

    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
                return [.. _log];
        }
    }

    public async Task UntilListeningAsync()
    {
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_listening.Task, ended, Task.Delay(TimeSpan.FromMinutes(2))) != _listening.Task)
            throw new InvalidOperationException($"{Name} did not come up: {string.Join('\n', Log.TakeLast(20))}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        ProcessSignals.Send(_process.Id, "KILL");
        await _process.WaitForExitAsync();
    }

    public void Freeze() => ProcessSignals.Send(_process.Id, "STOP");

    public void Thaw() => ProcessSignals.Send(_process.Id, "CONT");

    /// <summary>SIGTERM, as Kubernetes does it; answers the exit code.</summary>
    public async Task<int> StopAsync()
    {
        ProcessSignals.Send(_process.Id, "TERM");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.Add(line);
        if (line.Contains("listens on", StringComparison.Ordinal))
            _listening.TrySetResult();
    }
}
