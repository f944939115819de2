using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Masking;

/// <summary>Where the sun stood and from where the sensor looked.</summary>
/// <param name="SunZenithDegrees">Mean over the tile, from the vertical.</param>
/// <param name="SunAzimuthDegrees">Mean over the tile, clockwise from North, from the ground to the sun.</param>
/// <param name="View">Direction to the sensor, or null to look from the zenith.</param>
/// <param name="OffsetX">Metres from the upper left corner of the view field to that of the scene, to the East.</param>
/// <param name="OffsetY">The same to the South.</param>
public sealed record SceneAngles(
    double SunZenithDegrees, double SunAzimuthDegrees, ViewField? View = null, double OffsetX = 0, double OffsetY = 0)
{
    public double SunElevationDegrees => 90 - SunZenithDegrees;
}
