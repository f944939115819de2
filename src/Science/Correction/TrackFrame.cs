using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Coordinates along and across the ground track, from pixel coordinates of the full grid (0.5 is the first centre): s = y cos t - x sin t grows along
/// the flight of a descending pass, c = x cos t + y sin t to its left, seen on a North-up map to the East.
/// </summary>
/// <param name="AngleDegrees">Tilt t of the track: azimuth of its northern end, clockwise from grid North.</param>
public readonly record struct TrackFrame(double AngleDegrees)
{
    private const double EquatorSpeedOverGroundSpeedEquator = 0.465 / 6.7;

    public (double Along, double Across) Of(double x, double y)
    {
        var (sin, cos) = Math.SinCos(AngleDegrees * Math.PI / 180);
        return (y * cos - x * sin, x * cos + y * sin);
    }

    /// <summary>
    /// The tilt expected from the orbit of Sentinel-2 (inclination 98.62 degrees, Earth rotation under a ground speed of 6.7 km/s) at the centre of a
    /// UTM grid, convergence of the meridians included.
    /// </summary>
    public static TrackFrame Expected(RasterGrid grid)
    {
        double northing = grid.Northing(grid.Height / 2.0), easting = grid.Easting(grid.Width / 2.0);
        bool south = grid.EpsgCode is > 32700 and <= 32760;
        double latitude = Math.Clamp((south ? northing - 1e7 : northing) / 110_800, -81, 81) * Math.PI / 180;
        double cos = Math.Cos(latitude);
        double tilt = Math.Asin(Math.Clamp(0.1499 / cos, -1, 1)) + Math.Atan(EquatorSpeedOverGroundSpeedEquator * cos);
        double convergence = (easting - 500_000) / (6_378_137 * cos) * Math.Sin(latitude);
        bool isUtm = south || grid.EpsgCode is > 32600 and <= 32660;
        return new TrackFrame((tilt - (isUtm ? convergence : 0)) * 180 / Math.PI);
    }
}
