namespace GdmOptEtq.Science.Geometry;

/// <summary>
/// Zenith and azimuth (degrees; azimuth clockwise from North, from the ground to the sun or the sensor) on nodes <paramref name="StepMetres"/> apart;
/// node (0, 0) lies on the upper left corner of the tile. NaN where a node is not seen.
/// </summary>
public sealed record AngleGrid(double StepMetres, int Columns, int Rows, double[] ZenithDegrees, double[] AzimuthDegrees)
{
    public (double Zenith, double Azimuth) this[int column, int row] => (ZenithDegrees[row * Columns + column], AzimuthDegrees[row * Columns + column]);
}
