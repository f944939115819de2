using System.CommandLine;
using System.Globalization;

namespace GdmOptEtq.Cli.Terminal;

/// <summary>Options that several commands share, each made anew because a parser option belongs to one command.</summary>
internal static class SharedOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print the result as one JSON object." };

    public static Option<string> Out(string description) =>
        new("--out", "-o") { Description = description, HelpName = "DIR", Required = true };

    public static Option<int> Threads()
    {
        var option = new Option<int>("--threads")
        {
            Description = "Threads to use; the result does not depend on it [default: all cores].",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int threads) && threads is >= 1 and <= 1024))
                result.AddError($"The option --threads cannot be '{text}': give a whole number from 1 to 1024.");
        });
        return option;
    }

    /// <summary>A whole number within bounds, which its help and its error name.</summary>
    public static Option<int> Number(string name, string description, int usual, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{description}, {least} to {most} [default: {usual}].", HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most))
                result.AddError($"The option {name} cannot be '{text}': give a whole number from {least} to {most}.");
        });
        return option;
    }
}
