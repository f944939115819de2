using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Catalogue;

/// <summary>
/// Fetches the products that jobs name by link, then starts the jobs. What is to be done is read off the job store, so a stopped process goes on where it
/// was; a product that is here already is not fetched twice.
/// </summary>
internal sealed class InputFetcher(IJobStore store, RemoteAccess remote, ServiceSettings settings, NodeSettings node, ILogger<InputFetcher> log) : StoreWatcher(log)
{
    private const int JobsAtOnce = 4;

    private readonly ConcurrentDictionary<JobId, bool> _inWork = new();
    private readonly SemaphoreSlim _atOnce = new(JobsAtOnce, JobsAtOnce);

    /// <summary>Links among the inputs of a request.</summary>
    public static IReadOnlyList<string> Pending(JsonObject request) =>
        request["inputs"] is JsonArray inputs ? [.. inputs.Select(input => input?.ToString() ?? "").Where(input => input.Contains("://", StringComparison.Ordinal))] : [];

    public override void Dispose()
    {
        _atOnce.Dispose();
        base.Dispose();
    }

    protected override bool IsNeeded => settings.HrefAllow.Count > 0;

    protected override async Task LookAsync(CancellationToken cancellation)
    {
        var waiting = await store.ListAsync(new JobQuery { Phases = [JobPhase.Accepted], Process = StoredJob.DisplacementProcess, Limit = 1000 }, cancellation);
        foreach (var job in waiting.Reverse().Where(job => job.Shape is null && Pending(JobRequestText.Root(job)).Count > 0))
        {
            // A slow server must not keep the others waiting.
            if (_inWork.TryAdd(job.Id, true))
                _ = ApartAsync(() => FetchInTurnAsync(job, cancellation));
        }
    }

    private async Task FetchInTurnAsync(StoredJob job, CancellationToken cancellation)
    {
        try
        {
            await _atOnce.WaitAsync(cancellation);
            try
            {
                await FetchAsync(job, cancellation);
            }
            finally
            {
                _atOnce.Release();
            }
        }
        finally
        {
            _inWork.TryRemove(job.Id, out _);
        }
    }

    private async Task FetchAsync(StoredJob job, CancellationToken cancellation)
    {
        var request = JobRequestText.Root(job);
        try
        {
            var inputs = (JsonArray)request["inputs"]!;
            for (int i = 0; i < inputs.Count; i++)
            {
                string input = inputs[i]!.GetValue<string>();
                if (input.Contains("://", StringComparison.Ordinal))
                    inputs[i] = await FetchAsync(job, new Uri(input), cancellation);
            }

            await store.StartAsync(job.Id, request.ToJsonString(), cancellation);
        }
        catch (InputException unfit)
        {
            await store.CommitAsync([new Decision(job.Id, [], JobPhase.Failed, unfit.Message, [])], null, cancellation);
        }
    }

    /// <returns>Path of the archive.</returns>
    private async Task<string> FetchAsync(StoredJob job, Uri address, CancellationToken cancellation)
    {
        string folder = Path.Combine(Path.GetFullPath(settings.Uploads.Length > 0 ? settings.Uploads : Path.Combine(node.Data, "uploads")), "fetched");
        string file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(job.Owner + "\n" + address.OriginalString)))[..32] + ".zip");
        if (File.Exists(file))
            return file;
        Directory.CreateDirectory(folder);
        string unfinished = $"{file}.{Guid.NewGuid():N}.part";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(settings.HrefMinutes));
        try
        {
            using var answer = await remote.GetAsync(address, remote.HrefAllow, limit.Token);
            if (!answer.IsSuccessStatusCode)
                throw new InputException($"{address} answered {(int)answer.StatusCode}: check the link, or upload the product.");
            if (answer.Content.Headers.ContentLength > settings.UploadLimitBytes)
                throw new InputException($"{address} is larger than the {settings.UploadLimitMegabytes} MB that this service takes: ask the operator to put the product into the catalogue.");
            await using (var target = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous))
            await using (var source = await answer.Content.ReadAsStreamAsync(limit.Token))
                await CopyAsync(job, address, source, target, limit.Token);
            // The reader of products tells archives by their ending.
            string candidate = unfinished[..^".part".Length] + ".zip";
            File.Move(unfinished, candidate);
            unfinished = candidate;
            try
            {
                ProductSummary.Read(candidate);
                if (IsolatedDecoding.IsAvailable)
                    await IsolatedDecoding.CheckAsync(candidate, DecodingLimits.Default, quick: false, cancellation);
            }
            catch (InputException unfit)
            {
                throw new InputException(unfit.Message.Replace(candidate, address.ToString(), StringComparison.Ordinal).Replace(Path.GetFileName(candidate), address.ToString(), StringComparison.Ordinal), unfit);
            }

            File.Move(candidate, file, overwrite: true);
            return file;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new InputException($"{address} took longer than {settings.HrefMinutes} minutes: try again, or upload the product.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new InputException($"{address} cannot be fetched ({error.Message.TrimEnd('.')}): check the link, or upload the product.", error);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private async Task CopyAsync(StoredJob job, Uri address, Stream source, FileStream target, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 16];
        long total = 0, asked = 0;
        int read;
        while ((read = await source.ReadAsync(buffer, cancellation)) > 0)
        {
            total += read;
            if (total > settings.UploadLimitBytes)
                throw new InputException($"{address} is larger than the {settings.UploadLimitMegabytes} MB that this service takes: ask the operator to put the product into the catalogue.");
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            // Now and then: is it still wanted?
            if (total - asked > 50_000_000)
            {
                asked = total;
                if (await store.FindAsync(job.Id, cancellation) is not { Phase: JobPhase.Accepted })
                    throw new InputException("The job was dismissed while its products were being fetched.");
            }
        }
    }
}
