namespace GdmOptEtq.EndToEnd.Tests.Run;

public class KillTests
{
    [Fact]
    public void A_run_killed_at_several_moments_completes_with_the_bytes_of_an_undisturbed_one()
    {
        using var folder = new ScratchFolder();
        string before = TinyScene.Write(folder["scene"], 0), after = TinyScene.Write(folder["scene"], 2);
        string[] Arguments(string name) => ["run", before, after, "--dem", "none", "--tile-size", "128", "--out", folder[name]];
        GdmProcess.Run(Arguments("whole")).ExitCode.ShouldBe(0);
        foreach (string moment in (string[])["prepare-acquisition", "correlate-tile", "mosaic-pair"])
        {
            using var process = GdmProcess.Start(Arguments("killed"));
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            // The first output of the stage is the moment; a run that was quicker than the watch is simply finished.
            while (!process.HasExited && !Directory.Exists(Path.Combine(folder["killed"], ".gdm-work", moment)))
                Thread.Sleep(5);
            process.Kill();
            process.WaitForExit();
            Directory.Exists(Path.Combine(folder["killed"], "Analysis")).ShouldBe(File.Exists(Path.Combine(folder["killed"], "job.json")));
        }

        var (code, _, report) = GdmProcess.Run(Arguments("killed"));
        code.ShouldBe(0, report);
        report.ShouldContain("found in the work folder and not repeated");
        Rasters(folder["killed"]).ShouldBe(Rasters(folder["whole"]));
        Directory.GetFiles(folder["killed"], ".gdm-part-*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    private static string[] Rasters(string folder) => Directory.GetFiles(folder, "*.tif", SearchOption.AllDirectories)
        .Select(f => $"{Path.GetRelativePath(folder, f)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}").Order().ToArray();
}
