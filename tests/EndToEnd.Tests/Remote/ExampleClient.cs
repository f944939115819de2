using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GdmOptEtq.EndToEnd.Tests.Remote;

/// <summary>The client of docs/service.md, word for word: a test compares, and runs it.</summary>
internal static class ExampleClient
{
    public static async Task<string> RunAsync(string server, string[] products, string folder)
    {
        // client
        using var http = new HttpClient { BaseAddress = new Uri(server) };
        http.DefaultRequestHeaders.Add("X-API-Key", Environment.GetEnvironmentVariable("GDM_API_KEY") ?? "");
        var inputs = new { products, splitDate = "2019-07-05", dem = new[] { "none" } };
        var accepted = await http.PostAsJsonAsync("/processes/gdm-opt-etq/execution", new { inputs, response = "document" });
        var job = await accepted.Content.ReadFromJsonAsync<JsonNode>();
        if (!accepted.IsSuccessStatusCode)
            throw new InvalidOperationException($"{job!["detail"]}");
        string path = $"/jobs/{job!["jobID"]}";
        while ($"{job["status"]}" is "accepted" or "running")
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            job = (await http.GetFromJsonAsync<JsonNode>(path))!;
            Console.WriteLine($"{job["progress"]} % {job["message"]}");
        }

        var results = (await http.GetFromJsonAsync<JsonNode>(path + "/results"))!;
        string file = Path.Combine(folder, "mean_displacement_ew.tif");
        await using (var target = File.Create(file))
            await (await http.GetStreamAsync($"{results["ew"]!["href"]}")).CopyToAsync(target);
        // end
        return file;
    }
}
