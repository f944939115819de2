using GdmOptEtq.Pipeline;

namespace GdmOptEtq.Service.Operations;

/// <summary>Every operator's command, in the order of the help.</summary>
public static class OperatorCommands
{
    internal static IReadOnlyList<OperatorCommand> All { get; } =
    [
        .. ClusterCommands.All,
        .. JobCommands.All,
        .. QueueCommands.All,
        .. MaintenanceCommands.All,
        OperatorCommand.Local<HealthAnswer>(
            "doctor", "Find what is wrong with this process's settings and with all they lead to, each with its remedy.",
            "Reads the settings as 'gdm host' does (file, environment, options) and tries broker, job store, folders, clocks, GDAL and the versions of the nodes; needs no service. Exit code 1 when something does not work.",
            "gdm ops doctor --config cluster-config/coordinator.yaml"),
        OperatorCommand.Local<ConfigAnswer>(
            "config show", "Show the settings that 'gdm host' would use here, and where each comes from; passwords are masked.",
            "Reads file, environment and options; needs no service.",
            "gdm ops config show --config cluster-config/coordinator.yaml"),
        OperatorCommand.Local<BundleAnswer>(
            "support-bundle", "Collect what somebody who helps needs, in one zip file without passwords.",
            "Holds doctor's findings, the settings with masked passwords and, where the service answers, cluster, jobs with explanations, queues, health and logs.",
            "gdm ops support-bundle --out bundle.zip",
            [CommandOption.Text("out", "The file [gdm-support.zip].")]),
    ];

    /// <summary>As published.</summary>
    public static CommandList List { get; } = new(JobRecord.SoftwareVersion, [.. All.Select(command => command.Description)]);
}
