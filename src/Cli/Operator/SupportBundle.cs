using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary>One zip file with what somebody who helps needs, and without passwords.</summary>
internal static class SupportBundle
{
    private static readonly JsonSerializerOptions s_readable = new(OperatorJson.Options) { WriteIndented = true };

    private const int JobsExplained = 10;

    /// <exception cref="InputException">The file cannot be written.</exception>
    public static async Task<BundleAnswer> WriteAsync(string file, string? url, ConfigAnswer config, NodeSettings settings, CancellationToken cancellation)
    {
        var parts = new List<(string Name, object Content)>
        {
            ("about.json", new { JobRecord.SoftwareVersion, Runtime = RuntimeInformation.FrameworkDescription, System = RuntimeInformation.OSDescription, Environment.ProcessorCount, Written = DateTimeOffset.UtcNow }),
            ("settings.json", config),
            ("doctor.json", await new Doctor(TimeProvider.System).ExamineAsync(settings, cancellation)),
        };
        using var service = new ServiceConnection(url);
        try
        {
            await CollectAsync(service, parts, cancellation);
        }
        catch (Exception error) when (error is ServiceException or InputException or UsageException)
        {
            parts.Add(("service.json", new { Error = error.Message }));
        }

        string unfinished = file + ".part";
        try
        {
            using (var zip = ZipFile.Open(unfinished, File.Exists(unfinished) ? ZipArchiveMode.Update : ZipArchiveMode.Create))
            {
                foreach (var (name, content) in parts)
                {
                    using var entry = zip.CreateEntry(name).Open();
                    JsonSerializer.Serialize(entry, content, content.GetType(), s_readable);
                }
            }

            File.Move(unfinished, file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file} cannot be written ({error.Message.TrimEnd('.')}): name another file with --out.", error);
        }

        return new BundleAnswer(Path.GetFullPath(file), [.. parts.Select(part => part.Name)]);
    }

    private static async Task CollectAsync(ServiceConnection service, List<(string Name, object Content)> parts, CancellationToken cancellation)
    {
        var commands = (await OpsCommand.FetchAsync(service, cancellation)).Commands.ToDictionary(command => command.Name);
        async Task<TResult> Ask<TResult>(string name, params KeyValuePair<string, string>[] query)
        {
            var answer = await new OperatorRequest(service, commands[name], query).AskAsync<TResult>([], cancellation);
            string file = string.Join('-', name.Split(' ').Concat(query.Where(pair => pair.Key == "job").Select(pair => pair.Value))) + ".json";
            parts.Add((file, answer!));
            return answer;
        }

        await Ask<ClusterAnswer>("cluster show");
        await Ask<QueueListAnswer>("queue show");
        await Ask<HealthAnswer>("health check");
        await Ask<LogAnswer>("log tail", new KeyValuePair<string, string>("lines", "1000"));
        var jobs = await Ask<JobListAnswer>("job list");
        foreach (var job in jobs.Jobs.Where(job => job.Phase != JobPhase.Succeeded).Take(JobsExplained))
        {
            await Ask<JobExplanationAnswer>("job explain", new KeyValuePair<string, string>("job", job.Job));
            await Ask<LogAnswer>("job logs", new KeyValuePair<string, string>("job", job.Job));
        }
    }
}
