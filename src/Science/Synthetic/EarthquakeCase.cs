using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>An earthquake to test corrections on: four that are hard in different ways, and none.</summary>
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

    /// <summary>Nothing that one rectangle could describe: a bent main rupture of unequal slip, dipping in its second half, and a conjugate one.</summary>
    public static EarthquakeCase Segmented { get; } = new("segmented", new(CentreEasting + 30, CentreNorthing + 70, 320, 30_000, 14_000, 4))
    {
        OtherFaults =
        [
            new(CentreEasting - 20_000, CentreNorthing + 20_000, 300, 28_000, 10_000, 2) { DipDegrees = 65, RakeDegrees = 160 },
            new(CentreEasting + 12_000, CentreNorthing + 8_000, 48, 18_000, 9_000, 1.2) { RakeDegrees = 0, TopDepthMetres = 500 },
        ],
    };

    public static EarthquakeCase None { get; } = new("none", null);

    public static IReadOnlyList<EarthquakeCase> All { get; } = [Ridgecrest, EastWest, AlongTrack, Segmented, None];

    /// <summary>Ruptures besides <see cref="Fault"/>.</summary>
    public IReadOnlyList<OkadaFault> OtherFaults { get; init; } = [];

    /// <summary>All ruptures with slip that tapers to their tips and lower edges.</summary>
    public IReadOnlyList<OkadaFault> Sources => Fault is null ? [] : [.. Fault.Tapered(4, 0.12), .. OtherFaults.SelectMany(f => f.Tapered(4, 0.12))];
}
