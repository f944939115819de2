using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products.Drawing;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Profiles;

namespace GdmOptEtq.Pipeline.Profiles;

/// <summary>The files of a profile run: <c>slip.csv</c>, <c>slip.geojson</c>, <c>slip.png</c>, and <c>profile_NNN.csv</c> and <c>.png</c> for each profile.</summary>
public static class ProfileFiles
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string folder, IReadOnlyList<FaultProfile> profiles, RasterGrid grid)
    {
        using var toWgs84 = grid.EpsgCode == 0 ? null : new CoordinateTransform(grid.EpsgCode, CoordinateTransform.Wgs84);
        var table = new StringBuilder(
            "profile,along_m,easting_m,northing_m,longitude,latitude,strike_deg,parallel_offset_m,parallel_sigma_m,normal_offset_m,normal_sigma_m,zone_width_m,depth_m,fault_across_m,problem\n");
        var features = new JsonArray();
        foreach (var p in profiles)
        {
            var (longitude, latitude) = toWgs84?.Transform(p.Easting, p.Northing) ?? (double.NaN, double.NaN);
            string measured = p.Problem is null
                ? $"{p.Parallel.Offset:0.0000},{p.Parallel.Sigma:0.0000},{p.Normal.Offset:0.0000},{p.Normal.Sigma:0.0000},{p.ZoneWidthMetres:0.0},{Depth(p)},{p.FaultAcrossMetres:0.0}," : ",,,,,,,";
            string place = toWgs84 is null ? "," : $"{longitude:0.0000000},{latitude:0.0000000}";
            table.Append($"{p.Number},{p.AlongMetres:0.0},{p.Easting:0.0},{p.Northing:0.0},{place},{p.StrikeDegrees:0.00},{measured}{p.Problem}\n");
            features.Add(Feature(p, toWgs84 is null ? (p.Easting, p.Northing) : (longitude, latitude)));
            WriteProfile(folder, p);
        }

        File.WriteAllText(Path.Combine(folder, "slip.csv"), table.ToString());
        var collection = new JsonObject { ["type"] = "FeatureCollection", ["features"] = features };
        File.WriteAllText(Path.Combine(folder, "slip.geojson"), collection.ToJsonString(s_readable));
        WriteSlipChart(folder, profiles.Where(p => p.Problem is null).ToArray());
    }

    /// <summary>Empty where straight lines fit as well.</summary>
    private static string Depth(FaultProfile p) => double.IsFinite(p.DepthMetres) ? p.DepthMetres.ToString("0") : "";

    /// <summary>Empty where the result has no standard errors.</summary>
    private static string Known(double sigma) => double.IsFinite(sigma) ? sigma.ToString("0.0000") : "";

    private static JsonObject Feature(FaultProfile p, (double X, double Y) place)
    {
        var properties = new JsonObject { ["profile"] = p.Number, ["along_m"] = p.AlongMetres, ["strike_deg"] = p.StrikeDegrees };
        if (p.Problem is null)
        {
            properties["parallel_offset_m"] = p.Parallel.Offset;
            properties["parallel_sigma_m"] = p.Parallel.Sigma;
            properties["normal_offset_m"] = p.Normal.Offset;
            properties["normal_sigma_m"] = p.Normal.Sigma;
            properties["zone_width_m"] = p.ZoneWidthMetres;
            properties["depth_m"] = double.IsFinite(p.DepthMetres) ? p.DepthMetres : null;
        }
        else
        {
            properties["problem"] = p.Problem;
        }

        return new JsonObject
        {
            ["type"] = "Feature", ["properties"] = properties,
            ["geometry"] = new JsonObject { ["type"] = "Point", ["coordinates"] = new JsonArray(place.X, place.Y) },
        };
    }

    private static void WriteProfile(string folder, FaultProfile p)
    {
        var table = new StringBuilder("across_m,parallel_m,normal_m,pixels,parallel_fit_m,normal_fit_m,parallel_pixel_sigma_m,normal_pixel_sigma_m\n");
        foreach (var s in p.Samples)
        {
            string fit = p.Problem is null ? $"{p.FittedParallel(s.AcrossMetres):0.0000},{p.FittedNormal(s.AcrossMetres):0.0000}" : ",";
            table.Append($"{s.AcrossMetres:0.0},{s.Parallel:0.0000},{s.Normal:0.0000},{s.Pixels},{fit},{Known(s.ParallelSigma)},{Known(s.NormalSigma)}\n");
        }

        string name = Path.Combine(folder, $"profile_{p.Number:000}");
        File.WriteAllText(name + ".csv", table.ToString());
        if (p.Samples.Count == 0)
            return;
        double[] across = p.Samples.Select(s => s.AcrossMetres / 1000).ToArray();
        var series = new List<Series>
        {
            new("parallel", across, p.Samples.Select(s => s.Parallel).ToArray(), SeriesStyle.Points, ColourMap.Categories[0]),
            new("normal", across, p.Samples.Select(s => s.Normal).ToArray(), SeriesStyle.Points, ColourMap.Categories[1]),
        };
        if (p.Problem is null)
        {
            series.Add(new("parallel, fit", across, p.Samples.Select(s => p.FittedParallel(s.AcrossMetres)).ToArray(), SeriesStyle.Line, ColourMap.Categories[0]));
            series.Add(new("normal, fit", across, p.Samples.Select(s => p.FittedNormal(s.AcrossMetres)).ToArray(), SeriesStyle.Line, ColourMap.Categories[1]));
        }

        new Chart
        {
            Title = p.Problem ?? $"Profile {p.Number} at {p.AlongMetres / 1000:0.0} km: parallel {p.Parallel.Offset:+0.00;-0.00;0.00} +- {p.Parallel.Sigma:0.00} m",
            XLabel = "Distance across the fault [km]", YLabel = "Displacement [m]", Series = series,
        }.SavePng(name + ".png");
    }

    private static void WriteSlipChart(string folder, FaultProfile[] profiles)
    {
        double[] along = profiles.Select(p => p.AlongMetres / 1000).ToArray();
        var (barX, barY) = (new List<double>(), new List<double>());
        foreach (var p in profiles)
        {
            barX.AddRange([p.AlongMetres / 1000, p.AlongMetres / 1000, double.NaN]);
            barY.AddRange([p.Parallel.Offset - p.Parallel.Sigma, p.Parallel.Offset + p.Parallel.Sigma, double.NaN]);
        }

        new Chart
        {
            Title = "Slip along the fault", XLabel = "Distance along the trace, its lines one after the other [km]", YLabel = "Offset [m], left-lateral and opening positive",
            Series =
            [
                new("parallel", along, profiles.Select(p => p.Parallel.Offset).ToArray(), SeriesStyle.LineAndPoints, ColourMap.Categories[0]),
                new("1 sigma", barX, barY, SeriesStyle.Line, ColourMap.Categories[0]),
                new("normal", along, profiles.Select(p => p.Normal.Offset).ToArray(), SeriesStyle.LineAndPoints, ColourMap.Categories[1]),
            ],
        }.SavePng(Path.Combine(folder, "slip.png"));
    }
}
