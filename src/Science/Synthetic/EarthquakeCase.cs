using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>An earthquake to test corrections on: three that are hard in different ways, and none.</summary>
/// <param name="Name">Short name for tables.</param>
/// <param name="Fault">The rupture as a whole, vertical; null for no earthquake.</param>
public sealed record EarthquakeCase(string Name, OkadaFault? Fault)
{
    /// <summary>The field samples of a whole Sentinel-2 tile, 100 m apart.</summary>
    public static RasterGrid Tile { get; } = new(32611, 399960, 4000020, 100, 1098, 1098);

    private static double CentreEasting => Tile.Easting(Tile.Width / 2.0);

    private static double CentreNorthing => Tile.Northing(Tile.Height / 2.0);

    /// <summary>Like Ridgecrest 2019: 45 km, strike 320, 3 m right-lateral, inside the tile.</summary>
    public static EarthquakeCase Ridgecrest { get; } = new("ridgecrest", new(CentreEasting + 30, CentreNorthing + 70, 320, 45_000, 12_000, 3));

    /// <summary>Parallel to the jitter stripes and across the whole tile: 6 m left-lateral.</summary>
    public static EarthquakeCase EastWest { get; } = new("east-west", new(CentreEasting + 30, CentreNorthing + 70, 88, 160_000, 15_000, 6) { RakeDegrees = 0 });

    /// <summary>Parallel to the detector boundaries and through the whole tile: 5 m left-lateral.</summary>
    public static EarthquakeCase AlongTrack { get; } = new("along-track", new(CentreEasting + 30, CentreNorthing + 70, 14, 160_000, 15_000, 5) { RakeDegrees = 0 });

    public static EarthquakeCase None { get; } = new("none", null);

    public static IReadOnlyList<EarthquakeCase> All { get; } = [Ridgecrest, EastWest, AlongTrack, None];

    /// <summary>The rupture with slip that tapers to its tips and lower edge.</summary>
    public IReadOnlyList<OkadaFault> Sources => Fault is null ? [] : Fault.Tapered(4, 0.12);
}
