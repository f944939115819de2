using GdmOptEtq.Service.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Page;

/// <summary>The web page at <c>/page/</c>: files that src/Service/web was built into. It talks to the public routes only.</summary>
public static class PageRoutes
{
    /// <summary>Folder of the built page beside the program.</summary>
    public const string Folder = "page";

    private const string Entry = "index.html";

    /// <summary>
    /// Nothing from another host, no inline script or style, no frame around the page. Pictures behind a key are fetched by the page and shown as blobs.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapPage(this IEndpointRouteBuilder routes) => routes.MapPage(PageFile.ReadAll(Path.Combine(AppContext.BaseDirectory, Folder)));

    internal static void MapPage(this IEndpointRouteBuilder routes, IReadOnlyDictionary<string, PageFile> files)
    {
        routes.MapMethods("/page/{**path}", s_reading, (HttpContext http, string? path) => AnswerAsync(http, files, path ?? "")).AllowEverybody().ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext http, IReadOnlyDictionary<string, PageFile> files, string path)
    {
        var (request, response) = (http.Request, http.Response);
        if (path.Length == 0 && !request.Path.Value!.EndsWith('/'))
        {
            // Relative addresses in the page count from the slash.
            response.Redirect("page/");
            return;
        }

        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (!files.TryGetValue(path.Length == 0 ? Entry : path, out var file))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(
                files.Count == 0
                    ? "The web page was not built into this program: install Node.js 18 or newer, start the service with ./gdm host, and load this address again."
                    : "The page has no file of this name: go to /page/ and load the page again.",
                http.RequestAborted);
            return;
        }

        headers.ETag = file.EntityTag;
        headers.CacheControl = file.Lasting ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        if (request.Headers.IfNoneMatch.ToString().Contains(file.EntityTag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (encoding, bytes) = Encoded(file, request.Headers.AcceptEncoding.ToString());
        if (encoding.Length > 0)
            headers.ContentEncoding = encoding;
        response.ContentType = file.MediaType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(request.Method))
            await response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static (string Encoding, byte[] Bytes) Encoded(PageFile file, string accepted) => file switch
    {
        { Brotli: { } brotli } when Accepts(accepted, "br") => ("br", brotli),
        { Gzip: { } gzip } when Accepts(accepted, "gzip") => ("gzip", gzip),
        _ => ("", file.Plain),
    };

    // "br;q=0" refuses it.
    private static bool Accepts(string accepted, string encoding) => accepted.Split(',', StringSplitOptions.TrimEntries)
        .Any(part => part == encoding || (part.StartsWith(encoding + ";", StringComparison.Ordinal) && part.Replace(" ", "", StringComparison.Ordinal) is var rest && rest != encoding + ";q=0"));
}
