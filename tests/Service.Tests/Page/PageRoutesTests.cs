using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GdmOptEtq.Service.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace GdmOptEtq.Service.Tests.Page;

/// <summary>How the page's files are sent, with a folder in the place of the built page.</summary>
public sealed class PageRoutesTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder["assets"]);
        File.WriteAllText(_folder["index.html"], "<!doctype html><title>The page</title>");
        File.WriteAllText(_folder["assets/page-ABCDEFGH.js"], "plain");
        File.WriteAllText(_folder["assets/page-ABCDEFGH.js.br"], "as brotli");
        File.WriteAllText(_folder["assets/page-ABCDEFGH.js.gz"], "as gzip");
        File.WriteAllText(_folder["secret.key"], "not to be sent");
        _app = await StartAsync(_folder.Path);
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_entry_is_asked_for_anew_and_allows_no_other_host()
    {
        using var answer = await _client.GetAsync("/page/");
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        answer.Headers.CacheControl!.ToString().ShouldBe("no-cache");
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none';");
        policy.ShouldNotContain("unsafe");
        policy.ShouldNotContain("http");
        policy.ShouldNotContain("*");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/page/") { Headers = { IfNoneMatch = { answer.Headers.ETag! } } };
        using var unchanged = await _client.SendAsync(again);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await unchanged.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("br, gzip", "br", "as brotli")]
    [InlineData("gzip", "gzip", "as gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip", "as gzip")]
    [InlineData("", "", "plain")]
    public async Task A_file_comes_in_the_best_form_that_the_browser_takes_and_stays_for_a_year(string accepted, string encoding, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/assets/page-ABCDEFGH.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var answer = await _client.SendAsync(request);
        string.Join(',', answer.Content.Headers.ContentEncoding).ShouldBe(encoding);
        Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()).ShouldBe(text);
        answer.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromDays(365));
        answer.Headers.Vary.ShouldContain("Accept-Encoding");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/javascript");
    }

    [Theory]
    [InlineData("/page/secret.key")]
    [InlineData("/page/../secret.key")]
    [InlineData("/page/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/page/assets")]
    public async Task What_is_no_file_of_the_page_is_not_there(string path)
    {
        using var answer = await _client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("not to be sent");
    }

    [Fact]
    public async Task The_address_without_its_slash_leads_to_the_one_with_it()
    {
        using var answer = await _client.GetAsync("/page");
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        new Uri(new Uri(_client.BaseAddress!, "/page"), answer.Headers.Location!).AbsolutePath.ShouldBe("/page/");
    }

    [Fact]
    public async Task Without_the_built_page_one_sentence_says_what_to_do()
    {
        await using var bare = await StartAsync(_folder["nowhere"]);
        using var answer = await _client.GetAsync(new Uri(new Uri(bare.Urls.First()), "/page/"));
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType.ShouldBe(MediaTypeHeaderValue.Parse("text/plain; charset=utf-8"));
        (await answer.Content.ReadAsStringAsync()).ShouldBe("The web page was not built into this program: install Node.js 18 or newer, start the service with ./gdm host, and load this address again.");
    }

    private static async Task<WebApplication> StartAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPage(PageFile.ReadAll(folder));
        await app.StartAsync();
        return app;
    }
}
