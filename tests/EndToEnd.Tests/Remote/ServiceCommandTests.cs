using System.Text.Json.Nodes;
using GdmOptEtq.EndToEnd.Tests.Run;

namespace GdmOptEtq.EndToEnd.Tests.Remote;

/// <summary>A running service with the four products of the tiny scene.</summary>
public sealed class RunningHost : IAsyncLifetime
{
    internal ScratchFolder Folder { get; } = new();

    internal HostProcess Host { get; private set; } = null!;

    internal string[] Names { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Names = [.. TinyScene.WriteAll(Folder["products"]).Select(path => Path.GetFileName(path)[..^".SAFE".Length])];
        Host = await HostProcess.StartAsync(Folder["data"], "--products", Folder["products"]);
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        Folder.Dispose();
    }
}

public sealed class ServiceCommandTests(RunningHost running) : IClassFixture<RunningHost>
{
    private (int Code, string Output, string Error) Gdm(params string[] arguments) => GdmProcess.Run([.. arguments, "--server", running.Host.Address]);

    private string[] Job => ["submit", .. running.Names, "--split-date", TinyScene.SplitDate, "--dem", "none", "--tile-size", "128"];

    [Fact]
    public void A_job_is_submitted_watched_listed_fetched_and_removed()
    {
        var (planned, plan, planError) = Gdm([.. Job, "--plan"]);
        planned.ShouldBe(0, planError);
        JsonNode.Parse(plan)!["pairs"]!.AsArray().Count.ShouldBe(4);
        var (code, output, error) = Gdm([.. Job, "--title", "tiny", "--watch", "--json"]);
        code.ShouldBe(0, error);
        var status = JsonNode.Parse(output)!;
        status["status"]!.GetValue<string>().ShouldBe("successful");
        string id = status["jobID"]!.GetValue<string>();
        error.ShouldContain("%");
        Gdm("jobs").Output.ShouldContain(id);
        JsonNode.Parse(Gdm("jobs", "--status", "successful", "--json").Output)!["jobs"]!.AsArray().Select(job => job!["jobID"]!.GetValue<string>()).ShouldContain(id);
        Gdm("watch", id).Code.ShouldBe(0);
        string folder = running.Folder["fetched"];
        var (fetched, files, fetchError) = Gdm("results", id, "--out", folder);
        fetched.ShouldBe(0, fetchError);
        foreach (string file in files.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            File.Exists(file).ShouldBeTrue(file);
        string one = Directory.GetFiles(Path.Combine(folder, "Analysis"), "MM_Mean_displacement_EW_*.tif").Single();
        byte[] bytes = File.ReadAllBytes(one);
        bytes.ShouldBe(File.ReadAllBytes(Directory.GetFiles(Path.Combine(running.Folder["data"], "results", id, "Analysis"), Path.GetFileName(one)).Single()));
        File.Delete(one);
        Gdm("results", id, "--out", folder).Code.ShouldBe(0);
        File.ReadAllBytes(one).ShouldBe(bytes);
        Gdm("cancel", id).Code.ShouldBe(2);
        Gdm("cancel", id, "--remove").Code.ShouldBe(0);
        Gdm("watch", id).Code.ShouldBe(3);
    }

    [Fact]
    public void A_watch_has_an_end_and_a_job_can_be_cancelled()
    {
        var (code, id, error) = Gdm([.. Job, "--window-size", "6", "--matching-direction", "Forward+Backward", "--regularization", "0.37"]);
        code.ShouldBe(0, error);
        id = id.Trim();
        Gdm("watch", id, "--timeout", "0.1").Code.ShouldBe(6);
        Gdm("cancel", id).Code.ShouldBe(0);
        Gdm("watch", id).Code.ShouldBe(1);
    }

    [Fact]
    public void What_is_wrong_is_said_in_sentences_with_an_exit_code()
    {
        var (bad, _, reasons) = Gdm("submit", "nothing", "nowhere", "--dem", "/etc/passwd");
        bad.ShouldBe(3);
        reasons.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
        Gdm("submit", running.Names[0], running.Names[1], "--split-date", "2001-01-01", "--dem", "none", "--watch").Code.ShouldBe(3);
        var (away, _, sentence) = GdmProcess.Run("jobs", "--server", "http://127.0.0.1:9");
        away.ShouldBe(5);
        sentence.ShouldContain("does not answer");
        Gdm("results", "nothing", "--out", running.Folder["none"]).Code.ShouldBe(3);
    }

    [Fact]
    public void Keys_are_made_listed_and_revoked()
    {
        string data = running.Folder["keys"];
        var (code, key, error) = GdmProcess.Run("host", "key", "create", "--owner", "anna", "--scope", "read", "--data", data);
        code.ShouldBe(0, error);
        key.ShouldStartWith("gdm_");
        string prefix = key.Split('_')[1];
        GdmProcess.Run("host", "key", "list", "--data", data).Output.ShouldContain(prefix);
        GdmProcess.Run("host", "key", "list", "--data", data).Output.ShouldNotContain(key.Trim());
        GdmProcess.Run("host", "key", "revoke", prefix, "--data", data).ExitCode.ShouldBe(0);
        GdmProcess.Run("host", "key", "revoke", prefix, "--data", data).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task Who_has_no_key_is_told_so_with_the_exit_code_of_the_service()
    {
        await using var host = await HostProcess.StartAsync(running.Folder["closed"], "--auth", "keys");
        var (code, _, error) = GdmProcess.Run("jobs", "--server", host.Address);
        code.ShouldBe(5);
        error.ShouldContain("GDM_API_KEY");
    }

    [Fact]
    public void An_open_door_to_others_is_refused_with_one_sentence()
    {
        var (code, _, error) = GdmProcess.Run("host", "all", "--data", running.Folder["open"], "--listen", "http://0.0.0.0:0");
        code.ShouldBe(2);
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[0].ShouldContain("GDM_AUTH");
    }
}
