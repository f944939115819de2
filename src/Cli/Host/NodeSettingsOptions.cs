using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Cli.Host;

/// <summary>The settings of a process from their three sources: a file, the environment over it, options over both.</summary>
internal sealed class NodeSettingsOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = "YAML file with settings by name, as in cluster-config/; the environment and options here win.", HelpName = "FILE",
    };

    private readonly Dictionary<string, Option<string?>> _options =
        NodeSettings.Names.ToDictionary(setting => setting, setting => new Option<string?>("--" + setting) { Description = Describe(setting) });

    public static NodeSettingsOptions AddTo(Command command)
    {
        var options = new NodeSettingsOptions();
        command.Options.Add(options._config);
        foreach (var option in options._options.Values)
            command.Options.Add(option);
        return options;
    }

    public static string VariableOf(string setting) => "GDM_" + setting.Replace('-', '_').ToUpperInvariant();

    /// <summary>The settings, fit for <paramref name="roles"/>.</summary>
    /// <exception cref="UsageException">With every fault at once.</exception>
    public NodeSettings Read(ParseResult parsed, IReadOnlyCollection<string> roles)
    {
        var settings = Read(parsed);
        var faults = settings.Faults(roles);
        return faults.Count == 0 ? settings : throw new UsageException([.. faults]);
    }

    /// <summary>The settings as they are written, whatever they are for.</summary>
    /// <exception cref="UsageException">A name or a number is wrong.</exception>
    public NodeSettings Read(ParseResult parsed)
    {
        var settings = new NodeSettings();
        var reasons = new List<string>();
        foreach (var (name, value, origin) in Sources(parsed))
            settings = settings.With(name, value, origin, reasons);
        return reasons.Count == 0 ? settings : throw new UsageException([.. reasons]);
    }

    /// <summary>Every value that is given anywhere, the weakest first, with the words that say where.</summary>
    public IEnumerable<(string Name, string Value, string Origin)> Sources(ParseResult parsed)
    {
        if (parsed.GetValue(_config) is { } file)
        {
            foreach (var (name, values) in ConfigurationFile.Read(file))
                yield return (name, string.Join(',', values), $"in {file}");
        }

        foreach (string name in NodeSettings.Names)
        {
            if (Environment.GetEnvironmentVariable(VariableOf(name)) is { Length: > 0 } value)
                yield return (name, value, $"from the environment variable {VariableOf(name)}");
            if (parsed.GetValue(_options[name]) is { } given)
                yield return (name, given, $"from --{name}");
        }
    }

    private static string Describe(string setting) => setting switch
    {
        "bus" => "Broker, amqp://user:password@host:5672/ [empty: channels inside this process].",
        "store" => "Job store, PostgreSQL connection string [empty: SQLite in the data folder].",
        "data" => "Folder of this installation [gdm-data].",
        "work" => "Work store, shared by all nodes [work/ in the data folder].",
        "results" => "Folder of the results [results/ in the data folder].",
        "dem-root" => "Folder or bucket of the named elevation data sets.",
        "node" => "Name of this process in the cluster [host name and process id].",
        "slots" => "Units of work at once [1].",
        "threads" => "Threads of one unit of work [cores divided by slots].",
        "lease" => "Seconds after which the work of a silent node goes to another; the same on all nodes [30].",
        _ => "Address of the health and metrics endpoints [http://127.0.0.1:8080].",
    };
}
