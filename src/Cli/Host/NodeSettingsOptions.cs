using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Service;

namespace GdmOptEtq.Cli.Host;

/// <summary>The settings of a process from their three sources: a file, the environment over it, options over both.</summary>
internal sealed class NodeSettingsOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = "YAML file with settings by name, as in cluster-config/; the environment and options here win.", HelpName = "FILE",
    };

    private readonly Dictionary<string, Option<string?>> _options;

    private NodeSettingsOptions(bool serves) => _options = NodeSettings.Names.Select(setting => (Name: setting, Text: Describe(setting)))
        .Concat(serves ? ServiceSettings.Names.Select(setting => (Name: setting.Key, Text: setting.Value)) : [])
        .ToDictionary(setting => setting.Name, setting => new Option<string?>("--" + setting.Name) { Description = setting.Text });

    /// <param name="serves">Whether the process plays the role service, which has settings of its own.</param>
    public static NodeSettingsOptions AddTo(Command command, bool serves = false)
    {
        var options = new NodeSettingsOptions(serves);
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
        foreach (var (name, value, origin) in Sources(parsed).Where(source => !IsOfService(source.Name)))
            settings = settings.With(name, value, origin, reasons);
        return reasons.Count == 0 ? settings : throw new UsageException([.. reasons]);
    }

    /// <summary>The settings of the role service.</summary>
    /// <exception cref="UsageException">With every fault at once.</exception>
    public ServiceSettings ReadService(ParseResult parsed, NodeSettings node)
    {
        var settings = new ServiceSettings();
        var reasons = new List<string>();
        foreach (var (name, value, origin) in Sources(parsed).Where(source => IsOfService(source.Name)))
            settings = settings.With(name, value, origin, reasons);
        if (reasons.Count == 0)
            reasons.AddRange(settings.Faults(node));
        return reasons.Count == 0 ? settings : throw new UsageException([.. reasons]);
    }

    private bool IsOfService(string name) => _options.ContainsKey(name) && !NodeSettings.Names.Contains(name);

    /// <summary>Every value that is given anywhere, the weakest first, with the words that say where.</summary>
    public IEnumerable<(string Name, string Value, string Origin)> Sources(ParseResult parsed)
    {
        if (parsed.GetValue(_config) is { } file)
        {
            foreach (var (name, values) in ConfigurationFile.Read(file))
                yield return (name, string.Join(',', values), $"in {file}");
        }

        foreach (string name in _options.Keys)
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
        "traces" => "Collector of OpenTelemetry traces, http://host:4318 (OTLP over HTTP) [empty: none].",
        "lease" => "Seconds after which the work of a silent node goes to another; the same on all nodes [30].",
        _ => "Address of the web server: health and metrics, and in the role service everything else [http://127.0.0.1:8080].",
    };
}
