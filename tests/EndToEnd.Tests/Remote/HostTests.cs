using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace GdmOptEtq.EndToEnd.Tests.Remote;

public sealed class HostTests(ITestOutputHelper output)
{
    private const string Execution = "/processes/gdm-opt-etq/execution";

    private static string Body(IEnumerable<string> names, double regularization = 0.3) => new JsonObject
    {
        ["inputs"] = new JsonObject
        {
            ["products"] = new JsonArray([.. names.Select(name => (JsonNode)name)]), ["splitDate"] = TinyScene.SplitDate, ["dem"] = "none", ["tileSize"] = 128, ["regularization"] = regularization,
        },
    }.ToJsonString();

    private static async Task<string> SubmitAsync(HostProcess host, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await host.Client.PostAsync(Execution, content);
        string text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(201, text);
        return JsonNode.Parse(text)!["jobID"]!.GetValue<string>();
    }

    private static async Task<JsonNode> StatusAsync(HostProcess host, string job) => JsonNode.Parse(await host.Client.GetStringAsync($"/jobs/{job}"))!;

    private static async Task<JsonNode> UntilAsync(HostProcess host, string job, Func<JsonNode, bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(10))
        {
            var status = await StatusAsync(host, job);
            if (condition(status))
                return status;
            await Task.Delay(100);
        }

        throw new TimeoutException(host.Log);
    }

    private static bool IsFinal(JsonNode status) => status["status"]!.GetValue<string>() is not ("accepted" or "running");

    [Fact]
    public async Task A_host_killed_in_the_middle_finishes_its_jobs_after_a_restart()
    {
        using var folder = new ScratchFolder();
        string[] names = [.. TinyScene.WriteAll(folder["products"]).Select(path => Path.GetFileName(path)[..^".SAFE".Length])];
        string[] jobs;
        await using (var host = await HostProcess.StartAsync(folder["data"], "--products", folder["products"], "--lease", "4"))
        {
            jobs = [await SubmitAsync(host, Body(names)), await SubmitAsync(host, Body(names, 0.4))];
            await UntilAsync(host, jobs[0], status => status["stages"] is JsonArray stages && stages.Any(stage => stage!["name"]!.GetValue<string>() == "correlate" && stage["done"]!.GetValue<int>() >= 2));
            host.Kill();
        }

        await using var next = await HostProcess.StartAsync(folder["data"], "--products", folder["products"], "--lease", "4");
        foreach (string job in jobs)
        {
            var status = await UntilAsync(next, job, IsFinal);
            status["status"]!.GetValue<string>().ShouldBe("successful", status.ToJsonString());
            File.Exists(Path.Combine(folder["data"], "results", job, "job.json")).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Fifty_clients_that_ask_and_twenty_jobs_at_once_get_no_error()
    {
        using var folder = new ScratchFolder();
        string[] names = [.. TinyScene.WriteAll(folder["products"]).Take(3).Select(path => Path.GetFileName(path)[..^".SAFE".Length])];
        await using var host = await HostProcess.StartAsync(folder["data"], "--products", folder["products"]);
        long idle = host.ResidentBytes;
        string[] jobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => SubmitAsync(host, Body(names, 0.3 + 0.001 * number))));
        jobs.ShouldBeUnique();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 50).Select(client => PollAsync(client)).ToArray();
        await Task.WhenAny(UntilAsync(host, jobs[0], IsFinal), Task.Delay(TimeSpan.FromSeconds(20)));
        await stop.CancelAsync();
        double[] times = [.. (await Task.WhenAll(clients)).SelectMany(list => list).Order()];
        times.Length.ShouldBeGreaterThan(50);
        output.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{times.Length} status answers while tiles are computed: median {times[times.Length / 2]:0.0} ms, p99 {times[(int)(times.Length * 0.99)]:0.0} ms; memory {idle / 1e6:0} MB idle, {host.ResidentBytes / 1e6:0} MB after"));
        foreach (string job in jobs)
            (await host.Client.DeleteAsync($"/jobs/{job}")).EnsureSuccessStatusCode();
        host.Log.ShouldNotContain("Fault ");

        // Each asks twice a second, as a watching user would; an error ends the test.
        async Task<List<double>> PollAsync(int client)
        {
            using var http = new HttpClient { BaseAddress = host.Client.BaseAddress, Timeout = TimeSpan.FromMinutes(2) };
            var taken = new List<double>();
            // Users do not ask in step.
            await Task.Delay(10 * client);
            while (!stop.IsCancellationRequested)
            {
                long begun = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync($"/jobs/{jobs[client % jobs.Length]}");
                ((int)answer.StatusCode).ShouldBe(200);
                await answer.Content.ReadAsByteArrayAsync();
                taken.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                await Task.Delay(500);
            }

            return taken;
        }
    }
}
