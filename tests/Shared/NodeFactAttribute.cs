using System.Diagnostics;

namespace GdmOptEtq.Tests;

/// <summary>A test with a program of Node.js; skipped, with the reason, where its pinned packages are not installed (./gdm test installs them).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    /// <param name="folder">Folder of the package.json, relative to the repository.</param>
    public NodeFactAttribute(string folder)
    {
        if (!Directory.Exists(Path.Combine(SharedData.RepositoryRoot, folder, "node_modules")))
            Skip = $"The packages of {folder} are not installed: run ./gdm test, or npm ci in that folder.";
    }

    /// <summary>Runs node in that folder; what it printed comes back, both streams.</summary>
    public static (int ExitCode, string Output) Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Path.Combine(SharedData.RepositoryRoot, folder),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
