using System.Diagnostics;

namespace GdmOptEtq.EndToEnd.Tests.Run;

/// <summary>The built program as a process of its own, as a user starts it.</summary>
internal static class GdmProcess
{
    public static Process Start(params string[] arguments) => Start(arguments, new Dictionary<string, string>());

    /// <param name="environment">Variables beside those of this process.</param>
    public static Process Start(string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Cli.Program).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("GDM_DEM_ROOT");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Result);
    }
}
