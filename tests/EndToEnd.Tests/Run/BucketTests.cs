using System.Diagnostics;
using System.Security.Cryptography;

namespace GdmOptEtq.EndToEnd.Tests.Run;

/// <summary>Images and elevations in a bucket, by way of GDAL, from an S3-compatible server on loopback.</summary>
public sealed class BucketTests
{
    private const string Server = "tests/EndToEnd.Tests/Run/bucket";

    [NodeFact(Server)]
    public async Task Images_and_elevations_read_from_a_bucket_give_the_rasters_of_those_on_disk()
    {
        using var folder = new ScratchFolder();
        string scene = folder["scene"];
        var simulated = GdmProcess.Run("simulate", "--out", scene, "--size-pixels", "240", "--images-before", "1", "--images-after", "1", "--bands", "B04");
        simulated.ExitCode.ShouldBe(0, simulated.Error);
        string[] products = [.. Directory.GetDirectories(scene, "*.SAFE").Select(path => Path.GetFileName(path)).Order()];
        products.Length.ShouldBe(2);

        using var server = Process.Start(new ProcessStartInfo("node", ["serve.js", folder["bucket"]])
        {
            WorkingDirectory = Path.Combine(SharedData.RepositoryRoot, Server), RedirectStandardOutput = true,
        })!;
        try
        {
            string port = (await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)))!;
            using (var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/gdm/") })
            {
                foreach (string file in Directory.GetFiles(scene, "*", SearchOption.AllDirectories))
                {
                    using var content = new ByteArrayContent(File.ReadAllBytes(file));
                    using var answer = await http.PutAsync(Path.GetRelativePath(scene, file), content);
                    answer.EnsureSuccessStatusCode();
                }
            }

            Run(port, "/vsis3/gdm", folder["of-bucket"], products);
            Run(port, scene, folder["of-disk"], products);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }

        var ofDisk = Digests(folder["of-disk"]);
        ofDisk.Count.ShouldBeGreaterThan(15);
        Digests(folder["of-bucket"]).ShouldBe(ofDisk, ignoreOrder: true);
    }

    private static void Run(string port, string place, string output, string[] products)
    {
        string[] words =
        [
            "run", .. products.Select(product => $"{place}/{product}"), "--dem", $"{place}/dem.tif", "--split-date", "2019-07-06", "--cloud-mask", "false", "--snow-mask", "false", "--out", output,
        ];
        using var process = GdmProcess.Start(words, new Dictionary<string, string>
        {
            ["AWS_S3_ENDPOINT"] = $"127.0.0.1:{port}", ["AWS_HTTPS"] = "NO", ["AWS_VIRTUAL_HOSTING"] = "FALSE", ["AWS_ACCESS_KEY_ID"] = "S3RVER", ["AWS_SECRET_ACCESS_KEY"] = "S3RVER",
        });
        var text = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, text.Result + error);
    }

    private static Dictionary<string, string> Digests(string folder) => Directory
        .GetFiles(folder, "*.tif", SearchOption.AllDirectories).Where(file => !file.Contains("/.gdm-", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
}
