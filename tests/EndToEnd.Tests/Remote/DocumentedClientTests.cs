using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GdmOptEtq.EndToEnd.Tests.Remote;

/// <summary>What docs/service.md tells users to type.</summary>
public sealed partial class DocumentedClientTests(RunningHost running) : IClassFixture<RunningHost>
{
    private static readonly string s_document = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "service.md"));

    [Fact]
    public async Task The_client_in_CSharp_is_the_one_in_the_document_and_fetches_the_displacement()
    {
        string source = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "tests", "EndToEnd.Tests", "Remote", "ExampleClient.cs"));
        string client = source.Split("// client\n")[1].Split("        // end")[0];
        Plain(CSharpBlock().Match(s_document).Groups[1].Value).ShouldBe(Plain(client));
        string file = await ExampleClient.RunAsync(running.Host.Address, running.Names, running.Folder.Path);
        new FileInfo(file).Length.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public async Task The_lines_for_curl_work_as_they_stand()
    {
        string folder = Directory.CreateDirectory(running.Folder["curl"]).FullName;
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", BashBlock().Match(s_document).Groups[1].Value]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SERVER"] = running.Host.Address;
        start.Environment["BEFORE"] = running.Names[0];
        start.Environment["AFTER"] = running.Names[2];
        start.Environment["GDM_API_KEY"] = "";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await error);
        output.ShouldContain(running.Names[0]);
        output.ShouldContain("\"status\":\"successful\"");
        output.ShouldContain("\"status\":\"dismissed\"");
        (await File.ReadAllBytesAsync(Path.Combine(folder, "ew.tif"))).AsSpan(0, 2).SequenceEqual("II"u8).ShouldBeTrue();
        (await File.ReadAllBytesAsync(Path.Combine(folder, "result.zip"))).AsSpan(0, 2).SequenceEqual("PK"u8).ShouldBeTrue();
    }

    private static string Plain(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();
}
