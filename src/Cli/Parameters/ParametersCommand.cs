using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Cli.Parameters;

/// <summary><c>gdm parameters</c>: every parameter of a job with its default and range.</summary>
internal static class ParametersCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print a JSON schema." };
        var markdown = new Option<bool>("--markdown") { Description = "Print docs/parameters.md." };
        var command = new Command("parameters", "List the parameters of a job: name, default, range, meaning.") { json, markdown };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                Console.Out.WriteLine(ParameterDocuments.JsonSchema<JobParameters>().ToJsonString(JsonText.Readable));
            else if (parsed.GetValue(markdown))
                Console.Out.Write(ParameterDocuments.Markdown<JobParameters>());
            else
                WriteText(Console.Out);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteText(TextWriter output)
    {
        foreach (var group in ParameterSchema<JobParameters>.Instance.Parameters.GroupBy(p => p.Group))
        {
            output.WriteLine(group.Key);
            foreach (var p in group)
            {
                output.WriteLine($"  {p.OptionName} = {(p.DefaultText.Length == 0 ? "(empty)" : p.DefaultText)}{(p.RangeText.Length > 0 ? $"   [{p.RangeText}]" : "")}");
                output.WriteLine($"      {p.Description}");
            }
        }
    }
}
