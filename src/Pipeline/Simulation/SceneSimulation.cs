using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Pipeline.Simulation;

/// <summary>What a simulation wrote; paths as given by the user's folder.</summary>
/// <param name="Products">The .SAFE folders by date.</param>
/// <param name="Files">Truth, terrain, trace and description beside them.</param>
/// <param name="EventDate">Split date for the job.</param>
public sealed record SimulatedScene(IReadOnlyList<string> Products, IReadOnlyList<string> Files, DateOnly EventDate);

/// <summary>Renders a scene and writes it as Level-1C products with the truth beside them. The same parameters give the same bytes.</summary>
public static class SceneSimulation
{
    /// <summary>Images are rendered together, because the ground is then laid out once, up to this many bytes of pixels.</summary>
    private const long BytesTogether = 3L << 30;

    private const int TaperSteps = 5;

    /// <param name="folder">Made when it does not exist; products that are already there are an error.</param>
    /// <param name="report">Told what is being done.</param>
    /// <exception cref="OperationCanceledException">Stopped; what was written so far has been removed.</exception>
    public static SimulatedScene Write(string folder, SimulationParameters parameters, Workers workers, Action<string>? report = null)
    {
        var products = new List<string>();
        var files = new List<string>();
        try
        {
            Write(folder, parameters, workers, report, products, files);
            return new SimulatedScene(products, files, parameters.Acquisitions.EventDate);
        }
        catch
        {
            // Products without their truth are of no use, and would stand in the way of the next try.
            foreach (string product in products)
                Directory.Delete(product, recursive: true);
            foreach (string file in files)
                File.Delete(file);
            throw;
        }
    }

    private static void Write(string folder, SimulationParameters parameters, Workers workers, Action<string>? report, List<string> products, List<string> files)
    {
        var plan = Plan.Of(parameters);
        string At(string name) => Path.Combine(folder, name);
        report?.Invoke("computing the ground motion");
        var motion = new GroundMotion(plan.Faults, plan.Grid, workers);
        var scene = new Scene(parameters.Scene, plan.Grid, motion, plan.Images);

        for (int first = 0; first < plan.Images.Count; first += plan.ImagesTogether)
        {
            int[] images = [.. Enumerable.Range(first, Math.Min(plan.ImagesTogether, plan.Images.Count - first))];
            report?.Invoke($"rendering image {first + 1}{(images.Length > 1 ? $" to {first + images.Length}" : "")} of {plan.Images.Count}");
            var rendering = scene.Render(images, plan.Bands.Select(b => b.Id).ToArray(), -plan.Specifications[0].RadiometricOffset, workers);
            for (int i = 0; i < images.Length; i++)
            {
                var specification = plan.Specifications[images[i]];
                report?.Invoke($"writing the image of {plan.Times[images[i]]:yyyy-MM-dd}");
                products.Add(SafeWriter.Write(folder, specification, band =>
                {
                    workers.Cancellation.ThrowIfCancellationRequested();
                    return rendering.Bands[i][plan.Bands.IndexOf(band)];
                }));
                string mask = At($"truth_cloud_{plan.Times[images[i]]:yyyyMMdd}.tif");
                GeoTiff.Write(mask, rendering.Classes[i], plan.Grid, new GeoTiffOptions
                {
                    Description = "True class: 0 clear, 2 cloud, 3 cloud shadow, 4 snow, 5 water", Categorical = true,
                });
                files.Add(mask);
            }
        }

        report?.Invoke("writing the truth");
        var (dx, dy) = motion.Truth(plan.Grid, workers);
        foreach (var (name, truth, axis) in new[] { ("truth_ew.tif", dx, "East"), ("truth_ns.tif", dy, "South") })
        {
            for (int i = 0; i < truth.Pixels.Length; i++)
                truth.Pixels[i] *= (float)ErrorField.PixelMetres;
            GeoTiff.Write(At(name), truth, plan.Grid, new GeoTiffOptions
            {
                Description = $"True ground displacement, {axis} is positive [m]; divide by 10 for pixels", Unit = "m",
            });
            files.Add(At(name));
        }

        GeoTiff.Write(At("dem.tif"), scene.Elevation(plan.Grid.Bounds), plan.Grid, new GeoTiffOptions { Description = "Terrain height [m]", Unit = "m" });
        files.Add(At("dem.tif"));
        if (plan.Faults.Count > 0)
        {
            WriteText(At("fault.geojson"), FaultGeoJson(plan).ToJsonString(s_readable));
            files.Add(At("fault.geojson"));
        }

        WriteText(At("scene.json"), Description(parameters, plan, products).ToJsonString(s_readable));
        files.Add(At("scene.json"));
    }

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The trace in longitude and latitude: the whole rupture, and the middle part that carries the whole slip.</summary>
    private static JsonObject FaultGeoJson(Plan plan)
    {
        var whole = plan.Faults[0];
        var core = plan.Faults[^1];
        using var toDegrees = new CoordinateTransform(plan.Grid.EpsgCode, CoordinateTransform.Wgs84);
        JsonArray Point((double Easting, double Northing) p)
        {
            var (x, y) = toDegrees.Transform(p.Easting, p.Northing);
            return [Math.Round(x, 8), Math.Round(y, 8)];
        }

        JsonObject Feature(OkadaFault part, string name, double slip) => new()
        {
            ["type"] = "Feature",
            ["properties"] = new JsonObject { ["name"] = name, ["slipMetres"] = slip, ["strikeDegrees"] = whole.StrikeDegrees, ["dipDegrees"] = whole.DipDegrees, ["rakeDegrees"] = whole.RakeDegrees },
            ["geometry"] = new JsonObject { ["type"] = "LineString", ["coordinates"] = new JsonArray(Point(part.TraceStart), Point(part.TraceEnd)) },
        };
        double slip = Math.Round(plan.Faults.Sum(f => f.SlipMetres), 9);
        return new JsonObject
        {
            ["type"] = "FeatureCollection",
            ["features"] = new JsonArray(Feature(whole, "rupture", slip), Feature(core, "part with the whole slip", slip)),
        };
    }

    private static JsonObject Description(SimulationParameters parameters, Plan plan, IReadOnlyList<string> products)
    {
        var grid = plan.Grid;
        var images = new JsonArray();
        for (int i = 0; i < plan.Images.Count; i++)
        {
            var (dx, dy) = plan.Images[i].Error.At(grid.Easting(grid.Width / 2), grid.Northing(grid.Height / 2));
            images.Add(new JsonObject
            {
                ["product"] = Path.GetFileName(products[i]),
                ["sensingTime"] = plan.Times[i].ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["afterEvent"] = plan.Images[i].AfterEvent,
                ["errorAtCentrePixels"] = new JsonArray(Math.Round(dx, 6), Math.Round(dy, 6)),
            });
        }

        var slip = new JsonArray();
        if (plan.Faults.Count > 0)
        {
            const int Points = 40;
            for (int k = 0; k <= Points; k++)
            {
                double along = plan.Faults[0].LengthMetres * ((double)k / Points - 0.5);
                slip.Add(new JsonArray(Math.Round(along, 3), Math.Round(plan.Faults.Where(f => Math.Abs(along) <= 0.5 * f.LengthMetres).Sum(f => f.SlipMetres), 6)));
            }
        }

        return new JsonObject
        {
            ["parameters"] = JsonSerializer.SerializeToNode(ParameterSchema<SimulationParameters>.Instance.Complete(parameters).ToDictionary(p => p.Key, p => p.Value is Enum e ? e.ToString() : p.Value)),
            ["grid"] = new JsonObject { ["epsg"] = grid.EpsgCode, ["originX"] = grid.OriginX, ["originY"] = grid.OriginY, ["pixelSizeMetres"] = 10, ["width"] = grid.Width, ["height"] = grid.Height },
            ["images"] = images,
            ["truth"] = "truth_ew.tif East positive, truth_ns.tif South positive, metres; 10 m per pixel",
            ["slipAlongTrace"] = new JsonObject { ["columns"] = new JsonArray("metresFromMiddleAlongStrike", "slipMetres"), ["values"] = slip },
        };
    }

    private static void WriteText(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text + "\n");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be written ({cause.Message.TrimEnd('.')}): check free space and permissions.", cause);
        }
    }

    /// <summary>Everything that follows from the parameters before a pixel is rendered.</summary>
    private sealed record Plan(
        RasterGrid Grid, IReadOnlyList<OkadaFault> Faults, IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<SceneImage> Images, List<SafeBand> Bands,
        IReadOnlyList<SafeSpecification> Specifications, int ImagesTogether)
    {
        public static Plan Of(SimulationParameters parameters)
        {
            var acquisitions = parameters.Acquisitions;
            int size = acquisitions.SizePixels;
            if (size % 6 != 0)
                throw new InputException($"The size of {size} pixels cannot hold whole pixels of 20 m and 60 m: use {size / 6 * 6} or {(size / 6 + 1) * 6}.");

            // Upper left corner of tile T11SMV; a small scene takes that corner of the tile.
            var grid = new RasterGrid(32611, 399960, 4000020, 10, size, size);
            var bands = acquisitions.Bands.Trim().Equals("all", StringComparison.OrdinalIgnoreCase)
                ? SafeBand.All.ToList()
                : acquisitions.Bands.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(SafeBand.Parse).Distinct().OrderBy(b => b.Id).ToList();
            if (bands.Count == 0)
                throw new InputException("No band is to be written: give 'all' or names such as B02,B04.");

            var times = new List<DateTimeOffset>();
            var eventTime = new DateTimeOffset(acquisitions.EventDate, new TimeOnly(18, 29, 29), TimeSpan.Zero);
            for (int k = acquisitions.ImagesBefore - 1; k >= 0; k--)
                times.Add(eventTime.AddDays(2 - (k + 1) * acquisitions.RepeatDays));
            for (int k = 0; k < acquisitions.ImagesAfter; k++)
                times.Add(eventTime.AddDays(2 + k * acquisitions.RepeatDays));

            var images = times.Select((_, i) => new SceneImage(i, i >= acquisitions.ImagesBefore, new GeometricError(parameters.Errors, grid, (ulong)parameters.Scene.Seed, i))
            {
                SunZenithDegrees = acquisitions.SunZenithDegrees,
                SunAzimuthDegrees = acquisitions.SunAzimuthDegrees,
                ViewZenithDegrees = acquisitions.ViewZenithDegrees,
                ViewAzimuthDegrees = acquisitions.ViewAzimuthDegrees,
                FlightAzimuthDegrees = 180 + parameters.Errors.TrackAngleDegrees,
            }).ToList();
            var specifications = images.Select((image, i) => Specification(parameters, grid, bands, times[i], image)).ToList();
            long bytesPerImage = bands.Sum(b => 2L * (size * 10 / b.ResolutionMetres) * (size * 10 / b.ResolutionMetres));
            return new Plan(grid, FaultsOf(parameters.Earthquake, grid), times, images, bands, specifications, (int)Math.Clamp(BytesTogether / bytesPerImage, 1, images.Count));
        }

        private static SafeSpecification Specification(SimulationParameters parameters, RasterGrid grid, List<SafeBand> bands, DateTimeOffset time, SceneImage image)
        {
            var specification = new SafeSpecification
            {
                Tile = parameters.Acquisitions.SceneTile,
                DatatakeStart = time,
                Grid = grid,
                Baseline = parameters.Acquisitions.Baseline,
                RelativeOrbit = 27,
                AbsoluteOrbit = 20000 + image.Number * 143,
                Bands = bands,
                MeanSun = new MeanAngle(image.SunZenithDegrees, image.SunAzimuthDegrees),
                MeanView = new MeanAngle(image.ViewZenithDegrees, image.ViewAzimuthDegrees),
                CloudCoverPercent = 100 * parameters.Scene.CloudFraction,
            };
            if (!System.Text.RegularExpressions.Regex.IsMatch(specification.Baseline, @"^\d{2}\.\d{2}$"))
                throw new InputException($"A product cannot have the processing baseline '{specification.Baseline}': use the form 05.11.");

            // A raster knows no overlap; polygons overlap as the date has it.
            var asOf = specification.HasRasterMasks ? DateTimeOffset.MaxValue : time;
            var polygons = image.Error.Footprint(grid, asOf, asRaster: false).Polygons!;
            return specification with { Detectors = _ => polygons };
        }

        private static IReadOnlyList<OkadaFault> FaultsOf(EarthquakeParameters earthquake, RasterGrid grid)
        {
            if (earthquake.SlipMetres == 0)
                return [];
            double side = grid.Width * grid.PixelSizeMetres;

            // A quarter of a pixel off the middle, so that a trace along rows or columns runs through no pixel centre.
            return new OkadaFault(
                grid.Easting(0.5 * grid.Width + 0.25), grid.Northing(0.5 * grid.Height + 0.25), earthquake.StrikeDegrees,
                earthquake.FaultLengthMetres > 0 ? earthquake.FaultLengthMetres : 0.7 * side,
                earthquake.FaultWidthMetres > 0 ? earthquake.FaultWidthMetres : Math.Min(12000, side / 3), earthquake.SlipMetres)
            {
                DipDegrees = earthquake.DipDegrees, RakeDegrees = earthquake.RakeDegrees, TopDepthMetres = earthquake.TopDepthMetres,
            }.Tapered(TaperSteps, earthquake.TaperFraction);
        }
    }
}
