using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>The look of the simulated ground, the air above it and the instrument.</summary>
public sealed record SceneParameters
{
    [Description("Number from which everything random in the scene follows")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    [Description("Share of the scene under lakes (rivers come on top)")]
    [Range(0.0, 1.0)]
    public double WaterFraction { get; init; } = 0.01;

    [Description("Share of the scene under snow, on the highest ground")]
    [Range(0.0, 1.0)]
    public double SnowFraction { get; init; }

    [Description("Standard deviation of the terrain height, metres")]
    [Range(0.0, 3000.0)]
    public double ReliefMetres { get; init; } = 120;

    [Description("Share of the image variance that is another texture on each date after the first")]
    [Range(0.0, 0.95)]
    public double ChangeFraction { get; init; }

    [Description("Share of each image under clouds")]
    [Range(0.0, 1.0)]
    public double CloudFraction { get; init; }

    [Description("Height of the clouds above the ground, metres")]
    [Range(200.0, 12000.0)]
    public double CloudHeightMetres { get; init; } = 2000;

    [Description("Blur of the instrument, px of the band (Gaussian sigma; 0.55 passes 22 % at the Nyquist frequency)")]
    [Range(0.4, 1.5)]
    public double BlurPixels { get; init; } = 0.55;

    [Description("Radiometric noise relative to the instrument's specification")]
    [Range(0.0, 100.0)]
    public double NoiseFactor { get; init; } = 1;
}

/// <summary>One image of a simulated scene.</summary>
/// <param name="Number">Counts from 0; sets the image's noise, clouds and geolocation errors.</param>
/// <param name="AfterEvent">Whether the ground has moved.</param>
/// <param name="Error">Its geolocation errors.</param>
public sealed record SceneImage(int Number, bool AfterEvent, GeometricError Error)
{
    public double SunZenithDegrees { get; init; } = 35;

    /// <summary>From the ground to the sun, clockwise from North.</summary>
    public double SunAzimuthDegrees { get; init; } = 150;

    public double ViewZenithDegrees { get; init; } = 5;

    /// <summary>From the ground to the sensor, clockwise from North.</summary>
    public double ViewAzimuthDegrees { get; init; } = 105;

    /// <summary>Direction of flight, clockwise from North: along it lies the parallax between the bands.</summary>
    public double FlightAzimuthDegrees { get; init; } = 194;
}
