using System.CommandLine;
using System.Text.RegularExpressions;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Architecture.Tests;

public partial class DocumentationTests
{
    private static readonly string Root = SharedData.RepositoryRoot;

    [Fact]
    public void Every_path_named_in_the_documents_exists()
    {
        var offences =
            from document in Documents()
            from Match path in RepositoryPath().Matches(File.ReadAllText(document))
            let name = path.Groups[1].Value.TrimEnd('/', '.')
            where !Path.Exists(Path.Combine(Root, name)) && !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, name))
            select $"{Path.GetRelativePath(Root, document)} names {name}";
        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var offences =
            from document in Documents()
            from Match link in Link().Matches(File.ReadAllText(document))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
            select $"{Path.GetRelativePath(Root, document)} links to {target}";
        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Every_command_and_option_named_in_the_documents_exists()
    {
        var root = Cli.Program.Commands();
        var offences = new List<string>();
        foreach (string document in Documents())
        {
            foreach (Match call in Call().Matches(File.ReadAllText(document)))
            {
                string[] words = call.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Command command = root;
                int used = 0;
                while (used < words.Length && command.Subcommands.FirstOrDefault(c => c.Name == words[used]) is { } next)
                    (command, used) = (next, used + 1);
                string where = $"{Path.GetRelativePath(Root, document)}: gdm {call.Groups[1].Value}";
                bool script = words.Length > 0 && words[0] == "test";
                if (used == 0 && !script && words.Length > 0 && !words[0].StartsWith('-'))
                    offences.Add($"{where} (no such command)");
                foreach (string option in words.Where(w => w.StartsWith("--", StringComparison.Ordinal)).Select(w => w.Split('=')[0]))
                {
                    if (!script && option is not ("--help" or "--version") && command.Options.All(o => o.Name != option))
                        offences.Add($"{where} (no option {option})");
                }
            }
        }

        offences.ShouldBeEmpty();
    }

    [Fact]
    public void The_parameter_table_is_the_one_the_program_prints() =>
        File.ReadAllText(Path.Combine(Root, "docs", "parameters.md")).ShouldBe(ParameterDocuments.Markdown<JobParameters>(), "run: ./gdm parameters --markdown > docs/parameters.md");

    private static IEnumerable<string> Documents() =>
        Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Root, "README.md"));

    [GeneratedRegex(@"(?<![\w./-])((?:src|tests|docs|k8s|cluster-config|\.ci)/[\w./-]*[\w/])")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?:\./|`|^\s*|\$ )gdm ((?:[a-z-]+|--[a-z-]+)(?: [^`\n|#]*)?)", RegexOptions.Multiline)]
    private static partial Regex Call();
}
