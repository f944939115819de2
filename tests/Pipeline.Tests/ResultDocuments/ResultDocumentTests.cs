using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Tests.LocalRun;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Tests.ResultDocuments;

/// <summary>One finished job, looked at by the programs that its users have.</summary>
public sealed class FinishedJob : IDisposable
{
    private readonly TinyJob _job = new();

    public FinishedJob()
    {
        Places = _job.Places("result");
        Products = _job.Run(TinyJob.Parameters, Places).Result.Products;
    }

    public RunPlaces Places { get; }

    public IReadOnlyList<string> Products { get; }

    public string PathOf(string product) => Path.Combine(Places.Out, product);

    public string TextOf(string product) => File.ReadAllText(PathOf(product));

    public string Single(string start) => Products.Single(p => p.StartsWith(start, StringComparison.Ordinal) && p.EndsWith(".tif", StringComparison.Ordinal));

    /// <summary>The same job again, elsewhere.</summary>
    public RunPlaces Again(string name, int threads)
    {
        var places = _job.Places(name);
        _job.Run(TinyJob.Parameters, places, threads);
        return places;
    }

    public void Dispose() => _job.Dispose();
}

public sealed partial class ResultDocumentTests(FinishedJob job) : IClassFixture<FinishedJob>
{
    private const string StacCheck = "tests/Pipeline.Tests/ResultDocuments/stac";

    [CogValidatorFact]
    public void Every_raster_of_a_job_passes_gdals_own_cog_validator() =>
        CogValidatorFactAttribute.Validate([.. job.Products.Where(p => p.EndsWith(".tif", StringComparison.Ordinal)).Select(job.PathOf)]);

    [NodeFact(StacCheck)]
    public void The_stac_item_is_valid_with_its_extensions()
    {
        var (exitCode, output) = NodeFactAttribute.Run(StacCheck, "check.mjs", job.PathOf("stac-item.json"));
        output.ShouldBe("");
        exitCode.ShouldBe(0);
    }

    [NodeFact(StacCheck)]
    public void The_check_of_stac_items_finds_faults()
    {
        var item = JsonNode.Parse(job.TextOf("stac-item.json"))!;
        item["properties"]!["proj:code"] = 32611;
        item["properties"]!["processing:software"] = "GDM";
        item["properties"]!.AsObject().Remove("end_datetime");
        item["assets"]!["quality"]!["data_type"] = "float";
        string broken = job.PathOf("../broken-item.json");
        File.WriteAllText(broken, item.ToJsonString());
        var (exitCode, output) = NodeFactAttribute.Run(StacCheck, "check.mjs", broken);
        exitCode.ShouldBe(1, output);
        foreach (string fault in (string[])["proj:code", "processing:software", "end_datetime", "data_type"])
            output.ShouldContain(fault);
    }

    [Fact]
    public void The_stac_item_has_every_file_as_an_asset_that_is_there()
    {
        var item = JsonNode.Parse(job.TextOf("stac-item.json"))!;
        string[] files = [.. item["assets"]!.AsObject().Select(a => a.Value!["href"]!.GetValue<string>())];
        files.Select(f => f["./".Length..]).Append("stac-item.json").Order().ShouldBe(job.Products.Order());
        item["links"]!.AsArray().Select(l => l!["title"]!.GetValue<string>()).Count(t => t.StartsWith("S2", StringComparison.Ordinal)).ShouldBe(4);
        item["properties"]!["start_datetime"]!.GetValue<string>().ShouldBe("2019-06-28T18:39:21Z");
        item["properties"]!["gdm:parameters"]!["splitDate"]!.GetValue<string>().ShouldBe(TinyScene.SplitDate);
    }

    [Fact]
    public void Assets_tell_unit_sign_place_and_the_statistics_of_their_pixels()
    {
        var assets = JsonNode.Parse(job.TextOf("stac-item.json"))!["assets"]!;
        var south = assets["mean_displacement_ns"]!;
        (south["unit"]!.GetValue<string>(), south["gdm:positive"]!.GetValue<string>(), south["nodata"]!.GetValue<string>()).ShouldBe(("m", "South", "nan"));
        south["proj:transform"]!.AsArray().Select(v => v!.GetValue<double>()).ShouldBe([10, 0, 399960, 0, -10, 4000020]);
        using var file = RasterFile.Open(job.PathOf(south["href"]!.GetValue<string>()));
        float[] known = [.. file.Read<float>(1).Pixels.Where(float.IsFinite)];
        var statistics = south["statistics"]!;
        statistics["minimum"]!.GetValue<double>().ShouldBe(known.Min(), 1e-5);
        statistics["maximum"]!.GetValue<double>().ShouldBe(known.Max(), 1e-5);
        statistics["mean"]!.GetValue<double>().ShouldBe(known.Average(v => (double)v), 1e-5);
        statistics["count"]!.GetValue<long>().ShouldBe(known.Length);
        assets["spectral_mask_20190628"]!["nodata"]!.GetValue<double>().ShouldBe(1);
        var score = assets["correlation_20190628_20190708"]!;
        (255 * score["raster:scale"]!.GetValue<double>() + score["raster:offset"]!.GetValue<double>()).ShouldBe(1, 1e-9);
        (128 * score["raster:scale"]!.GetValue<double>() + score["raster:offset"]!.GetValue<double>()).ShouldBe(0, 1e-9);
    }

    [Fact]
    public void Every_raster_has_a_style_and_signed_ones_are_symmetric_about_zero_within_their_values()
    {
        foreach (string product in job.Products.Where(p => p.EndsWith(".tif", StringComparison.Ordinal)))
        {
            var style = XDocument.Parse(job.TextOf(Path.ChangeExtension(product, ".qml")));
            var renderer = style.Descendants("rasterrenderer").Single();
            if (renderer.Attribute("type")!.Value == "paletted" || renderer.Descendants("colorrampshader").Single().Attribute("colorRampType")!.Value == "DISCRETE")
                continue;
            double[] stops = [.. style.Descendants("item").Select(i => double.Parse(i.Attribute("value")!.Value, CultureInfo.InvariantCulture))];
            stops.Order().SequenceEqual(stops).ShouldBeTrue(product);
            double low = double.Parse(renderer.Attribute("classificationMin")!.Value, CultureInfo.InvariantCulture), high = double.Parse(renderer.Attribute("classificationMax")!.Value, CultureInfo.InvariantCulture);
            (stops[0], stops[^1]).ShouldBe((low, high), product);
            if (!product.Contains("_displ", StringComparison.Ordinal))
                continue;
            using var file = RasterFile.Open(job.PathOf(product));
            double[] sizes = [.. file.Read<float>(1).Pixels.Where(float.IsFinite).Select(v => Math.Abs((double)v)).Order()];
            high.ShouldBe(sizes[(int)(0.98 * sizes.Length)], 0.02 * sizes[^1] + 1e-6, product);
            low.ShouldBe(product.Contains("magnitude", StringComparison.Ordinal) ? 0 : -high, product);
        }
    }

    [Fact]
    public void Styles_of_codes_name_every_code()
    {
        string mask = job.TextOf(Path.ChangeExtension(job.Single("Masks/T11SMV_20190628_spectral"), ".qml"));
        XDocument.Parse(mask).Descendants("paletteEntry").Select(e => e.Attribute("label")!.Value).ShouldBe(["clear", "null", "cloud", "cloud shadow", "snow", "water"]);
        var validity = XDocument.Parse(job.TextOf(Path.ChangeExtension(job.Single("Displacements/MM_Validity_T11SMV_20190628_20190708"), ".qml"))).Descendants("item").ToArray();
        validity.Select(e => e.Attribute("label")!.Value).ShouldBe(Enum.GetValues<Validity>().Order().Select(v => v.ToString()));
        // 4 is cloud alone, 7 is cloud with both lower bits: one class, which ends at 7.
        validity.Single(e => e.Attribute("label")!.Value == "Cloud").Attribute("value")!.Value.ShouldBe("7");
    }

    [Fact]
    public void The_overlay_archive_holds_every_preview_with_legend_and_dates()
    {
        using var archive = ZipFile.OpenRead(job.PathOf(job.Products.Single(p => p.EndsWith(".kmz", StringComparison.Ordinal))));
        archive.Entries[0].FullName.ShouldBe("doc.kml");
        using var stream = archive.Entries[0].Open();
        var kml = XDocument.Load(stream);
        string[] pictures = [.. kml.Descendants().Where(e => e.Name.LocalName == "href").Select(e => e.Value)];
        pictures.Length.ShouldBe(8);
        foreach (string picture in pictures)
            archive.GetEntry(picture).ShouldNotBeNull(picture).Length.ShouldBeGreaterThan(100);
        kml.Descendants().Where(e => e.Name.LocalName == "begin").Select(e => e.Value).Distinct().ShouldBe(["2019-06-28T18:39:21Z"]);
        kml.Descendants().Where(e => e.Name.LocalName == "end").Select(e => e.Value).Distinct().ShouldBe(["2019-07-13T18:39:21Z"]);
        kml.Descendants().Where(e => e.Name.LocalName == "GroundOverlay").Select(e => e.Elements().Single(c => c.Name.LocalName == "visibility").Value).ShouldBe(["1", "0", "0", "0"]);
        kml.Root!.Descendants().First(e => e.Name.LocalName == "name").Value.ShouldBe("GDM-OPT-ETQ_T11SMV_20190628_to_20190713");
    }

    [Fact]
    public void The_readme_names_inputs_files_units_quality_and_citation()
    {
        string text = job.TextOf("README.md");
        text.ShouldContain("East and South are positive");
        text.ShouldContain("| 2019-07-08 18:39:21 | Sentinel-2A | 27 |");
        foreach (string product in job.Products.Where(p => p.EndsWith(".tif", StringComparison.Ordinal)))
            text.ShouldContain($"| {product} | ");
        text.ShouldContain("Contains modified Copernicus Sentinel data 2019");
        MeanKnown().IsMatch(text).ShouldBeTrue(text);
    }

    [Fact]
    public void All_files_but_the_record_of_the_job_are_the_same_bytes_in_another_run_with_other_threads()
    {
        var again = job.Again("again", threads: 1);
        foreach (string product in job.Products.Where(p => p != ProductNames.JobFile))
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(again.Out, product)))).ShouldBe(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(job.PathOf(product)))), product);
    }

    [Fact]
    public void The_list_of_products_in_the_documentation_names_every_file()
    {
        string list = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "products.md"));
        foreach (string product in job.Products)
        {
            string name = product.StartsWith("Preview/", StringComparison.Ordinal) && !product.EndsWith(".kmz", StringComparison.Ordinal)
                ? PartOfPreview().Replace(product, ".png")
                : product.EndsWith(".qml", StringComparison.Ordinal) ? Path.ChangeExtension(product, ".tif") : product;
            string pattern = name.Replace("T11SMV", "TILE", StringComparison.Ordinal).Replace("20190628_to_20190713", "FIRST_to_LAST", StringComparison.Ordinal);
            pattern = DatesOfPair().Replace(pattern, "DATE1$1_DATE2");
            pattern = OneDate().Replace(pattern, "DATE");
            pattern = ComponentInName().Replace(pattern, "_CC_");
            list.ShouldContain(pattern);
        }
    }

    [GeneratedRegex(@"known for \d+\.\d % of the pixels")]
    private static partial Regex MeanKnown();

    [GeneratedRegex(@"\d{8}(_vs)?_\d{8}")]
    private static partial Regex DatesOfPair();

    [GeneratedRegex(@"(_overlay|_legend)?\.(png|pgw|kml)$")]
    private static partial Regex PartOfPreview();

    [GeneratedRegex(@"\d{8}")]
    private static partial Regex OneDate();

    [GeneratedRegex("_(EW|NS)_")]
    private static partial Regex ComponentInName();
}
