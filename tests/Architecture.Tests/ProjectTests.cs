using System.Xml.Linq;

namespace GdmOptEtq.Architecture.Tests;

public class ProjectTests
{
    private static readonly string Root = SharedData.RepositoryRoot;

    [Fact]
    public void The_product_projects_stand_in_one_line_and_none_names_one_to_its_right()
    {
        string[] line = ["Science", "Imagery", "Pipeline", "Cluster", "Service", "Cli"];
        foreach (string project in line)
        {
            var referenced = Projects().Single(p => p.Name == $"GdmOptEtq.{project}").Document.Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value).Split('.')[1]).ToArray();
            referenced.ShouldBe(project == line[0] ? [] : [line[Array.IndexOf(line, project) - 1]], $"{project} must name the project to its left only");
        }
    }

    [Fact]
    public void Only_Imagery_calls_native_code()
    {
        var offences =
            from file in Sources("src")
            where !file.Contains("/src/Imagery/", StringComparison.Ordinal) && File.ReadAllText(file) is var text
                && (text.Contains("[LibraryImport(", StringComparison.Ordinal) || text.Contains("[DllImport(", StringComparison.Ordinal))
            select file;
        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Every_package_with_a_version_is_used()
    {
        var versions = XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(p => p.Attribute("Include")!.Value);
        var referenced = Projects().Select(p => p.Document).Append(XDocument.Load(Path.Combine(Root, "tests", "Directory.Build.props")))
            .SelectMany(d => d.Descendants("PackageReference")).Select(p => p.Attribute("Include")!.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // A version may also pin what another package brings along; the restored graph tells.
        var restored = Projects().Select(p => Path.Combine(Path.GetDirectoryName(p.Path)!, "obj", "project.assets.json")).Where(File.Exists)
            .Select(File.ReadAllText).ToArray();
        versions.Where(v => !referenced.Contains(v) && !restored.Any(r => r.Contains($"\"{v}/", StringComparison.OrdinalIgnoreCase))).ShouldBeEmpty();
    }

    [Fact]
    public void No_project_states_a_package_version_of_its_own() =>
        Projects().SelectMany(p => p.Document.Descendants("PackageReference")).Where(r => r.Attribute("Version") is not null).ShouldBeEmpty();

    [Fact]
    public void Files_are_at_most_400_lines() =>
        Sources("src").Where(f => File.ReadLines(f).Count() > 400).Select(f => Path.GetRelativePath(Root, f)).ShouldBeEmpty();

    [Fact]
    public void No_name_says_Manager_Helper_Utils_Common_or_Base() =>
        Sources("src").Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(n => new[] { "Manager", "Helper", "Helpers", "Utils", "Utilities", "Common", "Base" }.Any(w => n.EndsWith(w, StringComparison.Ordinal))).ShouldBeEmpty();

    internal static IEnumerable<string> Sources(string folder) =>
        Directory.GetFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/node_modules/", StringComparison.Ordinal));

    private static IReadOnlyList<(string Name, string Path, XDocument Document)> Projects() =>
        ((string[])["src", "tests"]).SelectMany(f => Directory.GetFiles(Path.Combine(Root, f), "*.csproj", SearchOption.AllDirectories))
            .Select(p => (Path.GetFileNameWithoutExtension(p), p, XDocument.Load(p))).ToArray();
}
