using System.CommandLine;

namespace GdmOptEtq.Cli.Bench;

/// <summary><c>gdm bench</c>: the tables that say how good and how fast the stages are.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure accuracy and speed of the matchers and of the corrections, what the cluster costs, and how far it scales.")
    {
        AccuracyCommand.Create(),
        SpeedCommand.Create(),
        Corrections.CorrectionsCommand.Create(),
        Cluster.ClusterCommand.Create(),
        ClusterModel.ClusterModelCommand.Create(),
    };
}
