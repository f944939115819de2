using System.CommandLine;
using GdmOptEtq.Cli.Terminal;

namespace GdmOptEtq.Cli;

/// <summary>The program <c>gdm</c>: one list of commands.</summary>
internal static class Program
{
    internal static RootCommand Commands() => new("Maps of ground displacement after an earthquake, from 2 to 4 Sentinel-2 L1C images.")
    {
        Run.RunCommand.Create(),
        Demo.DemoCommand.Create(),
        Info.InfoCommand.Create(),
        Check.DecodeTrialCommand.Create(),
        Mask.MaskCommand.Create(),
        Match.MatchCommand.Create(),
        Profile.ProfileCommand.Create(),
        Bench.BenchCommand.Create(),
        Parameters.ParametersCommand.Create(),
        Host.HostCommand.Create(),
        Submit.SubmitCommand.Create(),
        Submit.JobsCommand.Create(),
        Submit.WatchCommand.Create(),
        Submit.ResultsCommand.Create(),
        Submit.CancelCommand.Create(),
        Operator.OpsCommand.Create(Service.Operations.OperatorCommands.List),
        Simulate.SimulateCommand.Create(),
    };

    private static Task<int> Main(string[] args) => args is ["ops", ..] ? Operator.OpsCommand.ExecuteAsync(args) : CommandLine.Execute(Commands(), args);
}
