using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Operator;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.EndToEnd.Tests.Operator;

[Collection(LiveClusterCollection.Name)]
public sealed class OperatorCommandTests(LiveCluster cluster)
{
    [LiveClusterFact]
    public async Task A_drained_worker_hands_back_and_the_job_ends_with_the_bytes_of_a_local_run()
    {
        string output = cluster.Scratch("drained");
        var job = await cluster.SubmitAsync(output);
        await cluster.UntilAsync(async () => (await cluster.Store.FindAsync(job, default))! is { UnitsDone: >= 5 } or { Phase: >= JobPhase.Succeeded }, "some units are done");
        var drained = cluster.Ops("node", "drain", "w1");
        drained.Code.ShouldBe(0, drained.Error);
        await cluster.UntilAsync(async () => (await cluster.Store.NodesAsync(default)).Single(node => node.Heartbeat.Node == "w1").Heartbeat is { Draining: true, Running.Count: 0 }, "w1 drains");
        var halted = (await cluster.Store.FindAsync(job, default))!;
        halted.Phase.ShouldBe(JobPhase.Running);
        cluster.Ops("cluster", "show").Output.ShouldContain("draining");
        string words = cluster.Ops("job", "explain", job.Value).Output;
        words.ShouldContain("all of them are draining: undrain one");
        cluster.Ops("node", "undrain", "w1").Code.ShouldBe(0);
        var finished = await cluster.FinishedAsync(job);
        finished.Phase.ShouldBe(JobPhase.Succeeded, finished.Message);
        (await cluster.Store.UnitsAsync(job, default)).ShouldAllBe(unit => unit.Failures == 0);
        LiveCluster.Digests(output).ShouldBe(cluster.LocalDigests(), ignoreOrder: true);
    }

    [LiveClusterFact]
    public async Task A_failed_job_is_explained_by_tile_attempt_worker_and_reason_and_can_be_retried()
    {
        var first = await cluster.SubmitAsync(cluster.Scratch("before-the-fault"));
        (await cluster.FinishedAsync(first)).Phase.ShouldBe(JobPhase.Succeeded);
        // What the images were prepared into is damaged, so that every tile of another matching fails.
        var damaged = Directory.GetFiles(Path.Combine(cluster.Data, "work"), "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".json", StringComparison.Ordinal)).ToDictionary(file => file, File.ReadAllBytes);
        foreach (string file in damaged.Keys)
            File.WriteAllBytes(file, [1, 2, 3]);
        var other = LiveCluster.Parameters with { Correlation = LiveCluster.Parameters.Correlation with { WindowSize = 5 } };
        var job = await cluster.SubmitAsync(cluster.Scratch("fault"), other, "with damaged\u001b[31m input");
        (await cluster.FinishedAsync(job)).Phase.ShouldBe(JobPhase.Failed);

        var (code, words, error) = cluster.Ops("job", "explain", job.Value);
        code.ShouldBe(0, error);
        words.ShouldMatch(@"Tile \d+ of \d+, pair \d of 4 failed for good after 5 attempts; the last was attempt \d+ on w1 at \S+Z, because: .{10,}");
        words.ShouldContain($"gdm ops job retry {job}");
        var explained = JsonNode.Parse(cluster.Ops("job", "explain", job.Value, "--json").Output)!;
        explained["failures"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(5);
        explained["failures"]![0]!["worker"]!.GetValue<string>().ShouldBe("w1");
        explained["failures"]![0]!["reason"]!.GetValue<string>().ShouldNotBeEmpty();
        cluster.Ops("job", "tree", job.Value).Output.ShouldMatch(@"Tile|tile \d+ of \d+, pair \d of 4: FAILED after 5 attempts, the last by w1");
        cluster.Ops("job", "list").Output.ShouldNotContain("\u001b");

        foreach (var (file, bytes) in damaged)
            File.WriteAllBytes(file, bytes);
        cluster.Ops("job", "retry", job.Value).Code.ShouldBe(0);
        await cluster.UntilAsync(async () => (await cluster.Store.FindAsync(job, default))!.Phase != JobPhase.Failed, "the retry begins");
        var again = await cluster.FinishedAsync(job);
        again.Phase.ShouldBe(JobPhase.Succeeded, again.Message);
        cluster.Ops("job", "logs", job.Value).Output.ShouldContain("asked: RetryJob");
    }

    [LiveClusterFact]
    public async Task A_killed_node_is_unreachable_within_15_s_and_can_be_taken_off_the_list()
    {
        cluster.Start("w9", "correlation-worker");
        await cluster.UntilAsync(async () => (await cluster.Store.NodesAsync(default)).Any(node => node.Heartbeat.Node == "w9"), "w9 is heard of");
        await cluster.KillAsync("w9");
        await cluster.UntilAsync(() => Task.FromResult(StateOf("w9") == "unreachable"), "w9 is unreachable");
        var silent = JsonNode.Parse(cluster.Ops("cluster", "show", "--json").Output)!["nodes"]!.AsArray().Single(node => node!["node"]!.GetValue<string>() == "w9")!;
        silent["state"]!.GetValue<string>().ShouldBe("unreachable");
        // The rule itself, free of how loaded this machine is: four missing heartbeats of 3 s.
        new JobPolicy().Unreachable.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        StateOf("w1").ShouldNotBe("unreachable");
        cluster.Ops("node", "drain", "w9").Code.ShouldBe(3);
        cluster.Ops("node", "evict", "w9", "--yes").Code.ShouldBe(0);
        StateOf("w9").ShouldBeNull();
    }

    [LiveClusterFact]
    public async Task An_evicted_node_ends_by_itself()
    {
        cluster.Start("w8", "correlation-worker");
        await cluster.UntilAsync(async () => (await cluster.Store.NodesAsync(default)).Any(node => node.Heartbeat.Node == "w8"), "w8 is heard of");
        cluster.Ops("node", "evict", "w8", "--yes").Code.ShouldBe(0);
        await cluster.EndedAsync("w8");
        await cluster.UntilAsync(() => Task.FromResult(StateOf("w8") == "unreachable"), "w8 is gone");
        cluster.Ops("node", "evict", "w8", "--yes").Output.ShouldContain("off the list");
    }

    [LiveClusterFact]
    public async Task Every_command_answers_as_its_published_schema_says_and_has_a_text()
    {
        var job = await cluster.SubmitAsync(cluster.Scratch("every-command"));
        (await cluster.FinishedAsync(job)).Phase.ShouldBe(JobPhase.Succeeded);
        // Nothing of the other job is computed, however quick the machine.
        cluster.Ops("node", "drain", "w1");
        var waiting = await cluster.SubmitAsync(cluster.Scratch("cancelled"));
        await cluster.UntilAsync(async () => (await cluster.Store.FindAsync(waiting, default))!.Shape is not null, "the second job is planned");
        using var http = new HttpClient();
        var published = JsonNode.Parse(await http.GetStringAsync($"{cluster.Url}/operations/commands"))!["commands"]!.AsArray();
        published.Select(command => command!["name"]!.GetValue<string>()).ShouldBe(OperatorCommands.List.Commands.Select(command => command.Name));
        foreach (var command in published)
        {
            string name = command!["name"]!.GetValue<string>();
            string[]? words = Words(name, name is "job cancel" or "job retry" or "job priority" ? waiting.Value : job.Value);
            if (words is null)
                continue;
            var (code, output, error) = GdmWords(name, [.. words, "--json"]);
            code.ShouldBe(0, $"{name}: {error}");
            SchemaCheck.Offences(JsonNode.Parse(output), command["result"]!.DeepClone()).ShouldBeEmpty(name);
            if (command["method"]!.GetValue<string>() != "POST")
                GdmWords(name, words).Output.ShouldNotBeNullOrWhiteSpace(name);
            if (name == "job cancel")
                (await cluster.FinishedAsync(waiting)).Phase.ShouldBe(JobPhase.Cancelled);
        }

        cluster.Ops("job", "cancel", waiting.Value, "--yes").Code.ShouldBe(0);
        cluster.Ops("node", "undrain", "w1").Code.ShouldBe(0);
        cluster.Ops("job", "retry", job.Value).Code.ShouldBe(3);
        cluster.Ops("job", "cancel", job.Value, "--yes").Error.ShouldContain("succeeded already");
    }

    [LiveClusterFact]
    public void Destructive_commands_ask_first()
    {
        foreach (var command in OperatorCommands.List.Commands.Where(command => command.Destructive))
        {
            var (code, _, error) = cluster.Ops([.. command.Name.Split(' '), .. command.Arguments.Select(_ => "w1")]);
            code.ShouldBe(2, command.Name);
            error.ShouldContain("--yes");
        }

        OperatorCommands.List.Commands.Where(command => command.Destructive).Select(command => command.Name).ShouldBe(["node evict", "job cancel", "cache gc"]);
        StateOf("w1").ShouldNotBeNull();
    }

    [LiveClusterFact]
    public void Wrong_names_are_answered_with_the_right_one()
    {
        cluster.Ops("clutser", "show").Error.ShouldSatisfyAllConditions(error => error.ShouldContain("Did you mean 'cluster'?"), error => error.ShouldNotContain("'show'"));
        cluster.Ops("job", "exlpain", "x").Error.ShouldContain("Did you mean 'explain'?");
        cluster.Ops("node", "drain", "w2").ShouldSatisfyAllConditions(answer => answer.Code.ShouldBe(3), answer => answer.Error.ShouldContain("Did you mean"));
        cluster.Ops("queue", "peek", "corelate").Error.ShouldContain("Did you mean 'gdm.correlate'?");
        cluster.Ops("job", "list", "--phase", "runing").ShouldSatisfyAllConditions(answer => answer.Code.ShouldBe(2), answer => answer.Error.ShouldContain("Did you mean 'running'?"));
        cluster.Ops("job", "list", "--limti", "3").Error.ShouldContain("Did you mean '--limit'?");
    }

    [Fact]
    public void The_help_of_every_command_has_one_example_that_is_a_command()
    {
        foreach (var command in OperatorCommands.List.Commands)
        {
            command.Example.ShouldStartWith("gdm ops " + command.Name);
            string[] words = [.. Prompt.Words(command.Example).Skip(1)];
            OpsCommand.Root(OperatorCommands.List, words).Parse(words).Errors.ShouldBeEmpty(command.Name);
            var output = new StringWriter();
            OpsCommand.Root(OperatorCommands.List, [.. command.Name.Split(' ')]).Parse(["ops", .. command.Name.Split(' '), "--help"]).Invoke(new System.CommandLine.InvocationConfiguration { Output = output });
            output.ToString().ShouldContain($"Example:\n    {command.Example}".Replace("\n", Environment.NewLine, StringComparison.Ordinal), customMessage: command.Name);
            System.Text.RegularExpressions.Regex.Count(output.ToString(), "Example:").ShouldBe(1);
        }
    }

    [Fact]
    public void A_service_that_does_not_answer_is_exit_code_5()
    {
        var (code, _, error) = Run.GdmProcess.Run("ops", "cluster", "show", "--url", "http://127.0.0.1:1");
        code.ShouldBe(5);
        error.ShouldContain("http://127.0.0.1:1 does not answer");
    }

    [LiveClusterFact]
    public void A_command_that_only_the_service_knows_is_a_command_of_the_client()
    {
        var newer = new CommandDescription("tea make", "Make tea.", "With water.", "gdm ops tea make", false, "POST", "/operations/tea/make", [], [], new JsonObject());
        var root = OpsCommand.Root(OperatorCommands.List with { Commands = [.. OperatorCommands.List.Commands, newer] }, []);
        root.Parse(["ops", "tea", "make", "--json"]).Errors.ShouldBeEmpty();
    }

    private (int Code, string Output, string Error) GdmWords(string name, string[] words) => name is "doctor" or "config show"
        ? Run.GdmProcess.Run(["ops", .. words, .. cluster.Settings("here")])
        : cluster.Ops(words);

    private string[]? Words(string name, string job) => name switch
    {
        "node drain" or "node undrain" => [.. name.Split(' '), "a1"],
        // It would end the only worker; two tests of its own see to it.
        "node evict" => null,
        "job tree" or "job explain" or "job times" or "job retry" or "job logs" => [.. name.Split(' '), job],
        "job cancel" => [.. name.Split(' '), job, "--yes"],
        "job priority" => [.. name.Split(' '), job, "5"],
        "queue peek" => [.. name.Split(' '), "dead"],
        "cache gc" => [.. name.Split(' '), "--keep-days", "1", "--yes"],
        "support-bundle" => [name, "--out", cluster.Scratch("bundle.zip")],
        _ => name.Split(' '),
    };

    private string? StateOf(string node) =>
        JsonNode.Parse(cluster.Ops("cluster", "show", "--json").Output)!["nodes"]!.AsArray().FirstOrDefault(found => found!["node"]!.GetValue<string>() == node)?["state"]!.GetValue<string>();
}
