using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GdmOptEtq.Cli.Terminal;

namespace GdmOptEtq.Cli.Bench;

/// <summary>The measured rows as tables for people and as JSON.</summary>
internal static class AccuracyReport
{
    private static readonly JsonSerializerOptions Options = new(JsonText.Readable)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Json(IReadOnlyList<SceneRow> scenes, IReadOnlyList<ChipRow> chips, IReadOnlyList<PairRow> pairs) =>
        JsonSerializer.Serialize(new { scenes, chips, pairs }, Options);

    public static void WriteTables(TextWriter output, IReadOnlyList<SceneRow> scenes, IReadOnlyList<ChipRow> chips, IReadOnlyList<PairRow> pairs)
    {
        if (scenes.Count > 0)
            WriteScenes(output, scenes);
        if (chips.Count > 0)
            WriteChips(output, chips);
        if (pairs.Count > 0)
            WritePairs(output, pairs);
    }

    private static void WriteScenes(TextWriter output, IReadOnlyList<SceneRow> scenes)
    {
        output.WriteLine("Error against the truth, px (near: <= 10 px from the fault, far: > 60 px; a margin of 40 px left out)");
        var errors = new TextTable("scene", "method", "EW", "NS", "near", "far", "bias EW", "bias NS", "<=0.05", "<=0.1", "cover", "CPU s", "peak MiB");
        var honesty = new TextTable("scene", "method", "1 sigma", "2 sigma", "locking EW", "locking NS", "limit EW", "limit NS", "far / limit");
        foreach (var row in scenes)
        {
            var m = row.Measures;
            errors.Add(
                row.Scene, row.Method, F4(m.RmseEast), F4(m.RmseSouth), F4(m.RmseNear), F4(m.RmseFar), Signed(m.MedianBiasEast), Signed(m.MedianBiasSouth),
                Percent(m.Within005), Percent(m.Within010), Percent(m.Coverage), F2(row.Cost.CpuSeconds), row.Cost.PeakMebibytes.ToString("0", CultureInfo.InvariantCulture));
            honesty.Add(
                row.Scene, row.Method, Percent(m.WithinOneSigma), Percent(m.WithinTwoSigma), F4(row.Locking.HalfRangeEast), F4(row.Locking.HalfRangeSouth),
                F4(row.LimitEast), F4(row.LimitSouth), F2(row.RatioToLimit));
        }

        errors.Write(output);
        output.WriteLine();
        output.WriteLine("Honesty of sigma (68 and 95 % would be normal), peak locking (half range of the median error over the true fraction, px), Cramer-Rao limit of the window (px)");
        honesty.Write(output);
        output.WriteLine();
    }

    private static void WriteChips(TextWriter output, IReadOnlyList<ChipRow> chips)
    {
        output.WriteLine("Median error on chips of known shift, px (MEDICIS: what CNES' correlator found on the same chips)");
        var table = new TextTable("chip", "method", "column", "row", "MEDICIS column", "MEDICIS row", "cover");
        foreach (var row in chips)
            table.Add(row.Scene, row.Method, Signed(row.ErrorColumns), Signed(row.ErrorRows), Optional(row.MedicisColumns), Optional(row.MedicisRows), Percent(row.Coverage));
        foreach (var method in chips.GroupBy(c => c.Method))
        {
            double Mean(Func<ChipRow, double?> error) => method.Select(error).OfType<double>().Select(Math.Abs).DefaultIfEmpty(double.NaN).Average();
            table.Add("mean of |error|", method.Key, F4(Mean(c => c.ErrorColumns)), F4(Mean(c => c.ErrorRows)), F4(Mean(c => c.MedicisColumns)), F4(Mean(c => c.MedicisRows)), "");
        }

        table.Write(output);
        output.WriteLine();
    }

    private static void WritePairs(TextWriter output, IReadOnlyList<PairRow> pairs)
    {
        output.WriteLine("Pairs without truth, px (spread: NMAD after the median is removed; flat: after a robust plane)");
        var table = new TextTable("pair", "method", "median dx", "median dy", "spread dx", "spread dy", "flat dx", "flat dy", "cover", "CPU s");
        foreach (var row in pairs)
            table.Add(row.Scene, row.Method, Signed(row.MedianDx), Signed(row.MedianDy), F4(row.NmadDx), F4(row.NmadDy), F4(row.FlatNmadDx), F4(row.FlatNmadDy), Percent(row.Coverage), F2(row.Cost.CpuSeconds));
        table.Write(output);
        output.WriteLine();
    }

    private static string F2(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string F4(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);

    private static string Optional(double? value) => value is { } known ? Signed(known) : "-";

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + "%";
}
