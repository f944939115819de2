namespace GdmOptEtq.Service.Tests.Files;

/// <summary>Measures the memory of this process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class LargeResultTests(FinishedResult finished) : IClassFixture<FinishedResult>
{
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData("archive.zip")]
    [InlineData("files/Analysis/large-0.tif")]
    public async Task Half_a_gigabyte_streams_while_the_process_grows_by_less_than_50_megabytes(string route)
    {
        string folder = finished.NewFolder(route.Replace('/', '-'));
        int files = route == "archive.zip" ? 4 : 1;
        for (int i = 0; i < files; i++)
        {
            // Sparse: it takes no room on the disk and all of it on the wire.
            using var large = File.Create(Path.Combine(folder, "Analysis", $"large-{i}.tif"));
            large.SetLength(512 * Megabyte / files);
        }

        string job = await finished.AddAsync(folder);
        byte[] buffer = new byte[64 * 1024];
        // Once for the code that is compiled on first use.
        await ReadAsync($"/jobs/{job}/files/README.md", buffer);
        GC.Collect();
        long before = Environment.WorkingSet, highest = 0;
        long bytes = await ReadAsync($"/jobs/{job}/{route}", buffer, () => highest = Math.Max(highest, Environment.WorkingSet));
        bytes.ShouldBeGreaterThanOrEqualTo(512 * Megabyte);
        (highest - before).ShouldBeLessThan(50 * Megabyte);
    }

    private async Task<long> ReadAsync(string url, byte[] buffer, Action? everyMegabytes = null)
    {
        using var answer = await finished.Service.Client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync();
        long bytes = 0, measured = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; bytes += read)
        {
            if (bytes - measured < 8 * Megabyte)
                continue;
            measured = bytes;
            everyMegabytes?.Invoke();
        }

        return bytes;
    }
}
