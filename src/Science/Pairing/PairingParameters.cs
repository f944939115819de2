using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Pairing;

/// <summary>In which direction of time images are matched.</summary>
public enum MatchingDirection
{
    /// <summary>From the earlier to the later image only.</summary>
    [JsonStringEnumMemberName("Forward")]
    Forward,

    /// <summary>Both ways: twice the pairs, twice the time.</summary>
    [JsonStringEnumMemberName("Forward+Backward")]
    ForwardBackward,
}

/// <summary>Which images form pairs (service description, "Set the processing parameters").</summary>
public sealed record PairingParameters
{
    [Description("Splits the images, yyyy-MM-dd (the earthquake): each image before this date is paired with each image on or after it, and the matching ranges are not used. Empty: no split.")]
    public DateOnly? SplitDate { get; init; }

    [Range(1, 100)]
    [Unit("acquisitions")]
    [Description("An image is paired with the images at least this many acquisitions later (without a split date).")]
    public int MinimumMatchingRange { get; init; } = 1;

    [Range(1, 100)]
    [Unit("acquisitions")]
    [Description("An image is paired with the images at most this many acquisitions later (without a split date).")]
    public int MaximumMatchingRange { get; init; } = 5;

    [Description("Forward pairs the earlier with the later image; Forward+Backward adds each pair the other way round, for twice the computing time.")]
    public MatchingDirection MatchingDirection { get; init; } = MatchingDirection.Forward;
}
