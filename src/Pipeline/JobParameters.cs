using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline;

/// <summary>Everything that decides the result of a job: one record per stage. Threads, paths and other circumstances are not parameters.</summary>
public sealed record JobParameters
{
    public ImageParameters Images { get; init; } = new();

    public PairingParameters Pairing { get; init; } = new();

    public TilingParameters Tiling { get; init; } = new();
}

/// <summary>Which part of the products is used.</summary>
public sealed record ImageParameters
{
    [AllowedValues("B02", "B03", "B04", "B08")]
    [Description("Sentinel-2 band that is matched; the red band B04 is also the one that the producer aligns the others to.")]
    public string Band { get; init; } = "B04";

    [Description("Tile to take from products that hold several (before 27 September 2016), e.g. T11SMV. Empty: the only one there is.")]
    public string? Tile { get; init; }
}
