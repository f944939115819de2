using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tiling;

/// <summary>How a pair is cut for matching.</summary>
public sealed record TilingParameters
{
    [Range(128, 16384)]
    [Unit("px")]
    [Description("Side of the tiles that are matched one by one; smaller tiles need less memory and more time, because their margins overlap.")]
    public int TileSize { get; init; } = 1536;
}
