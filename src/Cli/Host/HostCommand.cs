using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Host;

/// <summary><c>gdm host ROLE</c>: one process of a cluster, or a whole one.</summary>
internal static class HostCommand
{
    private static readonly string[] s_roles = [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator, NodeRoles.Service];

    public static Command Create()
    {
        var command = new Command("host", "Run a process of a cluster: coordinator, correlation-worker, aggregator or service; 'key' makes its API keys; 'migrate' prepares the job store; 'all' is a whole cluster in one process, without broker or database.");
        command.Subcommands.Add(Role(NodeRoles.Coordinator, "Plan jobs, hand out units of work, keep the job store.", [NodeRoles.Coordinator]));
        command.Subcommands.Add(Role(NodeRoles.CorrelationWorker, "Prepare acquisitions, match tiles, and write products.", [NodeRoles.CorrelationWorker]));
        command.Subcommands.Add(Role(NodeRoles.Aggregator, "Stitch, correct and filter pairs; compute statistics.", [NodeRoles.Aggregator]));
        command.Subcommands.Add(Role(NodeRoles.Service, "Answer over HTTP: OGC API - Processes, catalogue, results, the web page.", [NodeRoles.Service]));
        command.Subcommands.Add(KeyCommand.Create());
        command.Subcommands.Add(Migrate());
        command.Subcommands.Add(Role("all", "Everything in one process: channels instead of a broker, SQLite instead of a database.", s_roles));
        return command;
    }

    private static Command Role(string name, string description, string[] roles)
    {
        var command = new Command(name, description);
        bool serves = roles.Contains(NodeRoles.Service);
        var options = NodeSettingsOptions.AddTo(command, serves);
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = options.Read(parsed, roles);
            var service = serves ? options.ReadService(parsed, settings) : null;
            try
            {
                await NodeHost.RunAsync(settings, service, roles, JobRecord.SoftwareVersion, address => Console.Error.WriteLine($"{settings.NodeName} ({name}) listens on {address}"), cancellation);
            }
            catch (Exception error) when (error is JobStoreException or BusException)
            {
                throw new InputException(error.Message, error);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Migrate()
    {
        var command = new Command("migrate", "Bring the job store to the version of this program, and end: the first step of an upgrade.");
        var options = NodeSettingsOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = options.Read(parsed);
            try
            {
                await using var store = ClusterNode.OpenStore(settings, TimeProvider.System);
                var (found, needed) = await store.VersionAsync(cancellation);
                await store.MigrateAsync(cancellation);
                Console.Out.WriteLine(
                    found == needed ? $"The job store has version {needed} already."
                    : found > needed ? $"The job store has version {found}, newer than the {needed} of this program, and stays as it is: both work together."
                    : $"The job store went from version {found} to {needed}.");
                return ExitCode.Ok;
            }
            catch (JobStoreException error)
            {
                throw new InputException(error.Message, error);
            }
        });
        return command;
    }
}
