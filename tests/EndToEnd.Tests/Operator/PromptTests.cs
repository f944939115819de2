using System.Diagnostics;
using System.Text;
using GdmOptEtq.Cli.Operator;

namespace GdmOptEtq.EndToEnd.Tests.Operator;

/// <summary>The operator's prompt as a person at a terminal has it: in a pseudo-terminal that script(1), which Debian always has, makes.</summary>
[Collection(LiveClusterCollection.Name)]
public sealed class PromptTests(LiveCluster cluster) : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LiveClusterFact]
    public async Task Tab_completes_commands_and_names_and_lists_what_is_possible()
    {
        await using var terminal = new Terminal(cluster.Url, _folder.Path);
        await terminal.UntilAsync("gdm> ");
        terminal.Type("clu\ts\t\r");
        await terminal.UntilAsync("coordinates (term");
        terminal.Type("node \t");
        await terminal.UntilAsync("drain  evict  undrain");
        terminal.Type("ev\tw\t");
        await terminal.UntilAsync("node evict w1 ");
        terminal.Type("\u0015exit\r");
        await terminal.EndedAsync(0);
    }

    [LiveClusterFact]
    public async Task The_arrow_upwards_brings_back_earlier_lines_even_of_an_earlier_session()
    {
        await using (var first = new Terminal(cluster.Url, _folder.Path))
        {
            await first.UntilAsync("gdm> ");
            first.Type("queue show\r");
            await first.UntilAsync("gdm.dead");
            first.Type("job lost\u001b[D\u001b[D\u0008i\r");
            await first.UntilAsync("There are no such jobs", "phase");
            first.Type("\u0004");
            await first.EndedAsync(0);
        }

        await using var second = new Terminal(cluster.Url, _folder.Path);
        await second.UntilAsync("gdm> ");
        second.Type("\u001b[A\u001b[A\r");
        await second.UntilAsync("gdm.dead");
        second.Type("exit\r");
        await second.EndedAsync(0);
    }

    [LiveClusterFact]
    public async Task Interrupting_drops_the_line_or_the_command_and_leaves_the_cluster_alone()
    {
        var before = (await cluster.Store.NodesAsync(default)).Select(node => node.Heartbeat.Started).ToHashSet();
        await using var terminal = new Terminal(cluster.Url, _folder.Path);
        await terminal.UntilAsync("gdm> ");
        terminal.Type("node evict w1 --yes\u0003");
        await terminal.UntilAsync("^C");
        terminal.Type("log tail --follow\r");
        await terminal.UntilAsync("coordinates (term");
        terminal.Type("\u0003");
        await terminal.UntilAsync("the cluster goes on undisturbed");
        terminal.Type("\u0003");
        await terminal.UntilAsync("exit or Ctrl-D leaves");
        terminal.Type("node evict w1\r");
        await terminal.UntilAsync("Type yes to go on");
        terminal.Type("no\r");
        await terminal.UntilAsync("nothing was done");
        terminal.Type("cluster show\r");
        await terminal.UntilAsync("coordinates (term");
        terminal.Type("exit\r");
        await terminal.EndedAsync(0);
        (await cluster.Store.NodesAsync(default)).Select(node => node.Heartbeat.Started).ShouldBe(before, ignoreOrder: true);
    }

    [LiveClusterFact]
    public void A_file_of_commands_runs_until_the_first_that_fails()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Cli.Program).Assembly.Location, "ops", "--url", cluster.Url]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write("# every morning\nqueue show\nnode drain nobody\nhealth check\n");
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(3);
        output.ShouldContain("gdm.dead");
        output.ShouldNotContain("ok ");
        error.ShouldContain("no node 'nobody'");
    }

    [Fact]
    public void A_line_is_edited_as_readers_of_a_shell_expect()
    {
        var line = new EditedLine(["first", "second"]);
        line.Insert("job list");
        line.Older();
        line.Text.ShouldBe("second");
        line.Older();
        line.Older();
        line.Text.ShouldBe("first");
        line.Newer();
        line.Newer();
        line.Text.ShouldBe("job list");
        line.DeleteWord();
        line.Text.ShouldBe("job ");
        line.Home();
        line.Delete();
        line.Insert("J");
        line.Text.ShouldBe("Job ");
        line.End();
        line.Backspace();
        line.Left();
        line.DeleteToStart();
        line.Text.ShouldBe("b");
        line.Cursor.ShouldBe(0);
        Prompt.Words("job cancel x --reason \"wrong images\" ''").ShouldBe(["job", "cancel", "x", "--reason", "wrong images", ""]);
    }

    /// <summary>The program in a pseudo-terminal, typed at and read from as by a person.</summary>
    private sealed class Terminal : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _screen = new();
        private int _read;

        public Terminal(string url, string home)
        {
            // A test run in the background has SIGINT ignored, and its children inherit that; at a terminal it is not.
            // "exec": a shell that waits would itself end by Ctrl-C, and say so with its exit code.
            var start = new ProcessStartInfo("env", ["--default-signal=INT", "script", "-qefc", $"exec dotnet '{typeof(Cli.Program).Assembly.Location}' ops --url {url}", "/dev/null"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            start.Environment["XDG_STATE_HOME"] = home;
            start.Environment["TERM"] = "xterm";
            _process = Process.Start(start)!;
            _ = Task.Run(async () =>
            {
                var letters = new char[4096];
                while (await _process.StandardOutput.ReadAsync(letters) is var count and > 0)
                {
                    lock (_screen)
                        _screen.Append(letters, 0, count);
                }
            });
        }

        public void Type(string keys)
        {
            _process.StandardInput.Write(keys);
            _process.StandardInput.Flush();
        }

        /// <summary>Waits for one of the texts, after what was waited for before.</summary>
        public async Task UntilAsync(params string[] texts)
        {
            var watch = Stopwatch.StartNew();
            while (true)
            {
                lock (_screen)
                {
                    string rest = _screen.ToString()[_read..];
                    var found = texts.Select(text => (Place: rest.IndexOf(text, StringComparison.Ordinal), text.Length)).Where(hit => hit.Place >= 0).ToList();
                    if (found.Count > 0)
                    {
                        _read += found[0].Place + found[0].Length;
                        return;
                    }

                    if (watch.Elapsed > TimeSpan.FromMinutes(2))
                        throw new TimeoutException($"The terminal never showed '{string.Join("' or '", texts)}', but: {rest}");
                }

                await Task.Delay(50);
            }
        }

        public async Task EndedAsync(int code)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await _process.WaitForExitAsync(patience.Token);
            _process.ExitCode.ShouldBe(code);
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
