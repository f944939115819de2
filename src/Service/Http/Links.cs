using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GdmOptEtq.Service.Http;

/// <summary>Links of answers: absolute, from the address the client used or the one the settings name.</summary>
public static class Links
{
    public const string OgcRelations = "http://www.opengis.net/def/rel/ogc/1.0/";

    /// <summary>The absolute address of a path of this service.</summary>
    public static string Address(this HttpContext http, string path)
    {
        string publicUrl = http.RequestServices.GetRequiredService<ServiceSettings>().PublicUrl;
        string root = publicUrl.Length > 0 ? publicUrl.TrimEnd('/') : $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}";
        return root + path;
    }

    public static JsonObject Link(this HttpContext http, string path, string relation, string title, string mediaType = "application/json") => new()
    {
        ["href"] = http.Address(path),
        ["rel"] = relation,
        ["type"] = mediaType,
        ["title"] = title,
    };
}
