using System.Globalization;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>What <see cref="SafeWriter"/> needs to know to make a product.</summary>
public sealed record SafeSpecification
{
    /// <summary>Highest DN that is a measurement; one more means saturated.</summary>
    public const ushort SaturatedValue = 65535;

    /// <summary>DN per unit of reflectance.</summary>
    public const double QuantificationValue = 10000;

    /// <summary>Sentinel-2A, Sentinel-2B or Sentinel-2C.</summary>
    public string Spacecraft { get; init; } = "Sentinel-2A";

    /// <summary>MGRS tile with its T.</summary>
    public required string Tile { get; init; }

    /// <summary>When the datatake began, UTC; whole seconds name the product.</summary>
    public required DateTimeOffset DatatakeStart { get; init; }

    /// <summary>Grid at 10 m; its sides must be multiples of 6 pixels, so that 20 m and 60 m pixels cover the same ground.</summary>
    public required RasterGrid Grid { get; init; }

    /// <summary>
    /// Processing baseline, NN.NN. Before 04.00: no radiometric offsets, masks as GML. From 04.00 on: offset -1000 in every band, masks as JPEG 2000.
    /// </summary>
    public string Baseline { get; init; } = "05.11";

    /// <summary>1 to 143.</summary>
    public int RelativeOrbit { get; init; } = 1;

    public int AbsoluteOrbit { get; init; } = 1;

    /// <summary>Which bands are written; the metadata list only these.</summary>
    public IReadOnlyList<SafeBand> Bands { get; init; } = SafeBand.All;

    /// <summary>Mean angle of the sun.</summary>
    public MeanAngle MeanSun { get; init; } = new(40, 150);

    /// <summary>Sun angles on the 5 km nodes; null for <see cref="MeanSun"/> everywhere.</summary>
    public AngleGrid? SunAngles { get; init; }

    /// <summary>Mean view angle, of all bands.</summary>
    public MeanAngle MeanView { get; init; } = new(5, 105);

    /// <summary>View angles of a band and detector on the 5 km nodes; null for <see cref="MeanView"/> wherever the detector looks.</summary>
    public Func<SafeBand, int, AngleGrid>? ViewAngles { get; init; }

    /// <summary>
    /// What each detector sees in a band; may overlap, and then the later one counts in a raster mask. By default detector 6 sees everything.
    /// </summary>
    public Func<SafeBand, IReadOnlyList<DetectorPolygon>>? Detectors { get; init; }

    /// <summary>The producer's cloud mask on the 60 m grid, <see cref="QualityClass"/> per pixel, or null for none; written only from 04.00 on.</summary>
    public Raster<byte>? QualityClasses { get; init; }

    /// <summary>Cloud cover to declare, per cent.</summary>
    public double CloudCoverPercent { get; init; }

    /// <summary>Whether the baseline has radiometric offsets and raster masks (04.00 and later).</summary>
    public bool HasRasterMasks => double.Parse(Baseline, CultureInfo.InvariantCulture) >= 4;

    /// <summary>RADIO_ADD_OFFSET of every band: -1000, or 0 before baseline 04.00.</summary>
    public int RadiometricOffset => HasRasterMasks ? -1000 : 0;

    /// <summary>The grid of a band.</summary>
    public RasterGrid GridOf(SafeBand band) => Grid with
    {
        PixelSizeMetres = band.ResolutionMetres,
        Width = Grid.Width * 10 / band.ResolutionMetres,
        Height = Grid.Height * 10 / band.ResolutionMetres,
    };

    /// <summary>The DN that stores a reflectance: at least 1, since 0 means no data, and below the saturated value.</summary>
    public ushort DigitalNumber(double reflectance) =>
        (ushort)Math.Clamp(Math.Round(reflectance * QuantificationValue - RadiometricOffset, MidpointRounding.AwayFromZero), 1, SaturatedValue - 1);

    internal IReadOnlyList<DetectorPolygon> DetectorsOf(SafeBand band)
    {
        if (Detectors is not null)
            return Detectors(band);
        double left = Grid.OriginX, top = Grid.OriginY, right = Grid.Easting(Grid.Width), bottom = Grid.Northing(Grid.Height);
        return [new DetectorPolygon(6, [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])];
    }

    internal void Check()
    {
        if (Grid.PixelSizeMetres != 10 || Grid.Width % 6 != 0 || Grid.Height % 6 != 0 || Grid.Width < 6 || Grid.Height < 6)
            throw new InputException($"A product cannot be written on the grid {Grid}: use 10 m pixels and sides that are multiples of 6 pixels.");
        if (!System.Text.RegularExpressions.Regex.IsMatch(Baseline, @"^\d{2}\.\d{2}$"))
            throw new InputException($"A product cannot have the processing baseline '{Baseline}': use the form 05.11.");
        if (!System.Text.RegularExpressions.Regex.IsMatch(Tile, @"^T\d{2}[A-Z]{3}$"))
            throw new InputException($"A product cannot have the tile '{Tile}': use the form T11SMV.");
        if (!System.Text.RegularExpressions.Regex.IsMatch(Spacecraft, "^Sentinel-2[A-Z]$"))
            throw new InputException($"A product cannot come from '{Spacecraft}': use Sentinel-2A, Sentinel-2B or Sentinel-2C.");
    }
}

/// <summary>Names of the files of a compact product, all made of the specification.</summary>
internal sealed class ProductNames
{
    public ProductNames(SafeSpecification s)
    {
        Craft = "S2" + s.Spacecraft[^1];
        // Real products are made some hours after sensing; a fixed delay keeps the bytes the same.
        string start = Stamp(s.DatatakeStart);
        Generation = s.DatatakeStart.AddHours(4);
        string centre = s.HasRasterMasks ? $"{Craft[1..]}PS" : "SGS_", made = Stamp(Generation), number = "N" + s.Baseline.Replace(".", "", StringComparison.Ordinal);
        string orbit = s.AbsoluteOrbit.ToString("000000", CultureInfo.InvariantCulture);
        Product = $"{Craft}_MSIL1C_{start}_{number}_R{s.RelativeOrbit:000}_{s.Tile}_{made}.SAFE";
        Datatake = $"G{Craft}_{start}_{orbit}_N{s.Baseline}";
        GranuleFolder = $"GRANULE/L1C_{s.Tile}_A{orbit}_{start}";
        GranuleIdentifier = $"{Craft}_OPER_MSI_L1C_TL_{centre}_{made}_A{orbit}_{s.Tile}_N{s.Baseline}";
        DatastripFolder = $"DATASTRIP/DS_{centre}_{made}_S{start}";
        DatastripIdentifier = $"{Craft}_OPER_MSI_L1C_DS_{centre}_{made}_S{start}_N{s.Baseline}";
        ImagePrefix = $"{GranuleFolder}/IMG_DATA/{s.Tile}_{start}_";
        MaskExtension = s.HasRasterMasks ? ".jp2" : ".gml";
    }

    public string Craft { get; }

    public DateTimeOffset Generation { get; }

    public string Product { get; }

    public string Datatake { get; }

    public string GranuleFolder { get; }

    public string GranuleIdentifier { get; }

    public string DatastripFolder { get; }

    public string DatastripIdentifier { get; }

    public string ImagePrefix { get; }

    public string MaskExtension { get; }

    public string Image(SafeBand band) => ImagePrefix + band.Name;

    public string Mask(string type, SafeBand? band) => $"{GranuleFolder}/QI_DATA/{type}_{band?.Name ?? "B00"}{MaskExtension}";

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
}
