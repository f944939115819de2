using System.Diagnostics;

namespace GdmOptEtq.Imagery.Tests;

/// <summary>A file system in memory that is soon full; mounting needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int megabytes)
    {
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _folder.Path) != 0)
            throw new InvalidOperationException("tmpfs cannot be mounted.");
    }

    public string Path => _folder.Path;

    public void Dispose()
    {
        Run("umount", _folder.Path);
        _folder.Dispose();
    }

    public static bool IsPossible { get; } = Probe();

    private static bool Probe()
    {
        try
        {
            using var disk = new SmallDisk(1);
            return true;
        }
        catch (Exception cause) when (cause is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}

/// <summary>A test on a full disk; skipped, with the reason, where no small file system can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!SmallDisk.IsPossible)
            Skip = "Mounting a small file system needs root.";
    }
}
