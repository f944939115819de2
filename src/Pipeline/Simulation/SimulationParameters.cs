using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Pipeline.Simulation;

/// <summary>A whole simulated job input: the earthquake, the images, the ground and every error. Defaults make the demonstration.</summary>
public sealed record SimulationParameters
{
    public EarthquakeParameters Earthquake { get; init; } = new();

    public AcquisitionParameters Acquisitions { get; init; } = new();

    public SceneParameters Scene { get; init; } = new();

    /// <summary>Milder than those of a whole tile: a small scene holds too few detectors and too little jitter to estimate them.</summary>
    public GeometricErrorParameters Errors { get; init; } = new()
    {
        RampPixels = 0.05, DetectorStepPixels = 0.02, JitterPixels = 0.02, SecondJitterPixels = 0.01,
    };
}

/// <summary>The rupture. Its trace runs through the middle of the scene; the slip is whole in its middle part and fades towards both tips.</summary>
public sealed record EarthquakeParameters
{
    [Description("Slip at the trace, metres; 0 for no earthquake")]
    [Range(0.0, 50.0)]
    public double SlipMetres { get; init; } = 3;

    [Description("Strike, degrees clockwise from North")]
    [Range(0.0, 360.0)]
    public double StrikeDegrees { get; init; } = 320;

    [Description("Dip to the right of the strike, degrees")]
    [Range(1.0, 90.0)]
    public double DipDegrees { get; init; } = 90;

    [Description("Rake, degrees: 0 left-lateral, 180 right-lateral, 90 reverse, -90 normal")]
    [Range(-180.0, 180.0)]
    public double RakeDegrees { get; init; } = 180;

    [Description("Length of the rupture, metres; 0 takes seven tenths of the side of the scene")]
    [Range(0.0, 500000.0)]
    public double FaultLengthMetres { get; init; }

    [Description("Width of the rupture down dip, metres; 0 takes a third of the side of the scene, at most 12 km")]
    [Range(0.0, 50000.0)]
    public double FaultWidthMetres { get; init; }

    [Description("Depth of the upper edge, metres; 0 breaks the surface")]
    [Range(0.0, 30000.0)]
    public double TopDepthMetres { get; init; }

    [Description("Part of the rupture's length, at each tip, over which the slip fades")]
    [Range(0.0, 0.45)]
    public double TaperFraction { get; init; } = 0.15;
}

/// <summary>The images: how many, when, how large, and in which form.</summary>
public sealed record AcquisitionParameters
{
    [Description("Side of the square scene, pixels of 10 m, a multiple of 6; --full-tile is 10980")]
    [Range(120, 10980)]
    public int SizePixels { get; init; } = 1098;

    [Description("Images before the earthquake")]
    [Range(1, 20)]
    public int ImagesBefore { get; init; } = 2;

    [Description("Images after the earthquake")]
    [Range(1, 20)]
    public int ImagesAfter { get; init; } = 2;

    [Description("Day of the earthquake; the first image after it follows two days later")]
    public DateOnly EventDate { get; init; } = new(2019, 7, 6);

    [Description("Days from one image to the next")]
    [Range(3, 365)]
    public int RepeatDays { get; init; } = 10;

    [Description("Bands to write: all, or names as B02,B03,B04")]
    public string Bands { get; init; } = "all";

    [Description("Processing baseline, NN.NN: before 04.00 no radiometric offset and detector footprints as GML, from then on offset -1000 and JPEG 2000")]
    public string Baseline { get; init; } = "05.11";

    [Description("Tile that the products name")]
    public string SceneTile { get; init; } = "T11SMV";

    [Description("Zenith angle of the sun, degrees")]
    [Range(0.0, 80.0)]
    public double SunZenithDegrees { get; init; } = 35;

    [Description("Azimuth of the sun, degrees clockwise from North")]
    [Range(0.0, 360.0)]
    public double SunAzimuthDegrees { get; init; } = 140;

    [Description("Zenith angle of the view, degrees")]
    [Range(0.0, 15.0)]
    public double ViewZenithDegrees { get; init; } = 5;

    [Description("Azimuth of the view from the ground to the satellite, degrees clockwise from North")]
    [Range(0.0, 360.0)]
    public double ViewAzimuthDegrees { get; init; } = 105;
}
