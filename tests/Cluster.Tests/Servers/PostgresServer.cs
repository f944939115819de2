using System.Diagnostics;
using Npgsql;

namespace GdmOptEtq.Cluster.Tests.Servers;

/// <summary>PostgreSQL from Debian's package, in a data folder of its own.</summary>
public sealed class PostgresServer : ServerProcess
{
    private readonly string _data;
    private bool _initialised;

    public PostgresServer()
        : base("postgres")
    {
        _data = Path.Combine(Folder, "data");
        Port = FreePort();
    }

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=gdm;Password=secret;Database=postgres;Timeout=5;Pooling=true";

    private static string? Binaries =>
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Select(version => Path.Combine(version, "bin")).LastOrDefault() : null;

    public static string? Missing => Binaries is null ? "PostgreSQL is not installed (apt-get install postgresql)." : null;

    public override async Task StartAsync()
    {
        if (!_initialised)
        {
            Directory.CreateDirectory(_data);
            if (Environment.UserName == "root")
                await RunAsync(Command("chown", "-R", "postgres", Folder));
            string secret = Path.Combine(Folder, "secret");
            await File.WriteAllTextAsync(secret, "secret\n");
            await RunAsync(AsServer("initdb", "-D", _data, "-U", "gdm", "--auth=scram-sha-256", $"--pwfile={secret}", "--no-sync", "-E", "UTF8"));
            _initialised = true;
        }

        Process = Launch(AsServer("postgres", "-D", _data, "-p", Port.ToString(), "-c", "listen_addresses=127.0.0.1", "-k", Folder, "-c", "shared_buffers=32MB"));
        await WaitAsync(
            async () =>
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
                await connection.OpenAsync();
                return true;
            },
            TimeSpan.FromMinutes(3));
    }

    public override async Task KillAsync()
    {
        if (Process is not { HasExited: false } process)
            return;
        // The process started may be setpriv's child; the postmaster writes its own id down.
        string pidFile = Path.Combine(_data, "postmaster.pid");
        if (File.Exists(pidFile) && int.TryParse(File.ReadLines(pidFile).First(), out int postmaster))
            await RunAsync(Command("kill", "-9", postmaster.ToString()));
        process.Kill();
        await process.WaitForExitAsync();
        // Children of a killed postmaster notice its death and end; a new one refuses to start before.
        for (int i = 0; i < 100 && Directory.GetFiles("/dev/shm", "PostgreSQL.*").Length > 0 && File.Exists(pidFile); i++)
            await Task.Delay(50);
    }

    private static ProcessStartInfo AsServer(string program, params string[] arguments)
    {
        string path = Path.Combine(Binaries!, program);
        return Environment.UserName == "root"
            ? Command("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : Command(path, arguments);
    }
}
