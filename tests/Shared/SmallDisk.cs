using System.Diagnostics;

namespace GdmOptEtq.Tests;

/// <summary>A file system in memory of a given size. Its folder's name ends with the id of this process.</summary>
public sealed class SmallDisk : IDisposable
{
    private const string Mark = "-gdm-small-disk-";

    private static readonly Lazy<string?> s_whyNot = new(Try);

    /// <param name="folder">Beside it the folder is made.</param>
    public SmallDisk(string folder, int kilobytes)
    {
        RemoveLeftOver();
        Folder = Directory.CreateDirectory(folder + Mark + Environment.ProcessId).FullName;
        if (Fault("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", Folder) is { } fault)
            throw new InvalidOperationException(fault);
    }

    /// <summary>Why none can be mounted here; null when one can.</summary>
    public static string? WhyNot => s_whyNot.Value;

    public string Folder { get; }

    public void Dispose() => Fault("umount", "-l", Folder);

    // A test run that was killed could not clean up after itself.
    private static void RemoveLeftOver()
    {
        foreach (string folder in File.ReadLines("/proc/mounts").Select(line => line.Split(' ')[1]).Where(folder => folder.Contains(Mark, StringComparison.Ordinal)))
        {
            if (!Directory.Exists("/proc/" + folder[(folder.LastIndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]))
                Fault("umount", "-l", folder);
        }
    }

    private static string? Try()
    {
        string folder = Directory.CreateTempSubdirectory("gdm-test-mount-").FullName;
        try
        {
            using var disk = new SmallDisk(Path.Combine(folder, "trial"), 64);
            return null;
        }
        catch (InvalidOperationException fault)
        {
            return $"A small disk cannot be mounted here ({fault.Message}).";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Fault(string program, params string[] arguments)
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
}

/// <summary>A test on a full disk; skipped, with the reason, where no small one can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.WhyNot;
}
