using System.Diagnostics;

namespace GdmOptEtq.Tests;

/// <summary>A test with GDAL's own validator of cloud-optimised files; skipped, with the reason, where it is not installed (Debian: python3-gdal).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CogValidatorFactAttribute : FactAttribute
{
    private const string Python = "/usr/bin/python3";

    // One interpreter for all files: the validator's own main does the same for one.
    private const string Program = """
        import sys
        from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate
        for name in sys.argv[1:]:
            warnings, errors, details = validate(name, full_check=True)
            for fault in errors + warnings:
                print(name, fault)
        """;

    public CogValidatorFactAttribute()
    {
        if (!File.Exists(Python) || Run("-c", "import osgeo_utils.samples.validate_cloud_optimized_geotiff").ExitCode != 0)
            Skip = "GDAL's COG validator (Debian package python3-gdal) is not installed.";
    }

    /// <summary>Fails with the validator's words for every file that it finds an error or a warning in.</summary>
    public static void Validate(params string[] paths)
    {
        paths.ShouldNotBeEmpty();
        var (exitCode, output) = Run(["-c", Program, .. paths]);
        output.Trim().ShouldBe("");
        exitCode.ShouldBe(0);
    }

    private static (int ExitCode, string Output) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
