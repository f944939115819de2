using System.Text.Json.Nodes;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Processes;

namespace GdmOptEtq.Service.Catalogue;

/// <summary>Where one product of a job is.</summary>
/// <param name="Path">On this installation's disk; null while it has to be fetched.</param>
/// <param name="Address">Where it is fetched from; null for what is here.</param>
/// <param name="Label">As the user knows it.</param>
internal sealed record InputSource(string? Path, Uri? Address, string Label);

/// <summary>
/// Turns what a request names into files: a name of the catalogue, a path inside the configured folders, an upload of the same owner, a link to an allowed
/// server. Everything else is refused with a reason.
/// </summary>
internal sealed class InputSources(ProductCatalogue catalogue, UploadStore uploads, RemoteAccess remote)
{
    /// <summary>The product that <paramref name="value"/> names, or why there is none.</summary>
    public async Task<(InputSource? Source, string Reason)> FindAsync(JsonNode? value, Caller caller, CancellationToken cancellation)
    {
        if (ExecuteRequest.Text(value) is { } text)
            return await NamedAsync(text, caller, cancellation);
        if (value is JsonObject link && ExecuteRequest.Text(link["href"]) is { } href)
            return Linked(href, caller);
        return (null, "The input products holds something that is neither a text nor a link: give names of products, 'upload:ID', or {\"href\": \"https://...\"}.");
    }

    /// <summary>A file inside the configured folders; null for everything else, addresses and GDAL's virtual paths included.</summary>
    public string? FindFile(string path) =>
        IsPlain(path) && System.IO.Path.IsPathRooted(path) && System.IO.Path.Exists(path) && catalogue.Holds(path) ? System.IO.Path.GetFullPath(path) : null;

    private async Task<(InputSource?, string)> NamedAsync(string text, Caller caller, CancellationToken cancellation)
    {
        if (text.StartsWith(UploadStore.Prefix, StringComparison.Ordinal))
        {
            return uploads.Find(text[UploadStore.Prefix.Length..], caller) is { } upload
                ? (new InputSource(upload, null, text), "")
                : (null, $"There is no {Short(text)} of yours: upload the product first with POST /uploads.");
        }

        if (text.Contains("://", StringComparison.Ordinal))
            return Linked(text, caller);
        if (text.Contains('/') || text.Contains('\\'))
        {
            return FindFile(text) is { } path
                ? (new InputSource(path, null, System.IO.Path.GetFileName(path.TrimEnd('/'))), "")
                : (null, "A product is named by a path that is not in the products folders of this service: give a name that GET /catalogue/products lists, or upload it.");
        }

        return await catalogue.FindAsync(text, cancellation) is { } product
            ? (new InputSource(product.Source, null, product.Name), "")
            : (null, $"There is no product '{Short(text)}': GET /catalogue/products lists those there are, and POST /uploads takes others.");
    }

    private (InputSource?, string) Linked(string href, Caller caller)
    {
        // Our own uploads may be given by their address, too.
        if (Uri.TryCreate(href, UriKind.Absolute, out var address) && address.AbsolutePath.StartsWith("/uploads/", StringComparison.Ordinal)
            && uploads.Find(address.AbsolutePath["/uploads/".Length..], caller) is { } upload)
        {
            return (new InputSource(upload, null, href), "");
        }

        return RemoteAccess.Refusal(href, remote.HrefAllow, "href-allow") is { } reason ? (null, reason) : (new InputSource(null, new Uri(href), href), "");
    }

    private static bool IsPlain(string path) => !path.Contains('\0') && !path.StartsWith("/vsi", StringComparison.Ordinal);

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
