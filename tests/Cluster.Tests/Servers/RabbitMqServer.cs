using System.Diagnostics;
using GdmOptEtq.Cluster.Bus;

namespace GdmOptEtq.Cluster.Tests.Servers;

/// <summary>RabbitMQ from Debian's package: its own node name, ports, folders and Erlang cookie.</summary>
public sealed class RabbitMqServer : ServerProcess
{
    private const string Home = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly int _distributionPort = FreePort();
    private readonly int _portMapperPort = FreePort();

    public RabbitMqServer()
        : base("rabbitmq") =>
        Port = FreePort();

    public int Port { get; }

    public Uri Uri => new($"amqp://guest:guest@127.0.0.1:{Port}/");

    public static string? Missing => File.Exists(Home) ? null : "RabbitMQ is not installed (apt-get install rabbitmq-server).";

    public override async Task StartAsync()
    {
        File.WriteAllText(Path.Combine(Folder, "enabled_plugins"), "[].\n");
        File.WriteAllText(
            Path.Combine(Folder, "rabbitmq.conf"),
            $"listeners.tcp.1 = 127.0.0.1:{Port}\nlog.file = false\nlog.console = true\nlog.console.level = warning\nvm_memory_high_watermark.absolute = 512MB\ndisk_free_limit.absolute = 10MB\n");
        Process = Launch(InItsEnvironment(Command(Home)));
        await WaitAsync(
            async () =>
            {
                await using var bus = new RabbitMqBus(Uri, "probe");
                await bus.DepthsAsync(CancellationToken.None);
                return true;
            },
            TimeSpan.FromMinutes(5));
    }

    /// <summary>What the broker's own tool answers.</summary>
    public Task<string> ControlAsync(params string[] arguments) =>
        RunAsync(InItsEnvironment(Command("/usr/lib/rabbitmq/bin/rabbitmqctl", ["-q", "-n", NodeName, .. arguments])));

    /// <summary>Stops the broker in its tracks (SIGSTOP); its connections stay open.</summary>
    public void Freeze() => ProcessSignals.SendToTree(Process!.Id, "STOP");

    public void Thaw() => ProcessSignals.SendToTree(Process!.Id, "CONT");

    private string NodeName => $"gdm{Port}@localhost";

    private ProcessStartInfo InItsEnvironment(ProcessStartInfo start)
    {
        start.Environment["HOME"] = Folder;
        start.Environment["RABBITMQ_NODENAME"] = NodeName;
        start.Environment["RABBITMQ_DIST_PORT"] = _distributionPort.ToString();
        start.Environment["ERL_EPMD_PORT"] = _portMapperPort.ToString();
        start.Environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        start.Environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "mnesia");
        start.Environment["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log");
        start.Environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "rabbitmq.conf");
        start.Environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "enabled_plugins");
        start.Environment["RABBITMQ_PID_FILE"] = Path.Combine(Folder, "pid");
        start.Environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +S 2:2";
        return start;
    }

    public override async Task KillAsync()
    {
        if (Process is not { HasExited: false } process)
            return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await KillAsync();
        // Erlang leaves its port mapper behind; this one is ours, on a port of its own.
        await RunAsync(Command("epmd", "-port", _portMapperPort.ToString(), "-kill"));
        await base.DisposeAsync();
    }
}
