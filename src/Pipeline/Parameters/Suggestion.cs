namespace GdmOptEtq.Pipeline.Parameters;

/// <summary>"Did you mean": the known name nearest to a mistyped one.</summary>
public static class Suggestion
{
    /// <summary>" Did you mean 'x'?" with its leading blank, or nothing when no name is near.</summary>
    public static string For(string mistyped, IEnumerable<string> known) =>
        Nearest(mistyped, known) is { } name ? $" Did you mean '{name}'?" : "";

    /// <summary>The nearest name by edit distance with transpositions, at most a third of its length away; a unique beginning counts as near.</summary>
    public static string? Nearest(string mistyped, IEnumerable<string> known)
    {
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string name in known.Order(StringComparer.Ordinal))
        {
            bool begins = mistyped.Length >= 3 && name.StartsWith(mistyped, StringComparison.OrdinalIgnoreCase);
            int distance = begins ? 1 : Distance(mistyped.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance < bestDistance && distance <= Math.Max(1, name.Length / 3))
                (best, bestDistance) = (name, distance);
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
