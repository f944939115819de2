using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using GdmOptEtq.Cluster.Coordinator;

namespace GdmOptEtq.Service.Tests.Files;

public sealed class FileRoutesTests(FinishedResult finished) : IClassFixture<FinishedResult>
{
    private const string Raster = "Analysis/MM_Mean_displacement_EW_T11SMV_20190628_to_20190713.tif";

    private HttpClient Client => finished.Service.Client;

    [Fact]
    public async Task The_list_names_every_file_with_size_media_type_and_role_and_its_address_works()
    {
        string job = await finished.AddAsync(finished.NewFolder("list"));
        var list = await finished.Service.GetAsync($"/jobs/{job}/files");
        var files = list["files"]!.AsArray().ToDictionary(f => f!["name"]!.GetValue<string>(), f => f!);
        files.Keys.Order(StringComparer.Ordinal).ShouldBe(["Analysis/MM_Mean_displacement_EW_T11SMV_20190628_to_20190713.qml", Raster, "Preview/p.png", "README.md", "job.json", "stac-item.json"]);
        (files[Raster]["bytes"]!.GetValue<long>(), files[Raster]["role"]!.GetValue<string>()).ShouldBe((10, "data"));
        files[Raster]["mediaType"]!.GetValue<string>().ShouldBe("image/tiff; application=geotiff; profile=cloud-optimized");
        list["bytes"]!.GetValue<long>().ShouldBe(files.Values.Sum(f => f["bytes"]!.GetValue<long>()));
        foreach (var file in files.Values)
            (await Client.GetByteArrayAsync(file["href"]!.GetValue<string>())).Length.ShouldBe((int)file["bytes"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_part_of_a_file_a_whole_one_and_its_headers_alone()
    {
        string job = await finished.AddAsync(finished.NewFolder("range"));
        string url = $"/jobs/{job}/files/{Raster}";
        using var whole = await Client.GetAsync(url);
        (await whole.Content.ReadAsStringAsync()).ShouldBe("0123456789");
        whole.Content.Headers.ContentType!.ToString().ShouldBe("image/tiff; application=geotiff; profile=cloud-optimized");
        whole.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        whole.Content.Headers.ContentDisposition.FileName.ShouldBe(Path.GetFileName(Raster));
        whole.Headers.AcceptRanges.ShouldContain("bytes");
        whole.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        whole.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        foreach (var (range, text) in new[] { (new RangeHeaderValue(2, 4), "234"), (new RangeHeaderValue(7, null), "789"), (new RangeHeaderValue(null, 3), "789") })
        {
            using var part = await SendAsync(url, HttpMethod.Get, request => request.Headers.Range = range);
            part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
            (await part.Content.ReadAsStringAsync()).ShouldBe(text);
            part.Content.Headers.ContentRange!.Length.ShouldBe(10);
        }

        using var beyond = await SendAsync(url, HttpMethod.Get, request => request.Headers.Range = new RangeHeaderValue(50, 60));
        beyond.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        using var head = await SendAsync(url, HttpMethod.Head);
        (head.StatusCode, head.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, 10));
        (await head.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unchanged_file_is_not_sent_again_and_a_changed_one_has_another_tag()
    {
        string folder = finished.NewFolder("tag"), job = await finished.AddAsync(folder), url = $"/jobs/{job}/files/{Raster}";
        using var first = await Client.GetAsync(url);
        var tag = first.Headers.ETag!;
        using var again = await SendAsync(url, HttpMethod.Get, request => request.Headers.IfNoneMatch.Add(tag));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        File.WriteAllText(Path.Combine(folder, Raster), "another content");
        using var changed = await SendAsync(url, HttpMethod.Get, request => request.Headers.IfNoneMatch.Add(tag));
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        changed.Headers.ETag.ShouldNotBe(tag);
        // A resumed download of a file that has changed starts anew instead of joining two halves.
        using var resumed = await SendAsync(url, HttpMethod.Get, request =>
        {
            request.Headers.Range = new RangeHeaderValue(5, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        });
        (await resumed.Content.ReadAsStringAsync()).ShouldBe("another content");
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("..%2fsecret.txt")]
    [InlineData("%2e%2e/secret.txt")]
    [InlineData("%2e%2e%2fsecret.txt")]
    [InlineData("Analysis/../../secret.txt")]
    [InlineData("Analysis/..%2f..%2fsecret.txt")]
    [InlineData("Analysis%2f..%2fREADME.md")]
    [InlineData("%252e%252e%252fsecret.txt")]
    [InlineData("..\\secret.txt")]
    [InlineData("..%5csecret.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("link.txt")]
    [InlineData("linked/passwd")]
    [InlineData(".gdm-work/key")]
    [InlineData("README.md%00.png")]
    [InlineData("readme.MD")]
    [InlineData("Analysis")]
    [InlineData("Analysis/")]
    public async Task No_spelling_of_a_name_leads_out_of_the_result(string spelling)
    {
        string folder = finished.NewFolder($"traversal-{Guid.NewGuid():N}");
        File.WriteAllText(Path.Combine(folder, "..", "secret.txt"), "secret");
        File.CreateSymbolicLink(Path.Combine(folder, "link.txt"), "../secret.txt");
        Directory.CreateSymbolicLink(Path.Combine(folder, "linked"), "/etc");
        string job = await finished.AddAsync(folder);
        // Written to the socket as it stands: a client would tidy the path before sending it.
        string answer = await RawAsync($"GET /jobs/{job}/files/{spelling} HTTP/1.1");
        int status = int.Parse(answer.Split(' ')[1]);
        status.ShouldBeInRange(400, 404);
        answer.ShouldNotContain("secret\n");
        answer.ShouldNotContain("root:");
        answer.ShouldNotContain("   at ");
        answer.Split("\r\n\r\n")[^1].ShouldNotBe("secret");
    }

    [Fact]
    public async Task The_archive_unpacks_to_the_files_of_the_list()
    {
        string folder = finished.NewFolder("archive"), job = await finished.AddAsync(folder);
        using var answer = await Client.GetAsync($"/jobs/{job}/archive.zip");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/zip");
        answer.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldBe($"gdm-opt-etq-{job}.zip");
        using var archive = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync()));
        archive.Entries.Count.ShouldBe(6);
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            reader.ReadToEnd().ShouldBe(File.ReadAllText(Path.Combine(folder, entry.FullName[$"gdm-opt-etq-{job}/".Length..])));
        }

        using var head = await SendAsync($"/jobs/{job}/archive.zip", HttpMethod.Head);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(JobPhase.Accepted, "result-not-ready")]
    [InlineData(JobPhase.Running, "result-not-ready")]
    [InlineData(JobPhase.Failed, "no-files")]
    [InlineData(JobPhase.Cancelled, "no-files")]
    public async Task A_job_without_a_result_says_so_on_each_route(JobPhase phase, string type)
    {
        string job = await finished.AddAsync(finished.NewFolder($"phase-{phase}"), phase);
        foreach (string route in (string[])["files", $"files/{Raster}", "archive.zip"])
        {
            var (answer, body) = await finished.Service.SendAsync("GET", $"/jobs/{job}/{route}");
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            body["type"]!.GetValue<string>().ShouldEndWith(type);
        }
    }

    [Fact]
    public async Task A_result_that_somebody_removed_and_an_unknown_job_are_not_found()
    {
        string folder = finished.NewFolder("removed"), job = await finished.AddAsync(folder);
        Directory.Delete(folder, recursive: true);
        foreach (string id in (string[])[job, "nobody"])
            (await Client.GetAsync($"/jobs/{id}/files")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private Task<HttpResponseMessage> SendAsync(string url, HttpMethod method, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(method, url);
        change?.Invoke(request);
        return Client.SendAsync(request);
    }

    private async Task<string> RawAsync(string firstLine)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(finished.Service.Address.Host, finished.Service.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{firstLine}\r\nHost: {finished.Service.Address.Authority}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
