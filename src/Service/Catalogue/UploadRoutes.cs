using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Catalogue;

/// <summary>Uploads of products that are not in the catalogue.</summary>
internal static class UploadRoutes
{
    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/uploads", UploadAsync).RequireScope(Scope.Submit)
            .Describe("uploadProduct", "Catalogue", "Upload the zip archive of a Sentinel-2 L1C product", new Answer(201, "The upload; its member input is how a job names it", "upload"), Answer.BadRequest)
            .Takes(new RouteBody("application/zip", null, "The archive as it was downloaded"));
        routes.MapDelete("/uploads/{uploadID}", Delete).RequireScope(Scope.Submit)
            .Describe("deleteUpload", "Catalogue", "Remove an upload of yours", Answer.Empty(204, "It is gone"), Answer.NotFound);
    }

    private static async Task<IResult> UploadAsync(HttpContext http, UploadStore uploads, ServiceSettings settings)
    {
        string type = (http.Request.ContentType ?? "").Split(';')[0].Trim();
        if (type is not ("application/zip" or "application/x-zip-compressed" or "application/octet-stream"))
            return Problem.OfStatus(415, "An upload is the zip archive of a Sentinel-2 L1C product: send its bytes with the header 'Content-Type: application/zip'.");
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.UploadLimitBytes + 1;
        try
        {
            var (id, product) = await uploads.KeepAsync(http.Request.Body, http.Request.ContentLength, http.Caller(), http.RequestAborted);
            var answer = CatalogueRoutes.Json(http, product);
            answer.Remove("links");
            answer["id"] = id;
            answer["input"] = UploadStore.Prefix + id;
            http.Response.Headers.Location = http.Address($"/uploads/{id}");
            return new JsonAnswer(answer, StatusCodes.Status201Created);
        }
        catch (InputException unfit)
        {
            return Problem.BadRequest(unfit.Message, "unusable-upload");
        }
    }

    private static IResult Delete(HttpContext http, string uploadID, UploadStore uploads) =>
        uploads.Delete(uploadID, http.Caller()) ? Results.NoContent() : Problem.NotFound("There is no such upload of yours.", "no-such-upload");
}
