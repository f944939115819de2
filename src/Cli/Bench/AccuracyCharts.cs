namespace GdmOptEtq.Cli.Bench;

/// <summary>The measured scenes as pictures: errors, peak locking, honesty of sigma, ratio to the Cramer-Rao limit.</summary>
internal static class AccuracyCharts
{
    public static void Write(string folder, IReadOnlyList<SceneRow> rows)
    {
        if (rows.Count == 0)
            return;
        string[] scenes = rows.Select(r => r.Scene).Distinct().ToArray(), methods = rows.Select(r => r.Method).Distinct().ToArray();
        SceneRow? Find(string scene, string method) => rows.FirstOrDefault(r => r.Scene == scene && r.Method == method);
        (string, double[]) Series(string method, string name, Func<SceneRow, double> value) =>
            ($"{method} {name}".Trim(), Array.ConvertAll(scenes, scene => Find(scene, method) is { } row ? value(row) : double.NaN));
        IEnumerable<(string, double[])> PerMethod(params (string Name, Func<SceneRow, double> Value)[] measures) =>
            measures.SelectMany(m => methods.Select(method => Series(method, m.Name, m.Value)));

        new Chart("Error against the truth", "px").Bars(scenes, PerMethod(
            ("all", r => Math.Sqrt((r.Measures.RmseEast * r.Measures.RmseEast + r.Measures.RmseSouth * r.Measures.RmseSouth) / 2)),
            ("near", r => r.Measures.RmseNear), ("far", r => r.Measures.RmseFar)).ToArray()).Save(Path.Combine(folder, "errors.png"));
        new Chart("Errors within one and two sigma (68 %, 95 %)", "%").Bars(scenes, PerMethod(
            ("1 sigma", r => 100 * r.Measures.WithinOneSigma), ("2 sigma", r => 100 * r.Measures.WithinTwoSigma)).ToArray(), 68.3).Save(Path.Combine(folder, "sigma.png"));
        new Chart("Error far from the fault over the Cramer-Rao limit of the window", "ratio").Bars(
            scenes, PerMethod(("", r => r.RatioToLimit)).ToArray(), 1).Save(Path.Combine(folder, "limit.png"));
        foreach (string scene in scenes)
        {
            var curves = methods.Select(m => Find(scene, m)).OfType<SceneRow>()
                .SelectMany(r => new[] { ($"{r.Method} EW", r.Locking.BiasEast), ($"{r.Method} NS", r.Locking.BiasSouth) }).ToArray();
            new Chart($"Median error over the fraction of the true shift: {scene}", "px").Curves(rows[0].Locking.Fractions, curves)
                .Save(Path.Combine(folder, $"peak-locking-{FileName(scene)}.png"));
        }
    }

    private static string FileName(string scene) => string.Concat(scene.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
