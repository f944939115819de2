using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Pipeline;

/// <summary>Everything was computed as asked and no pixel has a valid result: exit code 4. The message says why and what to change.</summary>
public sealed class NoValidResultException : Exception
{
    public NoValidResultException(string sentence)
        : base(sentence)
    {
    }

    internal static void ThrowIfUnusable(IEnumerable<PreparedImage> images, StageContext work)
    {
        foreach (var image in images)
        {
            if (PrepareAcquisition.ValidPixels(image, work) == 0)
            {
                throw new NoValidResultException(
                    $"No pixel of band {image.Image.Band} of {image.Image.Acquisition.Id} can be used (no data, or all masked): use another image, or switch off the mask that covers it.");
            }
        }
    }

    internal static void ThrowIfEmpty(StackCounts counts)
    {
        if (counts.WithMean > 0)
            return;
        var reasons = counts.Pairs.SelectMany(p => p.RemovedBy).GroupBy(r => r.Key).OrderByDescending(g => g.Sum(r => r.Value)).Take(3)
            .Select(g => $"{g.Key} {100.0 * g.Sum(r => r.Value) / (counts.Pixels * counts.Pairs.Count):0} %");
        throw new NoValidResultException(
            $"No pixel has a valid displacement (removed by: {string.Join(", ", reasons)}): lower --decorrelation-threshold, or use images that are clear and closer in season.");
    }
}
