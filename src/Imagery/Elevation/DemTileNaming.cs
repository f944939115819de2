using System.Globalization;

namespace GdmOptEtq.Imagery.Elevation;

/// <summary>
/// How the files of a public elevation data set are named and where they lie under a root folder or bucket. Tiles are named by their South-West corner.
/// </summary>
internal sealed record DemTileNaming(string Name, int TileDegrees, Func<int, int, IReadOnlyList<string>> Candidates)
{
    /// <summary>MERIT DEM (Yamazaki et al. 2017): 5-degree tiles n30w120_dem.tif in packages of 30 degrees, dem_tif_n30w120(.tar).</summary>
    public static DemTileNaming Merit { get; } = new("merit", 5, static (latitude, longitude) =>
    {
        string tile = $"{Lower(latitude, longitude)}_dem.tif";
        string package = $"dem_tif_{Lower(FloorTo(latitude, 30), FloorTo(longitude, 30))}";
        return [tile, $"{package}/{tile}", $"/vsitar/{package}.tar/{package}/{tile}", $"/vsitar/{package}.tar/{tile}"];
    });

    /// <summary>Copernicus DEM GLO-30: 1-degree tiles, named as on the public bucket (COG) or as delivered (DGED).</summary>
    public static DemTileNaming CopernicusGlo30 { get; } = new("cop-dem-glo-30", 1, static (latitude, longitude) =>
    {
        string place = string.Create(CultureInfo.InvariantCulture,
            $"{(latitude < 0 ? 'S' : 'N')}{Math.Abs(latitude):00}_00_{(longitude < 0 ? 'W' : 'E')}{Math.Abs(longitude):000}_00");
        string cog = $"Copernicus_DSM_COG_10_{place}_DEM", delivered = $"Copernicus_DSM_10_{place}";
        return [$"{cog}/{cog}.tif", $"{cog}.tif", $"{delivered}/DEM/{delivered}_DEM.tif", $"{delivered}_DEM/{delivered}_DEM.tif", $"{delivered}_DEM.tif"];
    });

    public static DemTileNaming? Of(string name) => name.ToLowerInvariant() switch
    {
        "merit" => Merit,
        "cop-dem-glo-30" => CopernicusGlo30,
        _ => null,
    };

    public static int FloorTo(double degrees, int step) => (int)Math.Floor(degrees / step) * step;

    private static string Lower(int latitude, int longitude) => string.Create(CultureInfo.InvariantCulture,
        $"{(latitude < 0 ? 's' : 'n')}{Math.Abs(latitude):00}{(longitude < 0 ? 'w' : 'e')}{Math.Abs(longitude):000}");
}
