using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Pairing;

/// <summary>Two acquisitions to be matched: each pixel of the reference is looked for in the secondary.</summary>
public sealed record ImagePair(Acquisition Reference, Acquisition Secondary)
{
    /// <summary>True when the reference is the later image; the statistics then count the displacement with the opposite sign.</summary>
    public bool IsBackward => Reference.SensingTime > Secondary.SensingTime;

    /// <summary>The same two images matched the other way round.</summary>
    public ImagePair Swapped => new(Secondary, Reference);

    /// <summary>Name of the pair in the products: tile and the two dates, reference first.</summary>
    public string Name => $"{Reference.Tile}_{Reference.DateStamp}_vs_{Secondary.DateStamp}";

    /// <summary>Days from reference to secondary; negative for a backward pair.</summary>
    public double DurationDays => (Secondary.SensingTime - Reference.SensingTime).TotalDays;

    public override string ToString() => Name;
}
