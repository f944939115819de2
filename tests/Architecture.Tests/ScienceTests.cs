using System.Text.RegularExpressions;

namespace GdmOptEtq.Architecture.Tests;

public partial class ScienceTests
{
    private static readonly string Science = Path.Combine(SharedData.RepositoryRoot, "src", "Science");

    [Fact]
    public void Science_references_the_framework_and_MathNet_only()
    {
        var references = typeof(Science.Rasters.Window).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToArray();
        references.ShouldNotBeEmpty();
        references.Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("MathNet.Numerics" or "netstandard")).ShouldBeEmpty();
        references.ShouldNotContain("System.Net.Http");
        references.ShouldNotContain("System.Console");
        references.ShouldNotContain("System.Diagnostics.Process");
    }

    [Fact]
    public void A_stage_uses_Rasters_and_Geometry_and_never_another_stage()
    {
        string[] shared = ["Rasters", "Geometry"];
        var stages = Directory.GetDirectories(Science).Select(Path.GetFileName).Where(f => f is not ("bin" or "obj")).Select(f => f!).ToArray();
        stages.Length.ShouldBeGreaterThan(5);
        var offences =
            from stage in stages
            from file in Directory.GetFiles(Path.Combine(Science, stage), "*.cs", SearchOption.AllDirectories)
            from Match name in ScienceName().Matches(File.ReadAllText(file))
            let used = name.Groups[1].Value
            where used != stage && stages.Contains(used) && !shared.Contains(used)
            select $"{Path.GetRelativePath(SharedData.RepositoryRoot, file)} uses {used}";
        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Rasters_and_Geometry_use_no_stage()
    {
        var offences =
            from folder in (string[])["Rasters", "Geometry"]
            from file in Directory.GetFiles(Path.Combine(Science, folder), "*.cs")
            from Match name in ScienceName().Matches(File.ReadAllText(file))
            where name.Groups[1].Value is not ("Rasters" or "Geometry")
            select $"{folder}/{Path.GetFileName(file)} uses {name.Groups[1].Value}";
        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Science_touches_no_file_clock_console_or_unseeded_random()
    {
        var offences =
            from file in Directory.GetFiles(Science, "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            let code = CommentOrText().Replace(line, "")
            where Forbidden().IsMatch(code)
            select $"{Path.GetRelativePath(SharedData.RepositoryRoot, file)}: {line.Trim()}";
        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Every_stage_has_a_README() =>
        Directory.GetDirectories(Science).Where(f => Directory.GetFiles(f, "*.cs").Length > 0 && !File.Exists(Path.Combine(f, "README.md"))).ShouldBeEmpty();

    [GeneratedRegex(@"GdmOptEtq\.Science\.([A-Z]\w+)")]
    private static partial Regex ScienceName();

    [GeneratedRegex("""\bFile\.\w|\bDirectory\.\w|\bFileStream\b|\bDateTime(Offset)?\.(Utc)?Now\b|\bStopwatch\b|\bConsole\.|new Random\(\)|Random\.Shared|\basync\b|\bawait\b|\bEnvironment\.GetEnv""")]
    private static partial Regex Forbidden();

    [GeneratedRegex("//.*$|\"[^\"]*\"")]
    private static partial Regex CommentOrText();
}
