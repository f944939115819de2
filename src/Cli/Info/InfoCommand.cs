using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Info;

/// <summary><c>gdm info</c>: what a product or a result is.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "Sentinel-2 L1C product (.SAFE folder or zip), or the folder of a result.", HelpName = "PRODUCT|RESULT" };
        var tile = new Option<string?>("--tile") { Description = "Tile of a product that holds several.", HelpName = "TILE" };
        var json = SharedOptions.Json();
        var command = new Command("info", "Describe a product or a result.") { path, tile, json };
        command.SetAction(parsed =>
        {
            string place = parsed.GetValue(path)!, record = Path.Combine(place, Pipeline.ProductNames.JobFile);
            var facts = File.Exists(record) ? OfResult(record) : OfProduct(SafeProduct.Open(place, parsed.GetValue(tile)));
            if (parsed.GetValue(json))
                Console.Out.WriteLine(facts.ToJsonString(JsonText.Readable));
            else
                Write(facts, 0, Console.Out);
            return ExitCode.Ok;
        });
        return command;
    }

    private static JsonObject OfProduct(SafeProduct product)
    {
        var facts = new JsonObject
        {
            ["product"] = product.Name,
            ["tile"] = product.Tile,
            ["tilesInProduct"] = string.Join(", ", product.TilesInProduct),
            ["spacecraft"] = product.Spacecraft,
            ["datatakeStart"] = product.DatatakeStart.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["processingBaseline"] = product.ProcessingBaseline,
            ["relativeOrbit"] = product.RelativeOrbit,
            ["orbitDirection"] = product.OrbitDirection,
            ["quantificationValue"] = product.QuantificationValue,
            ["radiometricOffsetB04"] = product.RadiometricOffset(SafeBand.B04),
            ["declaredCloudCoverPercent"] = product.DeclaredCloudCoverPercent,
            ["bands"] = string.Join(", ", product.Bands.Select(b => product.HasBand(b) ? b.Name : $"{b.Name} (missing)")),
        };
        if (product.HasTileMetadata)
        {
            facts["sensingTime"] = product.SensingTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            facts["grid10m"] = product.Grid(10).ToString();
            facts["sunZenithDegrees"] = Math.Round(product.MeanSunAngle.ZenithDegrees, 2);
            facts["sunAzimuthDegrees"] = Math.Round(product.MeanSunAngle.AzimuthDegrees, 2);
        }

        return facts;
    }

    private static JsonObject OfResult(string record)
    {
        try
        {
            var job = JsonNode.Parse(File.ReadAllText(record))!.AsObject();
            var facts = new JsonObject();
            foreach (string name in (string[])["state", "started", "finished", "tile", "grid", "convention", "inputs", "terrain", "pairs", "masks", "pixels", "pixelsWithMean", "warnings", "versions", "products"])
            {
                if (job[name] is { } value)
                    facts[name] = value.DeepClone();
            }

            return facts;
        }
        catch (System.Text.Json.JsonException cause)
        {
            throw new InputException($"{record} is not valid JSON: run the job again to make a complete result.", cause);
        }
    }

    private static void Write(JsonNode? node, int depth, TextWriter output)
    {
        string indent = new(' ', 2 * depth);
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    if (value is JsonObject or JsonArray { Count: > 0 } && !Short(value))
                    {
                        output.WriteLine($"{indent}{name}:");
                        Write(value, depth + 1, output);
                    }
                    else
                    {
                        output.WriteLine($"{indent}{name}: {Text(value)}");
                    }
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    if (item is JsonObject)
                    {
                        Write(item, depth, output);
                        output.WriteLine();
                    }
                    else
                    {
                        output.WriteLine($"{indent}{Text(item)}");
                    }
                }

                break;
        }
    }

    private static bool Short(JsonNode node) => node is JsonArray list && list.All(i => i is JsonValue) && node.ToJsonString().Length < 100;

    private static string Text(JsonNode? node) => node switch
    {
        null => "unknown",
        JsonArray list => string.Join(", ", list.Select(Text)),
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => node.ToJsonString(),
    };
}
