namespace GdmOptEtq.Science.Geometry;

/// <summary>Stable name of one acquisition of one tile: spacecraft, sensing time and tile, e.g. <c>S2A_20190628T183921_T11SMV</c>.</summary>
public readonly record struct AcquisitionId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>What pairing, naming and the corrections need to know of one image; the pixels stay in their files.</summary>
/// <param name="Id">Stable name.</param>
/// <param name="SensingTime">When the tile was seen, UTC.</param>
/// <param name="Tile">MGRS tile with its T, e.g. T11SMV.</param>
/// <param name="Spacecraft">Sentinel-2A, -2B, -2C.</param>
/// <param name="RelativeOrbit">1 to 143.</param>
/// <param name="Grid">Grid of the matched band.</param>
public sealed record Acquisition(
    AcquisitionId Id, DateTimeOffset SensingTime, string Tile, string Spacecraft, int RelativeOrbit, RasterGrid Grid)
{
    /// <summary>Date as the product names carry it: yyyyMMdd (UTC).</summary>
    public string DateStamp => SensingTime.UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
}
