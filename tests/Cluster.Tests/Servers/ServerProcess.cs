using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GdmOptEtq.Cluster.Tests.Servers;

/// <summary>A real server, started for the tests on loopback and free ports, in a folder of its own, ended by its process id.</summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private readonly List<string> _output = [];

    protected ServerProcess(string kind)
    {
        Folder = Directory.CreateTempSubdirectory($"gdm-test-{kind}-").FullName;
        // PostgreSQL refuses to run as root, so its folder must be reachable for the account that it runs under.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Folder, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    public string Folder { get; }

    protected Process? Process { get; set; }

    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    public abstract Task StartAsync();

    /// <summary>Ends the server as a crash would.</summary>
    public abstract Task KillAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static ProcessStartInfo Command(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    protected static async Task<string> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        string text = await output + await errors;
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {text}");
    }

    protected Process Launch(ProcessStartInfo start)
    {
        var process = Process.Start(start)!;
        void Keep(object _, DataReceivedEventArgs line)
        {
            lock (_output)
            {
                if (line.Data is not null)
                    _output.Add(line.Data);
            }
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until <paramref name="ready"/> succeeds; shows the server's own words when it never does.</summary>
    protected async Task WaitAsync(Func<Task<bool>> ready, TimeSpan patience)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < patience && Process is { HasExited: false })
        {
            try
            {
                if (await ready())
                    return;
            }
            catch (Exception)
            {
                // Not yet.
            }

            await Task.Delay(100);
        }

        lock (_output)
            throw new InvalidOperationException($"{GetType().Name} did not come up: {string.Join('\n', _output.TakeLast(30))}");
    }
}
