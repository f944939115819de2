using System.Diagnostics;
using GdmOptEtq.EndToEnd.Tests.Run;

namespace GdmOptEtq.EndToEnd.Tests.Remote;

/// <summary><c>gdm host all</c> as a process of its own on a free port of loopback.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly List<string> _log = [];

    private HostProcess(Process process) => Process = process;

    public Process Process { get; }

    public HttpClient Client { get; private set; } = null!;

    public string Address => Client.BaseAddress!.ToString().TrimEnd('/');

    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    /// <param name="data">Folder of the installation.</param>
    /// <param name="more">Further options.</param>
    public static async Task<HostProcess> StartAsync(string data, params string[] more)
    {
        var host = new HostProcess(GdmProcess.Start(["host", "all", "--data", data, "--listen", "http://127.0.0.1:0", "--threads", "1", .. more]));
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Process.OutputDataReceived += (_, _) => { };
        host.Process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                address.TrySetException(new InvalidOperationException("The host ended before it listened: " + host.Log));
                return;
            }

            lock (host._log)
                host._log.Add(line.Data);
            int at = line.Data.IndexOf("listens on http", StringComparison.Ordinal);
            if (at >= 0)
                address.TrySetResult(line.Data[(at + "listens on ".Length)..].Trim());
        };
        host.Process.BeginOutputReadLine();
        host.Process.BeginErrorReadLine();
        host.Client = new HttpClient { BaseAddress = new Uri(await address.Task.WaitAsync(TimeSpan.FromMinutes(3))), Timeout = TimeSpan.FromMinutes(2) };
        return host;
    }

    /// <summary>Memory of the process, bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            Process.Refresh();
            return Process.WorkingSet64;
        }
    }

    public void Kill()
    {
        Process.Kill();
        Process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!Process.HasExited)
            Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
    }
}
