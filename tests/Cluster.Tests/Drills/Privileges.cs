using System.Diagnostics;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>A call of a system program.</summary>
internal static class Shell
{
    /// <summary>Null when it went well, else what it said.</summary>
    public static string? Fault(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string text = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {text.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{program} is not installed";
        }
    }

    public static void Must(string program, params string[] arguments)
    {
        if (Fault(program, arguments) is { } fault)
            throw new InvalidOperationException(fault);
    }
}

/// <summary>A disk of a given size in memory, where this account may mount one; else an ordinary folder. Its name ends with the id of this process.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Mark = "-gdm-drill-";

    private static readonly Lazy<string?> s_whyNot = new(TryMount);

    private readonly bool _mounted;

    public SmallDisk(string folder, int megabytes)
    {
        RemoveLeftOver();
        Folder = Directory.CreateDirectory(folder + Mark + Environment.ProcessId).FullName;
        _mounted = WhyNot is null;
        if (_mounted)
            Shell.Must("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Folder);
    }

    /// <summary>Why none can be mounted; null when one can.</summary>
    public static string? WhyNot => s_whyNot.Value;

    public string Folder { get; }

    public void Dispose()
    {
        if (_mounted)
            Shell.Must("umount", "-l", Folder);
    }

    // A test run that was killed could not clean up after itself.
    private static void RemoveLeftOver()
    {
        foreach (string folder in File.ReadLines("/proc/mounts").Select(line => line.Split(' ')[1]).Where(folder => folder.Contains(Mark, StringComparison.Ordinal)))
        {
            if (!Directory.Exists("/proc/" + folder[(folder.LastIndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]))
                Shell.Fault("umount", "-l", folder);
        }
    }

    private static string? TryMount()
    {
        string folder = Directory.CreateTempSubdirectory("gdm-test-mount-").FullName;
        string? fault = Shell.Fault("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
        if (fault is null)
            Shell.Must("umount", folder);
        Directory.Delete(folder);
        return fault is null ? null : $"A small disk cannot be mounted here ({fault}).";
    }
}

/// <summary>A network namespace with one cable to this one, which can be cut; only root may make it.</summary>
internal sealed class CutNetwork : IDisposable
{
    private const string Prefix = "gdm-drill-";

    private static readonly Lazy<string?> s_whyNot = new(TryAdd);

    private readonly string _near = $"gdm{Environment.ProcessId}a";
    private readonly string _far = $"gdm{Environment.ProcessId}b";

    public CutNetwork()
    {
        RemoveLeftOver();
        Space = Prefix + Environment.ProcessId;
        int net = Environment.ProcessId % 16000 * 4;
        Here = $"10.231.{net / 256}.{net % 256 + 1}";
        string there = $"10.231.{net / 256}.{net % 256 + 2}";
        Shell.Must("ip", "netns", "add", Space);
        Shell.Must("ip", "link", "add", _near, "type", "veth", "peer", "name", _far, "netns", Space);
        Shell.Must("ip", "address", "add", Here + "/30", "dev", _near);
        Shell.Must("ip", "link", "set", _near, "up");
        Shell.Must("ip", "-n", Space, "address", "add", there + "/30", "dev", _far);
        Shell.Must("ip", "-n", Space, "link", "set", _far, "up");
        Shell.Must("ip", "-n", Space, "link", "set", "lo", "up");
    }

    public string Space { get; }

    /// <summary>Address of this side.</summary>
    public string Here { get; }

    /// <summary>Why none can be made; null when one can.</summary>
    public static string? WhyNot => s_whyNot.Value;

    public void Cut() => Shell.Must("ip", "link", "set", _near, "down");

    public void Heal() => Shell.Must("ip", "link", "set", _near, "up");

    // The cable goes with the namespace.
    public void Dispose() => Shell.Must("ip", "netns", "delete", Space);

    private static string? TryAdd()
    {
        string trial = $"{Prefix}{Environment.ProcessId}t";
        string? fault = Shell.Fault("ip", "netns", "add", trial);
        if (fault is null)
            Shell.Must("ip", "netns", "delete", trial);
        return fault is null ? null : $"A network namespace cannot be made here ({fault}).";
    }

    // A test run that was killed could not clean up after itself.
    private static void RemoveLeftOver()
    {
        if (!Directory.Exists("/run/netns"))
            return;
        foreach (string space in Directory.GetFiles("/run/netns", Prefix + "*").Select(Path.GetFileName).OfType<string>())
        {
            if (!Directory.Exists("/proc/" + space[Prefix.Length..]))
                Shell.Fault("ip", "netns", "delete", space);
        }
    }
}
