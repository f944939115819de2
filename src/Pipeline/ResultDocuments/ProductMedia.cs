namespace GdmOptEtq.Pipeline.ResultDocuments;

/// <summary>Media type and role of every kind of file in a result: the one table for the STAC item and the service's list of files.</summary>
/// <param name="MediaType">As HTTP and STAC spell it.</param>
/// <param name="Role">data, overview, visual, legend, style, metadata.</param>
public sealed record ProductMedia(string MediaType, string Role)
{
    public const string CloudOptimisedGeoTiff = "image/tiff; application=geotiff; profile=cloud-optimized";

    /// <param name="name">Name relative to the result folder.</param>
    public static ProductMedia Of(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".tif" => new(CloudOptimisedGeoTiff, "data"),
        ".png" when name.EndsWith("_overlay.png", StringComparison.Ordinal) => new("image/png", "visual"),
        ".png" when name.EndsWith("_legend.png", StringComparison.Ordinal) => new("image/png", "legend"),
        ".png" => new("image/png", "overview"),
        ".kml" => new("application/vnd.google-earth.kml+xml", "visual"),
        ".kmz" => new("application/vnd.google-earth.kmz", "visual"),
        ".qml" => new("application/xml", "style"),
        ".pgw" => new("text/plain", "metadata"),
        ".md" => new("text/markdown", "metadata"),
        ".json" when Path.GetFileName(name) == ProductNames.StacItem => new("application/geo+json", "metadata"),
        ".json" => new("application/json", "metadata"),
        _ => new("application/octet-stream", "data"),
    };
}
