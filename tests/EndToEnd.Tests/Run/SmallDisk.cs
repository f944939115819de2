using System.Diagnostics;

namespace GdmOptEtq.EndToEnd.Tests.Run;

/// <summary>A file system in memory of a given size, mounted for one test.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string folder, string size)
    {
        Folder = Directory.CreateDirectory(folder).FullName;
        Call("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", Folder).ShouldBe(0);
    }

    public string Folder { get; }

    public void Dispose() => Call("umount", Folder);

    internal static int Call(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

/// <summary>A test that mounts a small disk, which only root may do.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (Environment.UserName != "root")
            Skip = "Mounting a small disk needs root.";
    }
}
