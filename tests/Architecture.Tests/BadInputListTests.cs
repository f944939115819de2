using System.Text.RegularExpressions;

namespace GdmOptEtq.Architecture.Tests;

public sealed partial class BadInputListTests
{
    private const int Inputs = 42;

    [Fact]
    public void Every_bad_input_of_the_list_has_tests_that_exist()
    {
        string root = SharedData.RepositoryRoot;
        var rows = File.ReadLines(Path.Combine(root, "docs", "bad-inputs.md")).Select(line => Row().Match(line)).Where(match => match.Success).ToList();
        rows.Select(row => int.Parse(row.Groups[1].Value)).ShouldBe(Enumerable.Range(1, Inputs));
        var sources = Directory.EnumerateFiles(Path.Combine(root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText, StringComparer.Ordinal);
        var missing =
            from row in rows
            let names = row.Groups[2].Value.Split(", ")
            from name in names
            let parts = name.Split('.')
            where parts.Length != 2 || !sources[parts[0]].Any(source => source.Contains($" {parts[1]}(", StringComparison.Ordinal))
            select $"{row.Groups[1].Value}: {name}";
        missing.ShouldBeEmpty();
    }

    [GeneratedRegex(@"^\| (\d+) \| .+ \| ([^|]+) \|$")]
    private static partial Regex Row();
}
