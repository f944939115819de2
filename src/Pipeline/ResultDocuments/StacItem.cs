using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Pipeline.ResultDocuments;

/// <summary>
/// The result as a STAC 1.1.0 item (extensions projection 2.0.0, raster 2.0.0, processing 1.2.0): every file an asset with role and media type, every raster
/// with unit, sign, place and statistics, the input products as <c>derived_from</c>. Nothing in it depends on when or where the job ran.
/// </summary>
internal static partial class StacItem
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json(ResultSubject subject, IReadOnlyList<ProductFile> rasters, Footprint footprint, IReadOnlyList<string> names)
    {
        var place = footprint.ToGeoJson();
        var item = new JsonObject
        {
            ["type"] = "Feature",
            ["stac_version"] = "1.1.0",
            ["stac_extensions"] = new JsonArray(
                "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
                "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
                "https://stac-extensions.github.io/processing/v1.2.0/schema.json"),
            ["id"] = subject.Identifier,
            ["geometry"] = place?.Geometry,
        };
        // Without a geometry an item must not have a bounding box.
        if (place is { } known)
            item["bbox"] = known.Box;
        item["properties"] = Properties(subject);
        item["links"] = new JsonArray([.. subject.Inputs.Select(DerivedFrom), .. subject.Parts.Select(Part)]);
        var assets = new JsonObject();
        foreach (var raster in rasters)
            assets[raster.Key] = Raster(raster);
        foreach (string name in names.Where(name => name != ProductNames.StacItem && rasters.All(raster => raster.Name != name)))
            assets[KeyOf(name)] = File(name, rasters);
        item["assets"] = assets;
        return item.ToJsonString(s_readable) + "\n";
    }

    private static JsonObject Properties(ResultSubject subject) => new()
    {
        ["title"] = $"GDM-OPT-ETQ displacement {subject.Place}",
        ["description"] = subject.Summary,
        ["datetime"] = null,
        ["start_datetime"] = Time(subject.Begin),
        ["end_datetime"] = Time(subject.End),
        ["constellation"] = "sentinel-2",
        ["instruments"] = new JsonArray("msi"),
        ["gsd"] = subject.Grid.PixelSizeMetres,
        ["proj:code"] = $"EPSG:{subject.Grid.EpsgCode}",
        ["processing:level"] = "L3",
        ["processing:lineage"] = subject.Summary + " Displacements are relative: the far field is taken as stable.",
        ["processing:version"] = JobRecord.SoftwareVersion,
        ["processing:software"] = new JsonObject { ["GDM-OPT-ETQ"] = JobRecord.SoftwareVersion, ["GDAL"] = GdalLibrary.Version },
        ["gdm:state"] = subject.HasGaps ? "succeededWithGaps" : "succeeded",
        ["gdm:parameters"] = ParameterDocuments.Json(subject.Parameters),
    };

    private static JsonObject Raster(ProductFile file)
    {
        var grid = file.Grid!;
        var asset = Head(file.Name, file.Title, file.Options.Description);
        asset["bands"] = new JsonArray(new JsonObject { ["name"] = file.Key });
        asset["data_type"] = file.DataType;
        if (file.NoData is { } noData)
            asset["nodata"] = noData is double value ? JsonValue.Create(value) : JsonValue.Create((string)noData);
        if (file.Options.Unit.Length > 0)
            asset["unit"] = file.Options.Unit;
        if (file.Positive is { } positive)
            asset["gdm:positive"] = positive;
        if (file is { Statistics: { Count: > 0 } s, Options.Categorical: false })
        {
            asset["statistics"] = new JsonObject
            {
                ["minimum"] = Digits(s.Minimum), ["maximum"] = Digits(s.Maximum), ["mean"] = Digits(s.Mean), ["stddev"] = Digits(s.StandardDeviation),
                ["count"] = s.Count, ["valid_percent"] = Math.Round(s.ValidPercent, 2),
            };
        }

        asset["raster:spatial_resolution"] = grid.PixelSizeMetres;
        asset["raster:sampling"] = "area";
        if (file.Quantisation is { } q)
            (asset["raster:scale"], asset["raster:offset"]) = (q.Scale, q.Offset);
        asset["proj:code"] = $"EPSG:{grid.EpsgCode}";
        asset["proj:shape"] = new JsonArray(grid.Height, grid.Width);
        asset["proj:transform"] = new JsonArray(grid.PixelSizeMetres, 0, grid.OriginX, 0, -grid.PixelSizeMetres, grid.OriginY);
        asset["proj:bbox"] = new JsonArray(grid.OriginX, grid.Northing(grid.Height), grid.Easting(grid.Width), grid.OriginY);
        return asset;
    }

    private static JsonObject File(string name, IReadOnlyList<ProductFile> rasters)
    {
        string? described = rasters.FirstOrDefault(r => Path.GetFileNameWithoutExtension(r.Name) == Path.GetFileNameWithoutExtension(name).Replace("_overlay", "").Replace("_legend", ""))?.Title;
        string title = ProductMedia.Of(name).Role switch
        {
            "style" => $"QGIS style: {described}",
            "overview" => $"Preview with legend: {described}",
            "legend" => $"Legend: {described}",
            "visual" when described is null => "All previews, for globes and phones",
            "visual" => $"Overlay: {described}",
            _ when name.EndsWith(".pgw", StringComparison.Ordinal) => $"World file: {described}",
            _ when name == ProductNames.ReadMe => "What the files are, with their quality and how to cite them",
            _ => "Inputs, completed parameters, pixel counts, timings",
        };
        return Head(name, title, null);
    }

    private static JsonObject Head(string name, string title, string? description)
    {
        var (mediaType, role) = ProductMedia.Of(name);
        var head = new JsonObject { ["href"] = $"./{name}", ["title"] = title };
        if (description is not null)
            head["description"] = description;
        head["type"] = mediaType;
        head["roles"] = new JsonArray(role);
        return head;
    }

    /// <summary>The address under which the Copernicus Data Space Ecosystem's own STAC catalogue lists a product of this name.</summary>
    private static JsonObject DerivedFrom(string product)
    {
        string id = product.EndsWith(".SAFE", StringComparison.OrdinalIgnoreCase) ? product[..^".SAFE".Length] : product;
        return new JsonObject
        {
            ["rel"] = "derived_from",
            ["href"] = $"https://stac.dataspace.copernicus.eu/v1/collections/sentinel-2-l1c/items/{Uri.EscapeDataString(id)}",
            ["type"] = "application/geo+json",
            ["title"] = id,
        };
    }

    /// <summary>The item of one tile of a mosaic, in the folder named after it.</summary>
    private static JsonObject Part(string tile) => new()
    {
        ["rel"] = "related", ["href"] = $"./{tile}/{ProductNames.StacItem}", ["type"] = ProductMedia.Of(ProductNames.StacItem).MediaType, ["title"] = $"Tile {tile}",
    };

    // Folder and ending tell files of one stem apart.
    private static string KeyOf(string name) => NotInKey().Replace(name, "_").ToLowerInvariant();

    private static JsonValue Digits(double value) => JsonValue.Create(double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotInKey();
}
