using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>What a catalogue shows of a product; read from its metadata only.</summary>
/// <param name="Name">Name of the .SAFE folder without its ending.</param>
/// <param name="Source">Folder or archive.</param>
/// <param name="Platform">Sentinel-2A, ...</param>
/// <param name="Tile">MGRS tile with its T.</param>
/// <param name="SensingTime">When the tile was seen.</param>
/// <param name="RelativeOrbit">1 to 143.</param>
/// <param name="Baseline">Processing baseline.</param>
/// <param name="CloudCoverPercent">As declared; null when the metadata are silent.</param>
/// <param name="Corners">Corners of the tile, longitude and latitude in degrees, counter-clockwise from the upper left; not closed.</param>
/// <param name="SizeBytes">Of all files.</param>
public sealed record ProductSummary(
    string Name, string Source, string Platform, string Tile, DateTimeOffset SensingTime, int RelativeOrbit, string Baseline, double? CloudCoverPercent,
    IReadOnlyList<(double Longitude, double Latitude)> Corners, long SizeBytes)
{
    /// <exception cref="InputException">It is no product that a job could use.</exception>
    public static ProductSummary Read(string path)
    {
        var product = SafeProduct.Open(path);
        var grid = product.Grid(10);
        using var transform = new CoordinateTransform(grid.EpsgCode, CoordinateTransform.Wgs84);
        (double, double) Corner(double x, double y) => transform.Transform(grid.Easting(x), grid.Northing(y));
        string name = product.Name.EndsWith(".SAFE", StringComparison.OrdinalIgnoreCase) ? product.Name[..^5] : product.Name;
        return new ProductSummary(
            name, product.Source, product.Spacecraft, product.Tile, product.SensingTime, product.RelativeOrbit, product.ProcessingBaseline, product.DeclaredCloudCoverPercent,
            [Corner(0, 0), Corner(0, grid.Height), Corner(grid.Width, grid.Height), Corner(grid.Width, 0)], Size(product.Source));
    }

    private static long Size(string source) => Directory.Exists(source)
        ? new DirectoryInfo(source).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
        : new FileInfo(source).Length;
}
