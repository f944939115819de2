using System.CommandLine;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Cli.Terminal;

/// <summary>
/// One option per parameter of a record, with its description, default and range: <c>var options = ParameterOptions&lt;CorrelationParameters&gt;.AddTo(command)</c>,
/// later <c>options.Read(parseResult)</c>.
/// </summary>
internal sealed class ParameterOptions<T>
    where T : class, new()
{
    private readonly List<(ParameterDescription Parameter, Option Option)> _options = [];
    private readonly Option<string?>? _config;

    private ParameterOptions(Command command, bool withConfiguration)
    {
        foreach (var parameter in ParameterSchema<T>.Instance.Parameters)
        {
            var option = Create(parameter);
            command.Options.Add(option);
            _options.Add((parameter, option));
        }

        if (withConfiguration)
        {
            _config = new Option<string?>("--config") { Description = "YAML or JSON file with parameters by name (a job.json will do); options given here win.", HelpName = "FILE" };
            command.Options.Add(_config);
        }
    }

    public static ParameterOptions<T> AddTo(Command command, bool withConfiguration = false) => new(command, withConfiguration);

    /// <summary>The record: defaults, then the configuration file, then the options.</summary>
    /// <exception cref="UsageException">With every reason at once.</exception>
    public T Read(ParseResult parsed)
    {
        var reasons = new List<string>();
        var schema = ParameterSchema<T>.Instance;
        T record = new();
        if (_config is not null && parsed.GetValue(_config) is { } file)
            record = schema.Read(ConfigurationFile.Read(file), record, reasons);
        record = schema.Read(Given(parsed), record, reasons);
        foreach (string refusal in schema.Refusals(record).Except(reasons))
            reasons.Add(refusal);
        return reasons.Count == 0 ? record : throw new UsageException(reasons.ToArray());
    }

    private IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Given(ParseResult parsed)
    {
        foreach (var (parameter, option) in _options)
        {
            if (parsed.GetResult(option) is not { Implicit: false } result)
                continue;
            string[] values = option is Option<bool>
                ? [parsed.GetValue((Option<bool>)option) ? "true" : "false"]
                : result.Tokens.Select(t => t.Value).ToArray();
            yield return new(parameter.OptionName, values);
        }
    }

    private static Option Create(ParameterDescription parameter)
    {
        string range = parameter.RangeText.Length > 0 && parameter.Kind != ParameterKind.Switch ? parameter.RangeText + "; " : "";
        string description = $"{parameter.Description} [{range}default {(parameter.DefaultText.Length == 0 ? "empty" : parameter.DefaultText)}]";
        Option option = parameter.Kind switch
        {
            // The parser takes 'true' or 'false' after a switch only if the word is there, so that a product name may follow it.
            ParameterKind.Switch => new Option<bool>("--" + parameter.OptionName) { Description = description, HelpName = "true|false" },
            _ => new Option<string[]>("--" + parameter.OptionName)
            {
                Description = description,
                HelpName = HelpName(parameter),
                Arity = ArgumentArity.OneOrMore,
                AllowMultipleArgumentsPerToken = false,
            },
        };
        if (parameter.AllowedValues.Count > 0)
            ((Option<string[]>)option).CompletionSources.Add([.. parameter.AllowedValues]);
        return option;
    }

    private static string HelpName(ParameterDescription parameter) => parameter.Kind switch
    {
        ParameterKind.Choice => string.Join('|', parameter.AllowedValues),
        ParameterKind.Date => "yyyy-MM-dd",
        ParameterKind.Text => "TEXT",
        ParameterKind.TextList => "NAME|PATH",
        _ => "NUMBER",
    };
}
