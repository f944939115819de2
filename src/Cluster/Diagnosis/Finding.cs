using System.ComponentModel;

namespace GdmOptEtq.Cluster.Diagnosis;

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What: settings, broker, queues, job-store, clock, work, results, gdal, coordinator, nodes, versions.</param>
/// <param name="Level">ok, warning (it works, but look), or fault (it does not work).</param>
/// <param name="Sentence">What was found.</param>
/// <param name="Remedy">What to do; empty when all is well.</param>
public sealed record Finding(
    [property: Description("What was looked at.")] string Check,
    [property: Description("ok, warning or fault.")] string Level,
    [property: Description("What was found.")] string Sentence,
    [property: Description("What to do; empty when all is well.")] string Remedy)
{
    public const string Good = "ok";

    public const string Warning = "warning";

    public const string Bad = "fault";

    public static Finding Ok(string check, string sentence) => new(check, Good, sentence, "");

    public static Finding Warn(string check, string sentence, string remedy) => new(check, Warning, sentence, remedy);

    public static Finding Fault(string check, string sentence, string remedy) => new(check, Bad, sentence, remedy);

    /// <summary>From one of our own error sentences, "what is wrong: what to do".</summary>
    public static Finding Fault(string check, string errorSentence)
    {
        int colon = errorSentence.LastIndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? new(check, Bad, errorSentence, "") : new(check, Bad, errorSentence[..colon] + ".", Capital(errorSentence[(colon + 2)..]));
    }

    private static string Capital(string text) => text.Length > 0 ? char.ToUpperInvariant(text[0]) + text[1..] : text;
}
