using System.CommandLine;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Check;

/// <summary>
/// <c>gdm decode-trial</c>: what the service starts for products of strangers; not for people, so not in the help. One line on stdout for each path: "ok", or
/// "bad" and the sentence. A file that ends the process leaves its line out.
/// </summary>
internal static class DecodeTrialCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Products (.SAFE folder or zip) or .jp2 files.", Arity = ArgumentArity.OneOrMore, HelpName = "PRODUCT" };
        var memory = new Option<int>("--memory-megabytes") { Description = "Memory beyond what the program takes itself.", HelpName = "N", DefaultValueFactory = _ => DecodingLimits.Default.MemoryMegabytes };
        var seconds = new Option<int>("--cpu-seconds") { Description = "Processor time.", HelpName = "N", DefaultValueFactory = _ => (int)DecodingLimits.Default.Cpu.TotalSeconds };
        var quick = new Option<bool>("--quick") { Description = "Three places of each image only." };
        var command = new Command(IsolatedDecoding.Command, "Decode every image of products, within limits.") { paths, memory, seconds, quick };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            // Everything of ours is loaded before the limits fall.
            _ = GdalLibrary.Version;
            ProcessLimits.Set((long)parsed.GetValue(memory) << 20, TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            int code = ExitCode.Ok;
            foreach (string path in parsed.GetValue(paths)!)
            {
                try
                {
                    DecodingTrial.Run(path, parsed.GetValue(quick));
                    Console.Out.WriteLine("ok");
                }
                catch (InputException refusal)
                {
                    Console.Out.WriteLine($"bad {refusal.Message.ReplaceLineEndings(" ")}");
                    code = IsolatedDecoding.Refused;
                }

                Console.Out.Flush();
            }

            return code;
        });
        return command;
    }
}
