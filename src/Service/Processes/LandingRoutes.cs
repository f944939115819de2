using System.Text.Json.Nodes;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Processes;

/// <summary>Where a client begins: landing page and conformance.</summary>
internal static class LandingRoutes
{
    private const string Processes = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/";

    /// <summary>Only what tests hold.</summary>
    private static readonly string[] s_classes =
    [
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
        Processes + "core", Processes + "json", Processes + "oas30", Processes + "ogc-process-description", Processes + "job-list", Processes + "callback", Processes + "dismiss",
    ];

    public static void MapLanding(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Landing).AllowEverybody()
            .Describe("getLandingPage", "Capabilities", "Where everything is", new Answer(200, "The landing page", "landingPage"), Answer.Empty(302, "A browser is led to the web page"));
        routes.MapGet("/conformance", () => new JsonAnswer(new JsonObject { ["conformsTo"] = new JsonArray([.. s_classes.Select(name => (JsonNode)name)]) })).AllowEverybody()
            .Describe("getConformance", "Capabilities", "What this service conforms to", new Answer(200, "The conformance classes", "confClasses"));
    }

    private static IResult Landing(HttpContext http)
    {
        if (http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return Results.Redirect("/page/");
        return new JsonAnswer(new JsonObject
        {
            ["title"] = "GDM-OPT-ETQ",
            ["description"] = "Maps of ground displacement after an earthquake, from Sentinel-2 images taken before and after it.",
            ["links"] = new JsonArray(
                http.Link("/", "self", "This document"),
                http.Link("/page/", "alternate", "The web page", "text/html"),
                http.Link("/api", "service-desc", "Description of this interface", "application/vnd.oai.openapi+json;version=3.0"),
                http.Link("/conformance", Links.OgcRelations + "conformance", "What this service conforms to"),
                http.Link("/processes", Links.OgcRelations + "processes", "What this service computes"),
                http.Link("/jobs", Links.OgcRelations + "job-list", "Your jobs"),
                http.Link("/catalogue/products", "data", "Products that jobs may use by name")),
        });
    }
}
