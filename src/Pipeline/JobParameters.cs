using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Filtering;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.OpticalFlow;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Statistics;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline;

/// <summary>Everything that decides the result of a job: one record per stage. Threads, paths and other circumstances are not parameters.</summary>
public sealed record JobParameters
{
    public ImageParameters Images { get; init; } = new();

    public PairingParameters Pairing { get; init; } = new();

    public TerrainParameters Terrain { get; init; } = new();

    public SpectralMaskParameters SpectralMask { get; init; } = new();

    public SlopeMaskParameters SlopeMask { get; init; } = new();

    public MatchingParameters Matching { get; init; } = new();

    public CorrelationParameters Correlation { get; init; } = new();

    public OpticalFlowParameters OpticalFlow { get; init; } = new();

    public TilingParameters Tiling { get; init; } = new();

    public CorrectionParameters Correction { get; init; } = new();

    public GroundParameters Ground { get; init; } = new();

    public DecorrelationParameters Decorrelation { get; init; } = new();

    public FilteringParameters Filtering { get; init; } = new();

    public StatisticsParameters Statistics { get; init; } = new();
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

/// <summary>Where elevations come from.</summary>
public sealed record TerrainParameters
{
    [Description("Elevation model of the slope mask and the cloud shadows: merit, cop-dem-glo-30 (tiles by their own file names under --dem-root), none, or paths of GeoTIFF files or folders; repeat the option for several.")]
    public IReadOnlyList<string> Dem { get; init; } = ["merit"];

    [Description("Global surface water occurrence (per cent, any projection) that helps to find water: paths of GeoTIFF files; repeat the option for several. Empty: water is found by its spectrum alone.")]
    public IReadOnlyList<string> WaterOccurrence { get; init; } = [];
}

/// <summary>What the user knows of the ground before the images are looked at.</summary>
public sealed record GroundParameters
{
    [Description("Trace of the fault: path of a GeoJSON or KML file with lines. Pixels within fault-trace-buffer of it take no part in the estimation of the corrections. Empty: the fault is looked for in the field.")]
    public string? FaultTrace { get; init; }

    [Description("Ground that did not move: path of a GeoJSON or KML file with polygons. Shift and ramp are then estimated inside them only. Empty: on the whole tile.")]
    public string? StableArea { get; init; }
}
