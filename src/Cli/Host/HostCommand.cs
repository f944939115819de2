using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Host;

/// <summary><c>gdm host ROLE</c>: one process of a cluster, or a whole one.</summary>
internal static class HostCommand
{
    private static readonly string[] s_roles = [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator];

    public static Command Create()
    {
        var command = new Command("host", "Run a process of a cluster: coordinator, correlation-worker or aggregator; 'all' is a whole cluster in one process, without broker or database.");
        command.Subcommands.Add(Role(NodeRoles.Coordinator, "Plan jobs, hand out units of work, keep the job store.", [NodeRoles.Coordinator]));
        command.Subcommands.Add(Role(NodeRoles.CorrelationWorker, "Prepare acquisitions and match tiles.", [NodeRoles.CorrelationWorker]));
        command.Subcommands.Add(Role(NodeRoles.Aggregator, "Stitch, correct and filter pairs; compute statistics and write products.", [NodeRoles.Aggregator]));
        command.Subcommands.Add(Role("all", "Everything in one process: channels instead of a broker, SQLite instead of a database.", s_roles));
        return command;
    }

    private static Command Role(string name, string description, string[] roles)
    {
        var config = new Option<string?>("--config") { Description = "YAML file with settings by name, as in cluster-config/; the environment and options here win.", HelpName = "FILE" };
        var command = new Command(name, description) { config };
        var options = NodeSettings.Names.ToDictionary(setting => setting, setting => new Option<string?>("--" + setting) { Description = Describe(setting) });
        foreach (var option in options.Values)
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = Read(parsed.GetValue(config), name => parsed.GetValue(options[name]), roles);
            try
            {
                await NodeHost.RunAsync(settings, roles, JobRecord.SoftwareVersion, address => Console.Error.WriteLine($"{settings.NodeName} ({name}) listens on {address}"), cancellation);
            }
            catch (Exception error) when (error is JobStoreException or BusException)
            {
                throw new InputException(error.Message, error);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>File, then environment, then options; every fault at once.</summary>
    private static NodeSettings Read(string? file, Func<string, string?> option, string[] roles)
    {
        var settings = new NodeSettings();
        var reasons = new List<string>();
        if (file is not null)
        {
            foreach (var (name, values) in ConfigurationFile.Read(file))
                settings = settings.With(name, string.Join(',', values), $"in {file}", reasons);
        }

        foreach (string name in NodeSettings.Names)
        {
            string variable = "GDM_" + name.Replace('-', '_').ToUpperInvariant();
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
                settings = settings.With(name, value, $"from the environment variable {variable}", reasons);
            if (option(name) is { } given)
                settings = settings.With(name, given, $"from --{name}", reasons);
        }

        if (reasons.Count == 0)
            reasons.AddRange(settings.Faults(roles));
        return reasons.Count == 0 ? settings : throw new UsageException([.. reasons]);
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
        _ => "Address of the health and metrics endpoints [http://127.0.0.1:8080].",
    };
}
