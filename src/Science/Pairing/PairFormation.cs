using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Pairing;

/// <summary>Forms the image pairs of a job from its acquisitions; see the README of this folder for the rules.</summary>
public static class PairFormation
{
    /// <summary>All reasons, each with its remedy, why these acquisitions cannot be paired; empty when they can.</summary>
    public static IReadOnlyList<string> Refusals(IReadOnlyList<Acquisition> acquisitions, PairingParameters parameters)
    {
        var reasons = new List<string>();
        if (acquisitions.Count < 2)
        {
            reasons.Add(acquisitions.Count == 0
                ? "No image is given: name at least two products of one tile, one before and one after the earthquake."
                : $"Only one image is given ({acquisitions[0].Id}): name at least two products of one tile, one before and one after the earthquake.");
            return reasons;
        }

        AddMixtures(acquisitions, reasons);
        if (parameters.MinimumMatchingRange > parameters.MaximumMatchingRange)
        {
            reasons.Add($"The minimum matching range {parameters.MinimumMatchingRange} is larger than the maximum matching range "
                + $"{parameters.MaximumMatchingRange}: exchange them.");
        }

        if (reasons.Count == 0 && Form(acquisitions, parameters).Count == 0)
            reasons.Add(WhyNoPair(acquisitions, parameters));
        return reasons;
    }

    /// <summary>The pairs in order of their dates; with <see cref="MatchingDirection.ForwardBackward"/> all forward ones first.</summary>
    public static IReadOnlyList<ImagePair> Form(IReadOnlyList<Acquisition> acquisitions, PairingParameters parameters)
    {
        var byTime = acquisitions.OrderBy(a => a.SensingTime).ThenBy(a => a.Id.Value, StringComparer.Ordinal).ToArray();
        var pairs = new List<ImagePair>();
        for (int i = 0; i < byTime.Length; i++)
        {
            for (int j = i + 1; j < byTime.Length; j++)
            {
                if (parameters.SplitDate is { } split
                        ? Day(byTime[i]) < split && Day(byTime[j]) >= split
                        : j - i >= parameters.MinimumMatchingRange && j - i <= parameters.MaximumMatchingRange)
                {
                    pairs.Add(new ImagePair(byTime[i], byTime[j]));
                }
            }
        }

        if (parameters.MatchingDirection == MatchingDirection.ForwardBackward)
            pairs.AddRange(pairs.ConvertAll(pair => pair.Swapped));
        return pairs;
    }

    private static DateOnly Day(Acquisition acquisition) => DateOnly.FromDateTime(acquisition.SensingTime.UtcDateTime);

    private static void AddMixtures(IReadOnlyList<Acquisition> acquisitions, List<string> reasons)
    {
        var tiles = acquisitions.Select(a => a.Tile).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (tiles.Length > 1)
        {
            reasons.Add($"The images are of different tiles ({string.Join(", ", tiles)}): give images of one tile only, and run one job per tile.");
        }
        else
        {
            var first = acquisitions[0];
            foreach (var other in acquisitions.Skip(1).Where(a => a.Grid != first.Grid))
                reasons.Add($"{other.Id} lies on another grid than {first.Id} ({other.Grid} against {first.Grid}): give images with the same extent and pixel size.");
        }

        foreach (var sameDay in acquisitions.GroupBy(a => (a.Tile, a.DateStamp)).Where(g => g.Count() > 1))
        {
            reasons.Add($"{string.Join(" and ", sameDay.Select(a => a.Id))} are of one day, and results are named by date: keep one of them.");
        }
    }

    private static string WhyNoPair(IReadOnlyList<Acquisition> acquisitions, PairingParameters parameters)
    {
        var days = acquisitions.Select(Day).Order().ToArray();
        return parameters.SplitDate is { } split
            ? $"The split date {split:yyyy-MM-dd} leaves all images on one side (they are of {days[0]:yyyy-MM-dd} to {days[^1]:yyyy-MM-dd}): "
                + $"give a date after {days[0]:yyyy-MM-dd} and not after {days[^1]:yyyy-MM-dd}."
            : $"With {acquisitions.Count} images a minimum matching range of {parameters.MinimumMatchingRange} forms no pair: "
                + $"give at most {acquisitions.Count - 1}.";
    }
}
