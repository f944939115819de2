using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Operator;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Diagnosis;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.EndToEnd.Tests.Run;
using Npgsql;
using RabbitMQ.Client;

namespace GdmOptEtq.EndToEnd.Tests.Operator;

/// <summary>Everything that doctor must find, each with the words that lead out of it.</summary>
[Collection(LiveClusterCollection.Name)]
public sealed class DoctorTests(LiveCluster cluster) : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LiveClusterFact]
    public async Task All_is_well_with_the_live_cluster()
    {
        var answer = await ExamineAsync(Settings());
        answer.Findings.Where(finding => finding.Level == Finding.Bad).ShouldBeEmpty();
        answer.Findings.Select(finding => finding.Check).Distinct().ShouldBe(["gdal", "broker", "job-store", "clock", "work", "results", "coordinator", "nodes"], ignoreOrder: true, customMessage: string.Join('\n', answer.Findings));
    }

    [LiveClusterFact]
    public async Task A_broker_that_cannot_be_reached() =>
        await FaultAsync(Settings() with { Bus = "amqp://guest:guest@127.0.0.1:1/" }, "broker", "127.0.0.1:1 cannot be reached", "Check that it runs");

    [LiveClusterFact]
    public async Task A_wrong_password_of_the_broker_or_of_the_store()
    {
        await FaultAsync(Settings() with { Bus = $"amqp://guest:wrong@127.0.0.1:{cluster.RabbitMq.Port}/" }, "broker", "refuses the user name or password", "Check the settings of the bus");
        await FaultAsync(Settings() with { Store = cluster.Postgres.ConnectionString.Replace("Password=secret", "Password=wrong", StringComparison.Ordinal) }, "job-store", "refuses the user name or password", "Check the settings of the job store");
    }

    [LiveClusterFact]
    public async Task A_queue_with_other_arguments()
    {
        // A broker of its own: the others need their queues.
        await using var broker = new Cluster.Tests.Servers.RabbitMqServer();
        await broker.StartAsync();
        await using (var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeleteAsync(Cluster.Bus.Queues.Correlate);
            await channel.QueueDeclareAsync(Cluster.Bus.Queues.Correlate, durable: true, exclusive: false, autoDelete: false);
        }

        var settings = Settings() with { Bus = broker.Uri.ToString() };
        await FaultAsync(settings, "broker", "declared with other arguments", "Delete that queue while no job runs");
        // The remedy that the runbook names.
        await broker.ControlAsync("delete_queue", Cluster.Bus.Queues.Correlate);
        (await ExamineAsync(settings)).Findings.Where(finding => finding.Check == "broker").ShouldAllBe(finding => finding.Level == Finding.Good);
    }

    [LiveClusterFact]
    public async Task A_store_that_is_not_migrated_or_not_there()
    {
        await using (var source = NpgsqlDataSource.Create(cluster.Postgres.ConnectionString))
        {
            await using var create = source.CreateCommand("CREATE DATABASE empty");
            await create.ExecuteNonQueryAsync();
        }

        string store = cluster.Postgres.ConnectionString.Replace("Database=postgres", "Database=empty", StringComparison.Ordinal);
        await FaultAsync(Settings() with { Store = store }, "job-store", "has no tables", "gdm host migrate");
        await FaultAsync(Settings() with { Store = store.Replace($"Port={cluster.Postgres.Port}", "Port=1", StringComparison.Ordinal) }, "job-store", "cannot be reached", "Check that it runs");
    }

    [LiveClusterFact]
    public async Task A_work_store_that_cannot_be_written()
    {
        await FaultAsync(Settings() with { Work = "/proc/gdm" }, "work", "/proc/gdm cannot be written", "Mend the mount");
        Directory.Exists(_folder["not-made"]).ShouldBeFalse();
        await ExamineAsync(Settings() with { Work = _folder["not-made"] });
        Directory.Exists(_folder["not-made"]).ShouldBeFalse("a look leaves nothing behind");
    }

    [SmallDiskFact]
    public async Task A_full_work_store()
    {
        using var disk = new SmallDisk(_folder["disk"], 600);
        await FaultAsync(Settings() with { Work = disk.Folder }, "work", "cannot be written", "free some space ('gdm ops cache gc')");
    }

    [LiveClusterFact]
    public async Task A_clock_that_is_off()
    {
        var ahead = await new Doctor(new ShiftedClock(TimeSpan.FromMinutes(5))).ExamineAsync(Settings(), default);
        var fault = ahead.Findings.First(finding => finding.Check == "clock");
        fault.Level.ShouldBe(Finding.Bad);
        fault.Sentence.ShouldMatch("The job store's clock is (29|30)\\d s behind this one");
        fault.Remedy.ShouldContain("NTP");
    }

    [LiveClusterFact]
    public async Task A_node_of_another_version_or_with_another_clock()
    {
        var beat = new NodeHeartbeat("old", [NodeRoles.CorrelationWorker], "0.0.1", 1, false, [], DateTimeOffset.UtcNow) { Sent = DateTimeOffset.UtcNow.AddMinutes(-3) };
        await cluster.Store.SeenAsync([beat], default);
        var answer = await ExamineAsync(Settings());
        await cluster.Store.ForgetNodeAsync("old", default);
        answer.Findings.ShouldContain(finding => finding.Check == "versions" && finding.Sentence.Contains("old run version 0.0.1") && finding.Remedy.Contains("same version"));
        answer.Findings.ShouldContain(finding => finding.Check == "clock" && finding.Level == Finding.Bad && finding.Sentence.Contains("The node old's clock is 180 s behind"));
    }

    [Fact]
    public void A_missing_GDAL()
    {
        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [typeof(Cli.Program).Assembly.Location, "ops", "doctor", "--json", "--data", _folder["data"]]) { RedirectStandardOutput = true };
        start.Environment["GDM_GDAL_LIBRARY"] = "/nonexistent/libgdal.so";
        using var blind = System.Diagnostics.Process.Start(start)!;
        var answer = JsonNode.Parse(blind.StandardOutput.ReadToEnd())!;
        blind.WaitForExit();
        blind.ExitCode.ShouldBe(1);
        var gdal = answer["findings"]!.AsArray().Single(finding => finding!["check"]!.GetValue<string>() == "gdal")!;
        gdal["level"]!.GetValue<string>().ShouldBe("fault");
        gdal["remedy"]!.GetValue<string>().ShouldContain("apt-get install libgdal32");
    }

    [LiveClusterFact]
    public async Task A_support_bundle_holds_everything_but_passwords()
    {
        string file = _folder["bundle.zip"];
        var (code, _, error) = GdmProcess.Run(["ops", "support-bundle", "--out", file, "--url", cluster.Url, .. cluster.Settings("here")]);
        code.ShouldBe(0, error);
        await using var stream = File.OpenRead(file);
        using var zip = new System.IO.Compression.ZipArchive(stream);
        var names = zip.Entries.Select(entry => entry.FullName).ToList();
        foreach (string expected in (string[])["about.json", "settings.json", "doctor.json", "cluster-show.json", "queue-show.json", "health-check.json", "log-tail.json", "job-list.json"])
            names.ShouldContain(expected);
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            string text = await reader.ReadToEndAsync();
            text.ShouldNotContain("Password=secret");
            text.ShouldNotContain("guest:guest");
            JsonNode.Parse(text).ShouldNotBeNull();
        }

        GdmProcess.Run(["ops", "support-bundle", "--out", "/proc/bundle.zip", "--url", cluster.Url]).ExitCode.ShouldBe(3);
    }

    [Fact]
    public void The_settings_say_where_each_comes_from_and_hide_passwords()
    {
        string file = _folder["node.yaml"];
        File.WriteAllText(file, "slots: 3\nlisten: http://127.0.0.1:9999\n");
        var (code, text, error) = GdmProcess.Run("ops", "config", "show", "--config", file, "--bus", "amqp://gdm:hunter2@broker:5672/", "--store", "Host=db;Username=gdm;Password=hunter2", "--slots", "5");
        code.ShouldBe(0, error);
        text.ShouldNotContain("hunter2");
        text.ShouldMatch(@"slots\s+5\s+from --slots");
        text.ShouldMatch(@"listen\s+http://127.0.0.1:9999\s+in .*node.yaml");
        text.ShouldMatch(@"bus\s+amqp://gdm:\*\*\*@broker:5672/\s+from --bus");
    }

    private NodeSettings Settings() => new() { Bus = cluster.RabbitMq.Uri.ToString(), Store = cluster.Postgres.ConnectionString, Data = cluster.Data };

    private static Task<Service.Operations.HealthAnswer> ExamineAsync(NodeSettings settings) => new Doctor(TimeProvider.System).ExamineAsync(settings, default);

    private static async Task FaultAsync(NodeSettings settings, string check, string sentence, string remedy)
    {
        var answer = await ExamineAsync(settings);
        answer.Healthy.ShouldBeFalse();
        var fault = answer.Findings.First(finding => finding.Check == check);
        fault.Level.ShouldBe(Finding.Bad);
        fault.Sentence.ShouldContain(sentence);
        fault.Remedy.ShouldContain(remedy);
    }

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
