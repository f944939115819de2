using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Catalogue;

/// <summary>Products that jobs may use by name, each with a picture.</summary>
internal static class CatalogueRoutes
{
    public static void MapCatalogue(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/catalogue/products", ListAsync).RequireScope(Scope.Read)
            .Describe("listProducts", "Catalogue", "Products that jobs may use by name, oldest first", new Answer(200, "The products", "productList"));
        routes.MapGet("/catalogue/products/{name}/quicklook", QuickLookAsync).RequireScope(Scope.Read)
            .Describe("getQuickLook", "Catalogue", "A small picture of a product in natural colours", new Answer(200, "The picture", null, "image/png"), Answer.NotFound);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ProductCatalogue catalogue)
    {
        var products = await catalogue.ProductsAsync(http.RequestAborted);
        return new JsonAnswer(new JsonObject
        {
            ["products"] = new JsonArray([.. products.Values.OrderBy(product => product.SensingTime).ThenBy(product => product.Name, StringComparer.Ordinal).Select(product => (JsonNode)Json(http, product))]),
        });
    }

    private static async Task<IResult> QuickLookAsync(HttpContext http, string name, ProductCatalogue catalogue)
    {
        if (await catalogue.FindAsync(name, http.RequestAborted) is not { } product)
            return Problem.NotFound("There is no product of that name: GET /catalogue/products lists those there are.", "no-such-product");
        http.Response.Headers.CacheControl = "private, max-age=86400";
        return Results.File(await catalogue.QuickLookAsync(product, http.RequestAborted), "image/png");
    }

    internal static JsonObject Json(HttpContext http, ProductSummary product)
    {
        var ring = new JsonArray();
        foreach (var (longitude, latitude) in product.Corners.Append(product.Corners[0]))
            ring.Add((JsonNode)new JsonArray(Math.Round(longitude, 6), Math.Round(latitude, 6)));
        return new JsonObject
        {
            ["name"] = product.Name,
            ["platform"] = product.Platform,
            ["tile"] = product.Tile,
            ["datetime"] = StatusInfo.Time(product.SensingTime),
            ["relativeOrbit"] = product.RelativeOrbit,
            ["baseline"] = product.Baseline,
            ["cloudCoverPercent"] = product.CloudCoverPercent,
            ["geometry"] = new JsonObject { ["type"] = "Polygon", ["coordinates"] = new JsonArray(ring) },
            ["sizeBytes"] = product.SizeBytes,
            ["links"] = new JsonArray(http.Link($"/catalogue/products/{Uri.EscapeDataString(product.Name)}/quicklook", "quicklook", "Picture", "image/png")),
        };
    }
}
