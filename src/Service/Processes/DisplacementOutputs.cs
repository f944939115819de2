using System.Text.Json.Nodes;

namespace GdmOptEtq.Service.Processes;

/// <summary>One output of the displacement process and where its file lies in the result.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Title">A few words, with unit and sign.</param>
/// <param name="Folder">Folder in the result; empty for its root.</param>
/// <param name="Pattern">Name of the file, with * for tile and dates.</param>
/// <param name="MediaType">What it is.</param>
internal sealed record DisplacementOutput(string Id, string Title, string Folder, string Pattern, string MediaType)
{
    public bool IsJson => MediaType is "application/json" or "application/geo+json";

    /// <summary>The file in a result folder, relative to it; null when it is not there.</summary>
    public string? Find(string resultFolder)
    {
        string folder = Path.Combine(resultFolder, Folder);
        string? found = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal).FirstOrDefault() : null;
        return found is null ? null : Path.GetRelativePath(resultFolder, found).Replace('\\', '/');
    }
}

/// <summary>What can be asked for of a finished job; everything else it left is under /jobs/{jobID}/files.</summary>
internal static class DisplacementOutputs
{
    public const string Cog = "image/tiff; application=geotiff; profile=cloud-optimized";

    public static IReadOnlyList<DisplacementOutput> All { get; } =
    [
        new("magnitude", "Magnitude of the mean displacement [m]", "Analysis", "MM_Mean_displ_magnitude_*.tif", Cog),
        new("ew", "Mean displacement East-West [m], East is positive", "Analysis", "MM_Mean_displacement_EW_*.tif", Cog),
        new("ns", "Mean displacement North-South [m], South is positive", "Analysis", "MM_Mean_displacement_NS_*.tif", Cog),
        new("quality", "Share of the pairs with a correlation above the threshold [%]", "Analysis", "MM_Quality_*.tif", Cog),
        new("sigma_ew", "Standard error of the mean displacement East-West [m]", "Analysis", "MM_Standard_error_EW_*.tif", Cog),
        new("sigma_ns", "Standard error of the mean displacement North-South [m]", "Analysis", "MM_Standard_error_NS_*.tif", Cog),
        new("job", "Record of the job: inputs, completed parameters, statistics of every pair", "", "job.json", "application/json"),
        new("stac", "STAC item of the result with all its assets", "", "stac-item.json", "application/geo+json"),
    ];

    public static JsonObject Describe()
    {
        var outputs = new JsonObject();
        foreach (var output in All)
        {
            outputs[output.Id] = new JsonObject
            {
                ["title"] = output.Title,
                ["schema"] = output.IsJson
                    ? new JsonObject { ["type"] = "object", ["contentMediaType"] = output.MediaType }
                    : new JsonObject { ["type"] = "string", ["contentEncoding"] = "binary", ["contentMediaType"] = output.MediaType },
            };
        }

        return outputs;
    }
}
