using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Submit;

/// <summary><c>gdm submit</c>: a job for a running service.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var products = new Argument<string[]>("product") { Description = "Names of the service's catalogue, zip archives on this machine (they are uploaded), or links to allowed servers.", Arity = ArgumentArity.OneOrMore };
        var url = ServiceConnection.UrlOption();
        var title = new Option<string?>("--title") { Description = "Your own words for the job.", HelpName = "TEXT" };
        var plan = new Option<bool>("--plan") { Description = "Only say what would be done and what it would cost." };
        var watch = new Option<bool>("--watch") { Description = "Wait for the job and show its progress." };
        var timeout = WatchCommand.TimeoutOption();
        var json = SharedOptions.Json();
        var command = new Command("submit", "Submit a job to a running service.") { products, url, title, plan, watch, timeout, json };
        var parameters = ParameterOptions<JobParameters>.AddTo(command, withConfiguration: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var service = new ServiceConnection(parsed.GetValue(url));
            var body = new JsonObject { ["inputs"] = Inputs(parameters.Read(parsed)), ["response"] = "document" };
            var named = new JsonArray();
            foreach (string product in parsed.GetValue(products)!)
                named.Add((JsonNode)await NameAsync(service, product, cancellation));
            body["inputs"]!["products"] = named;
            if (parsed.GetValue(title) is { } words)
                body["inputs"]!["title"] = words;
            if (parsed.GetValue(plan))
            {
                body["validate_only"] = true;
                Console.Out.WriteLine((await service.JsonAsync(HttpMethod.Post, "processes/gdm-opt-etq/execution", body, cancellation)).ToJsonString(JsonText.Readable));
                return ExitCode.Ok;
            }

            var job = new RemoteJob(await service.JsonAsync(HttpMethod.Post, "processes/gdm-opt-etq/execution", body, cancellation));
            if (parsed.GetValue(watch))
            {
                Console.Error.WriteLine($"job {job.Id}");
                return await WatchCommand.WatchAsync(service, job.Id, parsed.GetValue(timeout), parsed.GetValue(json), cancellation);
            }

            Console.Out.WriteLine(parsed.GetValue(json) ? job.Status.ToJsonString(JsonText.Readable) : job.Id);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>What differs from the defaults, so that the service's own defaults hold for the rest.</summary>
    private static JsonObject Inputs(JobParameters parameters)
    {
        var inputs = new JsonObject();
        foreach (var parameter in ParameterSchema<JobParameters>.Instance.Parameters.Where(parameter => parameter.TextIn(parameters) != parameter.DefaultText))
            inputs[parameter.JsonName] = ParameterDocuments.JsonValue(parameter.Get(parameters));
        return inputs;
    }

    private static async Task<string> NameAsync(ServiceConnection service, string product, CancellationToken cancellation)
    {
        if (Directory.Exists(product))
            throw new InputException($"{product} is a folder on this machine: zip it and give the archive, or give the product's name if the service has it.");
        if (!File.Exists(product))
            return product;
        Console.Error.WriteLine($"uploading {product} ({new FileInfo(product).Length / 1e6:0} MB)");
        await using var stream = File.OpenRead(product);
        using var content = new StreamContent(stream);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        using var answer = await service.SendAsync(HttpMethod.Post, "uploads", "application/json", content, cancellation);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation))!["input"]!.GetValue<string>();
    }
}
