using System.Text.Json.Nodes;
using GdmOptEtq.EndToEnd.Tests.Run;

namespace GdmOptEtq.EndToEnd.Tests.Profile;

/// <summary>Two images, a job, and the slip read off its result, each by the built program.</summary>
public sealed class ProfileCommandTests : IDisposable
{
    private const string Crs = """ "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32611" } } """;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_slip_of_two_images_comes_out_as_tables_and_charts()
    {
        string result = _folder["result"];
        var run = GdmProcess.Run(
            "run", TinyScene.Write(_folder["images"], 0), TinyScene.Write(_folder["images"], 2), "--out", result, "--dem", "none", "--cloud-mask", "false", "--snow-mask", "false",
            "--apply-correction", "false", "--split-date", TinyScene.SplitDate);
        run.ExitCode.ShouldBe(0, run.Error);

        var measured = GdmProcess.Run("profile", result, "--trace", Trace(3998820), "--half-length", "0.8", "--width", "0.4", "--spacing", "0.5", "--json");
        measured.ExitCode.ShouldBe(0, measured.Error);
        var summary = JsonNode.Parse(measured.Output)!;
        summary["measured"]!.GetValue<int>().ShouldBe(summary["profiles"]!.GetValue<int>());
        // The ground South of the trace moves East: left-lateral, whichever way the trace runs. The matcher smooths the step over a third of these short profiles.
        summary["medianParallelOffsetMetres"]!.GetValue<double>().ShouldBeInRange(0.5 * 10 * TinyScene.SlipPixels, 1.1 * 10 * TinyScene.SlipPixels);
        foreach (string name in (string[])["slip.csv", "slip.geojson", "slip.png", "profile_001.csv", "profile_001.png"])
            new FileInfo(Path.Combine(result, "Profiles", name)).Length.ShouldBeGreaterThan(100, name);

        var elsewhere = GdmProcess.Run("profile", result, "--trace", Trace(4998820));
        elsewhere.ExitCode.ShouldBe(3);
        elsewhere.Error.ShouldContain("lies outside the result");
    }

    private string Trace(double northing)
    {
        string path = _folder[$"trace-{northing}.geojson"];
        File.WriteAllText(path, $$"""{ "type": "LineString", "coordinates": [[400460, {{northing}}], [401960, {{northing}}]], {{Crs}} }""");
        return path;
    }
}
